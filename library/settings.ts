import { resolve } from 'node:path';
import type { ClusterRandom } from '../server/cluster/run-id.ts';
import type { NodeOptions } from '../server/node/node-options.ts';
import { OptionError } from '../server/process/expected-error.ts';
import { refuseOtherNetwork } from '../server/settings/accounts-network.ts';
import { clusterPlanOf } from '../server/settings/cluster-plan.ts';
import { isEphemeral, networkOf, nodeOptionsOf } from '../server/settings/node-settings.ts';
import { type RawValue, Settings } from '../server/settings/settings.ts';
import { ACCOUNT_LABELS, type FundedNetwork, readAccounts } from './accounts.ts';
import { NodeError } from './node-error.ts';
import type { CommonSettings, NetworkSettings, NodeSettings } from './types.ts';

/** Whether each setting takes one value or several; `accounts` stands for several settings. */
type Takes = 'one' | 'list' | 'accounts';
type Known<Given> = Readonly<Record<keyof Given, Takes>>;

const COMMON_SETTINGS: Known<CommonSettings> = {
  host: 'one',
  peer: 'list',
  discovery: 'one',
  noDiscovery: 'one',
  announce: 'one',
  dataDir: 'one',
  ephemeral: 'one',
  network: 'one',
  accounts: 'accounts',
  mine: 'one',
  miningThreads: 'one',
  hashrateLimit: 'one',
  minerAddress: 'one',
  stratum: 'one',
  verify: 'one',
  reindex: 'one',
  allowOrigin: 'list',
  allowHost: 'list',
  adminTokenFile: 'one',
  graphiql: 'one',
  deterministic: 'one',
  loadState: 'one',
  logRequests: 'one',
  logLevel: 'one',
  logFormat: 'one',
  name: 'one',
};

/** The flags of `forklore node` are the same but for `--config`. */
export const NODE_SETTINGS: Known<NodeSettings> = { port: 'one', ...COMMON_SETTINGS };

/** The flags of `forklore cluster` are the same but for `--config` and `--json`. */
export const NETWORK_SETTINGS: Known<NetworkSettings> = {
  nodes: 'one',
  topology: 'one',
  basePort: 'one',
  ...COMMON_SETTINGS,
};

/** What a test wants where it says nothing: alone, on any free port, nothing kept, and one thread so that many fit. */
const DEFAULTS: readonly [keyof CommonSettings, RawValue][] = [
  ['network', 'regtest'],
  ['ephemeral', true],
  ['noDiscovery', true],
  ['miningThreads', '1'],
];

/**
 * The options of a node from the settings of a program, as the command line would read them. Throws {@link NodeError}
 * `bad-option`.
 * @param caller function that was given the settings, for messages
 */
export function optionsOfNode(caller: string, given: NodeSettings): NodeOptions {
  return read(caller, () => {
    const { settings, network, payee } = settingsOf(NODE_SETTINGS, given, [['port', '0']]);
    const options = nodeOptionsOf(settings, process.env, network);
    return { ...options, minerAddress: options.minerAddress ?? payee };
  });
}

/** A network whose nodes have not been started. */
export interface NetworkPlan {
  readonly nodes: readonly NodeOptions[];
  /** Indexes of the nodes that each node connects to: only earlier ones. */
  readonly dials: readonly (readonly number[])[];
}

/** The options of several nodes, as {@link optionsOfNode}; a data folder gets a folder for each. */
export function planOfNetwork(caller: string, given: NetworkSettings, random: ClusterRandom): NetworkPlan {
  return read(caller, () => {
    const { settings, network, payee } = settingsOf(NETWORK_SETTINGS, given, []);
    const { basePort, count, dials, nodesAt } = clusterPlanOf(settings, random, network);
    const hasPorts = settings.one('basePort') !== undefined;
    const ports = Array.from({ length: count }, (_, index) => (hasPorts ? basePort + index : 0));
    const nodes = nodesAt(ports, () => null).map((options, index) => ({
      ...options,
      minerAddress: options.minerAddress ?? payee,
      dataDir: isEphemeral(settings) ? null : resolve(settings.one('dataDir')?.text ?? '', String(index)),
      name: `${given.name ?? 'node'}-${index}`,
    }));
    return { nodes, dials };
  });
}

/** What a program gives for its options. Throws {@link NodeError} `bad-option` for what is no object. */
export function objectOf<Given extends object>(caller: string, given: Given): Given {
  if (typeof given === 'object' && given !== null) return given;
  throw new NodeError('bad-option', `${caller}: the options must be an object such as { mine: 'on-transaction' }`);
}

function read<T>(caller: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new NodeError('bad-option', `${caller}: ${error.message}`);
  }
}

/** What a program says. */
interface Given extends FundedNetwork {
  readonly settings: Settings;
}

function settingsOf(
  known: Readonly<Record<string, Takes>>,
  given: object,
  defaults: readonly [string, RawValue][],
): Given {
  const values = new Map<string, RawValue>();
  let funded: FundedNetwork | undefined;
  for (const [key, value] of Object.entries(given)) {
    const takes = Object.hasOwn(known, key) ? known[key] : undefined;
    if (takes === undefined) {
      throw new OptionError(`there is no option "${key}"; there are ${Object.keys(known).join(', ')}`);
    }
    if (value === undefined) continue;
    if (takes !== 'accounts') {
      values.set(key, takes === 'list' ? listOf(key, value) : singleOf(key, value));
      continue;
    }
    const accounts = readAccounts(value);
    if (accounts.kind === 'funded') funded = accounts.funded;
    else for (const setting of accounts.settings) values.set(...setting);
  }
  if (values.get('ephemeral') === false && !values.has('dataDir')) {
    throw new OptionError('ephemeral: false needs dataDir, the folder in which the chain is kept');
  }
  // What the program says is stronger than what it leaves to us, also where one excludes the other.
  const label = (key: string): string => ACCOUNT_LABELS.get(key) ?? key;
  const settings = new Settings([
    { values, label },
    { values: new Map<string, RawValue>([...DEFAULTS, ...defaults]), label },
  ]);
  if (!funded) return { settings, network: networkOf(settings), payee: null };
  refuseOtherNetwork(settings, 'accounts.balances');
  return { settings, ...funded };
}

function listOf(key: string, value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((item) => typeof item === 'string')) return list;
  throw new OptionError(`${key} must be a string or a list of strings`);
}

function singleOf(key: string, value: unknown): RawValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return String(value);
  throw new OptionError(`${key} must be a string, a number, true or false`);
}
