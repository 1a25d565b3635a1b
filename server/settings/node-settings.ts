import { availableParallelism } from 'node:os';
import type { Address } from '../../consensus/address.ts';
import type { Network } from '../../consensus/genesis.ts';
import { LAB } from '../../consensus/networks.ts';
import { defaultDataDir } from '../files/data-home.ts';
import {
  LOG_FORMATS,
  LOG_LEVELS,
  type MiningSchedule,
  type NodeOptions,
  type StateSource,
  type StratumPlace,
  VERIFY_MODES,
} from '../node/node-options.ts';
import { OptionError } from '../process/expected-error.ts';
import { accountsNetworkOf } from './accounts-network.ts';
import { parseNetwork, parseRecipient } from './network-values.ts';
import {
  DEFAULT_INTERVAL_MS,
  parseHashrate,
  parseMiningSchedule,
  parseNodeName,
  parseOrigin,
} from './option-values.ts';
import { parseCanonicalUrl, parsePeerUrl } from './peer-url-value.ts';
import { allowedHostsOf, hostOf, listenPort, oneOf, parsed, pathOf, wholeNumber } from './setting-values.ts';
import type { Environment, Setting, Settings } from './settings.ts';
import { parseStratumPlace } from './stratum-place.ts';

/** Of a node. */
export const DEFAULT_PORT = 5000;
const DEFAULT_NETWORK = 'lab';
/** Maximum number of threads; more is a typing error. */
const MAX_MINING_THREADS = 1_024;
/** Maximum number of named peers; discovery finds others. */
const MAX_NAMED_PEERS = 64;
const DEFAULT_SEED = '0';
const MAX_SEED_CHARS = 100;
const NOT_MINING: MiningSchedule = { mode: 'off', intervalMs: DEFAULT_INTERVAL_MS };

/**
 * The options of one node. Throws `OptionError`.
 * @param environment names the home of data folders that are not given
 * @param network default: the one that the settings name
 */
export function nodeOptionsOf(
  settings: Settings,
  environment: Environment,
  network: Network = networkOf(settings),
): NodeOptions {
  refuseConflicts(settings);
  const port = portOf(settings);
  const dataDir = isEphemeral(settings) ? null : dataDirOf(settings, environment, network, port);
  // Test networks stay isolated, so that two of them do not merge; so do ephemeral nodes.
  const discovery = askedToDiscover(settings) ?? (network === LAB && dataDir !== null);
  const announce = announceOf(settings);
  return { ...commonOptionsOf(settings, network), port, dataDir, discovery, runId: null, announce };
}

/** Options that all nodes of a command share. */
export type CommonOptions = Omit<NodeOptions, 'port' | 'dataDir' | 'discovery' | 'runId' | 'announce'>;

/** Throws `OptionError`. */
export function commonOptionsOf(settings: Settings, network: Network): CommonOptions {
  return {
    network,
    host: hostOf(settings),
    peers: peersOf(settings),
    mining: parsed(settings, 'mine', NOT_MINING, miningOf),
    miningThreads: parsed(settings, 'miningThreads', defaultMiningThreads(), wholeNumber(1, MAX_MINING_THREADS)),
    hashrateLimit: parsed(settings, 'hashrateLimit', 0, ({ label, text }) => parseHashrate(label, text)),
    stratum: parsed<StratumPlace | null>(settings, 'stratum', null, parseStratumPlace),
    minerAddress: parsed<Address | null>(settings, 'minerAddress', null, (given) => parseRecipient(given, network)),
    verify: parsed(settings, 'verify', 'quick', oneOf(VERIFY_MODES)),
    reindex: settings.on('reindex'),
    allowedOrigins: settings.many('allowOrigin').map(({ label, text }) => parseOrigin(label, text)),
    allowedHosts: allowedHostsOf(settings),
    adminTokenFile: parsed<string | null>(settings, 'adminTokenFile', null, pathOf),
    graphiql: settings.on('graphiql'),
    deterministic: deterministicOf(settings, network),
    loadState: parsed<StateSource | null>(settings, 'loadState', null, (given) => ({
      path: pathOf(given),
      index: 0,
      count: 1,
    })),
    logRequests: settings.on('logRequests'),
    logLevel: parsed(settings, 'logLevel', 'info', oneOf(LOG_LEVELS)),
    logFormat: parsed(settings, 'logFormat', 'pretty', oneOf(LOG_FORMATS)),
    name: parsed<string | null>(settings, 'name', null, ({ label, text }) => parseNodeName(label, text)),
  };
}

/**
 * Whether the user wants discovery; null: not given. Flags take precedence over variables, and those over the file. Throws
 * `OptionError`.
 */
export function askedToDiscover(settings: Settings): boolean | null {
  const [yes, no] = [settings.one('discovery'), settings.one('noDiscovery')];
  if (yes && no && settings.rank('discovery') === settings.rank('noDiscovery')) {
    throw new OptionError(`${yes.label} and ${no.label} exclude each other: give one of them`);
  }
  const isYesStronger = !no || (yes && settings.rank('discovery') < settings.rank('noDiscovery'));
  if (isYesStronger) return yes ? settings.on('discovery') : null;
  // `FORKLORE_NO_DISCOVERY=false` does not ask for discovery either.
  return settings.on('noDiscovery') ? false : null;
}

/** Throws `OptionError` if the user asks both for a folder and for none. */
export function refuseConflicts(settings: Settings): void {
  if (!settings.on('ephemeral')) return;
  const ephemeral = settings.one('ephemeral')?.label;
  const dataDir = settings.one('dataDir')?.label;
  if (dataDir !== undefined && settings.rank('dataDir') === settings.rank('ephemeral')) {
    throw new OptionError(`${ephemeral} and ${dataDir} exclude each other: give one of them`);
  }
  if (isEphemeral(settings) && settings.on('reindex')) {
    throw new OptionError(`${settings.one('reindex')?.label} needs stored blocks: leave out ${ephemeral}`);
  }
}

/** A data folder that a stronger source names (a flag over a variable) overrides `ephemeral`. */
export function isEphemeral(settings: Settings): boolean {
  if (!settings.on('ephemeral')) return false;
  return settings.rank('dataDir') === -1 || settings.rank('dataDir') > settings.rank('ephemeral');
}

/** The folder that keeps the chain. Throws `OptionError`. */
export function dataDirOf(settings: Settings, environment: Environment, network: Network, port: number): string {
  const given = settings.one('dataDir');
  return given ? pathOf(given) : defaultDataDir(network, port, environment);
}

/** Throws `OptionError`. */
export function networkOf(settings: Settings): Network {
  return (
    accountsNetworkOf(settings) ??
    parseNetwork(settings.one('network') ?? { label: '--network', text: DEFAULT_NETWORK })
  );
}

/** The announced URL of the node, or of the first of several; null: not given. Throws `OptionError`. */
export function announceOf(settings: Settings): string | null {
  return parsed<string | null>(settings, 'announce', null, parseCanonicalUrl);
}

/** Throws `OptionError`. */
export function portOf(settings: Settings): number {
  return parsed(settings, 'port', DEFAULT_PORT, listenPort);
}

function peersOf(settings: Settings): string[] {
  const given = settings.many('peer');
  const [first] = given;
  if (first !== undefined && given.length > MAX_NAMED_PEERS) {
    throw new OptionError(`${first.label} names ${given.length} peers; at most ${MAX_NAMED_PEERS} are allowed`);
  }
  return [...new Set(given.map(parsePeerUrl))];
}

/** A bare `--deterministic` has a seed of its own. */
function deterministicOf(settings: Settings, network: Network): string | null {
  const given = settings.one('deterministic');
  if (!given || given.text === 'false') return null;
  if (!network.controls)
    throw new OptionError(
      `${given.label} needs a network with development controls, such as regtest, not ${network.name}`,
    );
  if (given.text === '' || given.text.length > MAX_SEED_CHARS)
    throw new OptionError(`${given.label} must be a seed of 1 to ${MAX_SEED_CHARS} characters`);
  return given.text === 'true' ? DEFAULT_SEED : given.text;
}

/** A bare `--mine`, and `true` and `false` in the other sources, mean a mode. */
function miningOf({ label, text }: Setting): MiningSchedule {
  if (text === 'true' || text === '1') return parseMiningSchedule(label, 'continuous');
  return parseMiningSchedule(label, text === 'false' || text === '0' ? 'off' : text);
}

/** One core is left to the node itself. */
function defaultMiningThreads(): number {
  return Math.max(1, availableParallelism() - 1);
}
