import type { Address } from '../../consensus/address.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { ClusterRandom } from '../../server/cluster/run-id.ts';
import type { Topology } from '../../server/cluster/topology.ts';
import type { DashboardServerOptions, ShownNode } from '../../server/dashboard-server/dashboard-server.ts';
import { reachableUrl } from '../../server/http/listen.ts';
import type { MiningSchedule, NodeOptions } from '../../server/node/node-options.ts';
import { OptionError } from '../../server/process/expected-error.ts';
import { clusterPlanOf } from '../../server/settings/cluster-plan.ts';
import { DEFAULT_PORT, isEphemeral } from '../../server/settings/node-settings.ts';
import { DEFAULT_INTERVAL_MS } from '../../server/settings/option-values.ts';
import { allowedHostsOf, DEFAULT_HOST, hostOf, listenPort, parsed } from '../../server/settings/setting-values.ts';
import type { Environment, RawValues, Settings } from '../../server/settings/settings.ts';
import { givenDataDirOf } from './cluster-settings.ts';
import { DASHBOARD_FLAGS, START_FLAGS } from './node-flags.ts';
import { parseNodeToAsk } from './node-to-ask.ts';
import { openSettings } from './open-settings.ts';

const DEFAULT_DASHBOARD_PORT = 8000;
/** Maximum number of nodes on one page. */
const MAX_SHOWN_NODES = 64;
/** Mining defaults of a demonstration: visibly different per node, and light enough for a laptop. */
const DEMONSTRATION_MINING: MiningSchedule = { mode: 'continuous', intervalMs: DEFAULT_INTERVAL_MS };
const DEMONSTRATION_THREADS = 1;
/** Hashes per second of the first node, the second, and so on, and again from the first. */
const DEMONSTRATION_HASHRATES = [120_000, 180_000, 240_000] as const;

/** Options of the dashboard's server, without the folder of its files. */
export type DashboardOptions = Omit<DashboardServerOptions, 'folder'>;

/** Options of a demonstration: nodes, whose ports are not chosen yet, and a dashboard that shows them. */
export interface StartOptions {
  readonly topology: Topology;
  /** The first port to try for a node. */
  readonly basePort: number;
  /** Number of nodes. */
  readonly count: number;
  /** Indexes of the nodes that each node stays connected to. */
  readonly dials: readonly (readonly number[])[];
  /** Level and format of the log. */
  readonly log: Pick<NodeOptions, 'logLevel' | 'logFormat'>;
  /** @param ports one for each node */
  nodesAt(ports: readonly number[]): NodeOptions[];
  readonly dashboard: Omit<DashboardOptions, 'nodes'>;
  /** Whether the user chose the port of the dashboard, so that no other may be used. */
  readonly isDashboardPortGiven: boolean;
  /** Print only the URLs, as JSON. */
  readonly json: boolean;
  /** Print a line per block instead of the logs of the nodes. */
  readonly blockLines: boolean;
}

/** The options of the dashboard's server, from the same sources as a node's. Throws `OptionError`. */
export function parseDashboardOptions(flags: RawValues, environment: Environment): DashboardOptions {
  const settings = openSettings(DASHBOARD_FLAGS, flags, environment);
  return {
    port: parsed(settings, 'port', DEFAULT_DASHBOARD_PORT, listenPort),
    host: hostOf(settings),
    allowedHosts: allowedHostsOf(settings),
    nodes: shownNodesOf(settings),
  };
}

/**
 * The options of a demonstration: those of a cluster whose nodes mine by default, and of a dashboard on the
 * same host. Throws `OptionError`.
 */
export function parseStartOptions(flags: RawValues, environment: Environment, random: ClusterRandom): StartOptions {
  const settings = openSettings(START_FLAGS, flags, environment);
  const { topology, basePort, count, dials, log, nodesAt } = clusterPlanOf(settings, random);
  const given = givenDataDirOf(settings);
  if (given === null && settings.on('reindex')) {
    throw new OptionError(`${settings.one('reindex')?.label} needs stored blocks: name their folder with --data-dir`);
  }
  const dataDirOf = given === null || isEphemeral(settings) ? () => null : given;
  const json = settings.on('json');
  const isQuiet = settings.one('logLevel') === undefined && log.logFormat === 'pretty';
  return {
    topology,
    basePort,
    count,
    dials,
    log,
    nodesAt: (ports) =>
      nodesAt(ports, dataDirOf).map((node, index) => ({
        ...demonstrating(node, index, settings),
        logLevel: isQuiet ? 'warn' : node.logLevel,
      })),
    dashboard: {
      port: parsed(settings, 'dashboardPort', DEFAULT_DASHBOARD_PORT, listenPort),
      host: hostOf(settings),
      allowedHosts: allowedHostsOf(settings),
    },
    isDashboardPortGiven: settings.one('dashboardPort') !== undefined,
    json,
    blockLines: isQuiet && !json,
  };
}

/** How they mine where work costs nothing, and only the clock sets a pace: different intervals, a block every eight seconds. */
const DEMONSTRATION_INTERVALS_MS = [20_000, 25_000, 31_000] as const;

/** Settings of the user apply to every node; the rest are defaults of the demonstration. */
function demonstrating(node: NodeOptions, index: number, settings: Settings): NodeOptions {
  const isGiven = (key: string) => settings.one(key) !== undefined;
  const hashrateLimit = DEMONSTRATION_HASHRATES[index % DEMONSTRATION_HASHRATES.length];
  return {
    ...node,
    minerAddress: node.minerAddress ?? minerAddressAt(node, index),
    mining: isGiven('mine') ? node.mining : miningAt(node, index),
    miningThreads: isGiven('miningThreads') ? node.miningThreads : DEMONSTRATION_THREADS,
    hashrateLimit: isGiven('hashrateLimit') ? node.hashrateLimit : (hashrateLimit ?? node.hashrateLimit),
  };
}

/** A development account of its own for each node, so that the shares of the miners can be told apart; null where there are none. */
function minerAddressAt({ network }: NodeOptions, index: number): Address | null {
  const accounts = network.developmentAccounts?.accounts;
  if (!accounts) return null;
  // From the end: lessons and examples begin with Alice and Bob.
  return accounts.at(-1 - (index % accounts.length))?.address ?? null;
}

function miningAt({ network }: NodeOptions, index: number): MiningSchedule {
  const intervalMs = DEMONSTRATION_INTERVALS_MS[index % DEMONSTRATION_INTERVALS_MS.length];
  const isWorkFree = network.genesisBits === REGTEST.genesisBits && !network.retarget;
  return isWorkFree && intervalMs !== undefined ? { mode: 'interval', intervalMs } : DEMONSTRATION_MINING;
}

function shownNodesOf(settings: Settings): ShownNode[] {
  const given = settings.many('node');
  const [first] = given;
  if (first === undefined) return [{ url: reachableUrl(DEFAULT_HOST, DEFAULT_PORT), announce: null }];
  if (given.length > MAX_SHOWN_NODES) {
    throw new OptionError(`${first.label} names ${given.length} nodes; at most ${MAX_SHOWN_NODES} are allowed`);
  }
  const urls = new Set(given.map(({ label, text }) => parseNodeToAsk(label, text)));
  return [...urls].map((url) => ({ url, announce: null }));
}
