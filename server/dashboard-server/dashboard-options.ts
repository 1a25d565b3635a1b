import type { RandomSource } from '../../protocol/time.ts';
import { UsageError } from '../cli/cli-errors.ts';
import { DASHBOARD_FLAGS, type RawValues, START_FLAGS } from '../cli/node-flags.ts';
import { DEFAULT_INTERVAL_MS, MAX_PORT, type MiningSchedule, parseNodeUrl } from '../cli/option-values.ts';
import { allowedHostsOf, DEFAULT_HOST, hostOf, parsed, wholeNumber } from '../cli/setting-values.ts';
import { type Environment, openSettings, type Settings } from '../cli/settings.ts';
import { type ClusterOptions, clusterOptionsOf, DEFAULT_PORT, type NodeOptions } from '../config.ts';
import { reachableUrl } from '../http/listen.ts';

const DEFAULT_DASHBOARD_PORT = 8000;
/** More nodes than this on one page are a mistake. */
const MAX_SHOWN_NODES = 64;
/** How the nodes of a demonstration mine: different enough to see, and so little that a laptop stays cool. */
const DEMONSTRATION_MINING: MiningSchedule = { mode: 'continuous', intervalMs: DEFAULT_INTERVAL_MS };
const DEMONSTRATION_THREADS = 1;
/** Hashes per second of the first node, the second, and so on, and again from the first. */
const DEMONSTRATION_HASHRATES = [120_000, 180_000, 240_000] as const;

/** What the dashboard's server is told at its start. */
export interface DashboardOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly host: string;
  /** Host names, in lower case, that the server may be called by besides loopback and its own. */
  readonly allowedHosts: readonly string[];
  /** Base URLs of the nodes to show. */
  readonly nodes: readonly string[];
}

/** What a demonstration is told at its start: nodes, and a dashboard that shows them all. */
export interface StartOptions {
  readonly cluster: ClusterOptions;
  readonly dashboard: DashboardOptions;
}

/** The options of the dashboard's server, from the same sources as a node's. Throws `UsageError`. */
export function parseDashboardOptions(flags: RawValues, environment: Environment): DashboardOptions {
  const settings = openSettings(DASHBOARD_FLAGS, flags, environment);
  return {
    port: parsed(settings, 'port', DEFAULT_DASHBOARD_PORT, wholeNumber(0, MAX_PORT)),
    host: hostOf(settings),
    allowedHosts: allowedHostsOf(settings),
    nodes: shownNodesOf(settings),
  };
}

/**
 * The options of a demonstration: those of a cluster whose nodes mine unless told otherwise, and of a dashboard that
 * listens where they do. Throws `UsageError`.
 */
export function parseStartOptions(flags: RawValues, environment: Environment, random: RandomSource): StartOptions {
  const settings = openSettings(START_FLAGS, flags, environment);
  const { topology, nodes } = clusterOptionsOf(settings, environment, random);
  const port = parsed(settings, 'dashboardPort', DEFAULT_DASHBOARD_PORT, wholeNumber(0, MAX_PORT));
  if (nodes.some((node) => node.port === port)) {
    throw new UsageError(`port ${port} would be the dashboard's and a node's: change --dashboard-port or --base-port`);
  }
  const host = hostOf(settings);
  return {
    cluster: { topology, nodes: nodes.map((node, index) => demonstrating(node, index, settings)) },
    dashboard: {
      port,
      host,
      allowedHosts: allowedHostsOf(settings),
      nodes: nodes.map((node) => reachableUrl(host, node.port)),
    },
  };
}

/** What the user says is for every node; the rest is the demonstration's, which leaves nothing behind. */
function demonstrating(node: NodeOptions, index: number, settings: Settings): NodeOptions {
  const isGiven = (key: string) => settings.one(key) !== undefined;
  const hashrateLimit = DEMONSTRATION_HASHRATES[index % DEMONSTRATION_HASHRATES.length];
  if (!isGiven('dataDir') && settings.on('reindex')) {
    throw new UsageError(`${settings.one('reindex')?.label} needs stored blocks: name their folder with --data-dir`);
  }
  return {
    ...node,
    dataDir: isGiven('dataDir') ? node.dataDir : null,
    mining: isGiven('mine') ? node.mining : DEMONSTRATION_MINING,
    miningThreads: isGiven('miningThreads') ? node.miningThreads : DEMONSTRATION_THREADS,
    hashrateLimit: isGiven('hashrateLimit') ? node.hashrateLimit : (hashrateLimit ?? node.hashrateLimit),
  };
}

function shownNodesOf(settings: Settings): string[] {
  const given = settings.many('node');
  const [first] = given;
  if (first === undefined) return [reachableUrl(DEFAULT_HOST, DEFAULT_PORT)];
  if (given.length > MAX_SHOWN_NODES) {
    throw new UsageError(`${first.label} names ${given.length} nodes; at most ${MAX_SHOWN_NODES} are allowed`);
  }
  return [...new Set(given.map(({ label, text }) => parseNodeUrl(label, text)))];
}
