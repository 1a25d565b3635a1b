import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { NetworkParams } from '../consensus/params.ts';
import type { Address } from '../consensus/transaction.ts';
import type { RandomSource } from '../protocol/time.ts';
import { UsageError } from './cli/cli-errors.ts';
import { defaultDataDir, parseNetwork, parseRecipient } from './cli/network-values.ts';
import { CLUSTER_FLAGS, NODE_FLAGS, type RawValues } from './cli/node-flags.ts';
import {
  DEFAULT_INTERVAL_MS,
  MAX_PORT,
  type MiningSchedule,
  parseHashrate,
  parseMiningSchedule,
  parseNodeName,
  parseOrigin,
} from './cli/option-values.ts';
import { allowedHostsOf, DEFAULT_HOST, hostOf, oneOf, parsed, pathOf, wholeNumber } from './cli/setting-values.ts';
import { type Environment, openSettings, type Setting, type Settings } from './cli/settings.ts';
import { dialledPeers, TOPOLOGIES, type Topology } from './cluster/topology.ts';
import { normalisePeerUrl, PeerUrlError } from './transport/peer-url.ts';

/** Of a node. */
export const DEFAULT_PORT = 5000;
const DEFAULT_NETWORK = 'lab';
const DEFAULT_CLUSTER_NODES = 3;
const DEFAULT_TOPOLOGY: Topology = 'mesh';
/** Every node is a thread with a store and sockets of its own. */
const MAX_CLUSTER_NODES = 64;
/** More threads than this are a typing error. */
const MAX_MINING_THREADS = 1_024;
/** More peers than this in one command are a mistake; discovery finds the others. */
const MAX_NAMED_PEERS = 64;
const NOT_MINING: MiningSchedule = { mode: 'off', intervalMs: DEFAULT_INTERVAL_MS };

const VERIFY_MODES = ['quick', 'full'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LOG_FORMATS = ['pretty', 'json'] as const;

/** Everything that a node is told at its start. All values are checked. */
export interface NodeOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly host: string;
  /** Canonical URLs of nodes to stay connected to. */
  readonly peers: readonly string[];
  /** Look for other nodes and let peers tell of theirs. */
  readonly discovery: boolean;
  /** Absolute path; null keeps everything in memory. */
  readonly dataDir: string | null;
  readonly network: NetworkParams;
  readonly mining: MiningSchedule;
  readonly miningThreads: number;
  /** Hashes per second of all threads together, 0 for no limit. */
  readonly hashrateLimit: number;
  /** Who is paid for blocks; null when nobody was named. */
  readonly minerAddress: Address | null;
  /** Check of the stored chain at start. */
  readonly verify: (typeof VERIFY_MODES)[number];
  readonly reindex: boolean;
  /** Web origins that may use the API besides loopback. */
  readonly allowedOrigins: readonly string[];
  /** Host names, in lower case, that the node may be called by besides loopback. */
  readonly allowedHosts: readonly string[];
  /** Absolute path; null for the default place. */
  readonly adminTokenFile: string | null;
  /** Serve the playground even when the node is not bound to loopback. */
  readonly graphiql: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: (typeof LOG_FORMATS)[number];
  /** Null when none was given. */
  readonly name: string | null;
}

/** What a cluster is told at its start: its nodes, with ports, folders and peers of their own. */
export interface ClusterOptions {
  readonly topology: Topology;
  /** Each dials only nodes before it. */
  readonly nodes: readonly NodeOptions[];
}

/** What `forklore verify` needs to know. */
export interface VerifyOptions {
  /** Absolute path. */
  readonly dataDir: string;
  readonly network: NetworkParams;
}

/**
 * The options of a node from flags, `FORKLORE_*` variables, a configuration file and defaults, in this order of
 * strength. Throws `UsageError`.
 */
export function parseNodeOptions(flags: RawValues, environment: Environment): NodeOptions {
  const settings = openSettings(NODE_FLAGS, flags, environment);
  refuseConflicts(settings);
  const network = networkOf(settings);
  const port = portOf(settings);
  const dataDir = isEphemeral(settings) ? null : dataDirOf(settings, environment, network, port);
  return { ...commonOptionsOf(settings, network), port, dataDir };
}

/**
 * The options of a cluster's nodes. A data folder that is given gets a folder for each port; a topology other than a
 * mesh turns discovery off, which would connect everybody to everybody. Throws `UsageError`.
 */
export function parseClusterOptions(flags: RawValues, environment: Environment, random: RandomSource): ClusterOptions {
  return clusterOptionsOf(openSettings(CLUSTER_FLAGS, flags, environment), environment, random);
}

/** The same from settings that have been opened, which may hold more than those of a cluster. Throws `UsageError`. */
export function clusterOptionsOf(settings: Settings, environment: Environment, random: RandomSource): ClusterOptions {
  refuseConflicts(settings);
  const network = networkOf(settings);
  const common = commonOptionsOf(settings, network);
  const count = parsed(settings, 'nodes', DEFAULT_CLUSTER_NODES, wholeNumber(1, MAX_CLUSTER_NODES));
  const basePort = parsed(settings, 'basePort', DEFAULT_PORT, wholeNumber(1, MAX_PORT + 1 - count));
  const topology = parsed(settings, 'topology', DEFAULT_TOPOLOGY, oneOf(TOPOLOGIES));
  const given = settings.one('dataDir');
  const nodes = dialledPeers(topology, count, random).map((dialled, index): NodeOptions => {
    const port = basePort + index;
    const dataDir = given ? join(pathOf(given), String(port)) : defaultDataDir(network, port, environment);
    return {
      ...common,
      port,
      dataDir: isEphemeral(settings) ? null : dataDir,
      peers: [...common.peers, ...dialled.map((peer) => localUrl(common.host, basePort + peer))],
      discovery: common.discovery && topology === 'mesh',
      name: `${common.name ?? 'node'}-${port}`,
    };
  });
  return { topology, nodes };
}

/** The folder to verify, from the same sources as a node's. Throws `UsageError`. */
export function parseVerifyOptions(flags: RawValues, environment: Environment): VerifyOptions {
  const settings = openSettings(NODE_FLAGS, flags, environment);
  const network = networkOf(settings);
  return { network, dataDir: dataDirOf(settings, environment, network, portOf(settings)) };
}

function commonOptionsOf(settings: Settings, network: NetworkParams): Omit<NodeOptions, 'port' | 'dataDir'> {
  return {
    network,
    host: hostOf(settings),
    peers: peersOf(settings),
    discovery: !settings.on('noDiscovery'),
    mining: parsed(settings, 'mine', NOT_MINING, miningOf),
    miningThreads: parsed(settings, 'miningThreads', defaultMiningThreads(), wholeNumber(1, MAX_MINING_THREADS)),
    hashrateLimit: parsed(settings, 'hashrateLimit', 0, ({ label, text }) => parseHashrate(label, text)),
    minerAddress: parsed<Address | null>(settings, 'minerAddress', null, (given) => parseRecipient(given, network)),
    verify: parsed(settings, 'verify', 'quick', oneOf(VERIFY_MODES)),
    reindex: settings.on('reindex'),
    allowedOrigins: settings.many('allowOrigin').map(({ label, text }) => parseOrigin(label, text)),
    allowedHosts: allowedHostsOf(settings),
    adminTokenFile: parsed<string | null>(settings, 'adminTokenFile', null, pathOf),
    graphiql: settings.on('graphiql'),
    logLevel: parsed(settings, 'logLevel', 'info', oneOf(LOG_LEVELS)),
    logFormat: parsed(settings, 'logFormat', 'pretty', oneOf(LOG_FORMATS)),
    name: parsed<string | null>(settings, 'name', null, ({ label, text }) => parseNodeName(label, text)),
  };
}

function refuseConflicts(settings: Settings): void {
  if (!settings.on('ephemeral')) return;
  const ephemeral = settings.one('ephemeral')?.label;
  const dataDir = settings.one('dataDir')?.label;
  if (dataDir !== undefined && settings.rank('dataDir') === settings.rank('ephemeral')) {
    throw new UsageError(`${ephemeral} and ${dataDir} exclude each other: give one of them`);
  }
  if (isEphemeral(settings) && settings.on('reindex')) {
    throw new UsageError(`${settings.one('reindex')?.label} needs stored blocks: leave out ${ephemeral}`);
  }
}

/** A data folder that a stronger source names (a flag over a variable) overrides `ephemeral`. */
function isEphemeral(settings: Settings): boolean {
  if (!settings.on('ephemeral')) return false;
  return settings.rank('dataDir') === -1 || settings.rank('dataDir') > settings.rank('ephemeral');
}

function dataDirOf(settings: Settings, environment: Environment, network: NetworkParams, port: number): string {
  return parsed(settings, 'dataDir', defaultDataDir(network, port, environment), pathOf);
}

function networkOf(settings: Settings): NetworkParams {
  return parseNetwork(settings.one('network') ?? { label: '--network', text: DEFAULT_NETWORK });
}

function portOf(settings: Settings): number {
  return parsed(settings, 'port', DEFAULT_PORT, wholeNumber(0, MAX_PORT));
}

function peersOf(settings: Settings): string[] {
  const given = settings.many('peer');
  const [first] = given;
  if (first !== undefined && given.length > MAX_NAMED_PEERS) {
    throw new UsageError(`${first.label} names ${given.length} peers; at most ${MAX_NAMED_PEERS} are allowed`);
  }
  return [...new Set(given.map(peerOf))];
}

function peerOf({ label, text }: Setting): string {
  try {
    return normalisePeerUrl(text);
  } catch (error) {
    throw error instanceof PeerUrlError ? new UsageError(`${label} ${error.message}`) : error;
  }
}

/** Nodes that listen on every interface are on loopback too. */
function localUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? DEFAULT_HOST : host;
  return normalisePeerUrl(`http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`);
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
