import type { Network } from '../../consensus/genesis.ts';
import { type ClusterRandom, newRunId } from '../cluster/run-id.ts';
import { siblingUrl } from '../cluster/sibling-url.ts';
import { dialledPeers, TOPOLOGIES, type Topology } from '../cluster/topology.ts';
import { LAST_PORT } from '../http/ports.ts';
import type { NodeOptions, StratumPlace } from '../node/node-options.ts';
import { OptionError } from '../process/expected-error.ts';
import {
  announceOf,
  askedToDiscover,
  commonOptionsOf,
  DEFAULT_PORT,
  networkOf,
  refuseConflicts,
} from './node-settings.ts';
import { withLabel } from './peer-url-value.ts';
import { oneOf, parsed, wholeNumber } from './setting-values.ts';
import type { Settings } from './settings.ts';

const DEFAULT_NODES = 3;
const DEFAULT_TOPOLOGY: Topology = 'mesh';
/** Every node is a thread with a store and sockets of its own. */
const MAX_NODES = 64;

export type LogOptions = Pick<NodeOptions, 'logLevel' | 'logFormat'>;

/** A cluster whose ports are not chosen yet. */
export interface ClusterPlan {
  readonly topology: Topology;
  /** The requested first port. */
  readonly basePort: number;
  /** Number of nodes. */
  readonly count: number;
  /** Indexes of the nodes that each node stays connected to: only earlier ones. */
  readonly dials: readonly (readonly number[])[];
  readonly log: LogOptions;
  /**
   * @param ports one for each node
   * @param dataDirOf absolute path of the data folder of a node that has a port; null: nothing is kept
   */
  nodesAt(ports: readonly number[], dataDirOf: (port: number) => string | null): NodeOptions[];
}

/**
 * A cluster from settings that have been opened, which may hold more than those of a cluster. Its nodes find nobody but each
 * other unless discovery is asked for; with a topology other than a mesh not even each other, since that would connect
 * everybody to everybody. Throws `OptionError`.
 * @param network default: the one that the settings name
 */
export function clusterPlanOf(
  settings: Settings,
  random: ClusterRandom,
  network: Network = networkOf(settings),
): ClusterPlan {
  refuseConflicts(settings);
  const common = commonOptionsOf(settings, network);
  const count = parsed(settings, 'nodes', DEFAULT_NODES, wholeNumber(1, MAX_NODES));
  const basePort = parsed(settings, 'basePort', DEFAULT_PORT, wholeNumber(1, LAST_PORT + 1 - count));
  const topology = parsed(settings, 'topology', DEFAULT_TOPOLOGY, oneOf(TOPOLOGIES));
  const asked = askedToDiscover(settings);
  if (asked === true && topology !== 'mesh') {
    const [discovery, shape] = [settings.one('discovery')?.label, settings.one('topology')?.label];
    throw new OptionError(
      `${discovery} would connect every node to every other, which contradicts ${shape} ${topology}: give one`,
    );
  }
  const runId = asked === true ? null : newRunId(random);
  const announce = announceOf(settings);
  const dials = dialledPeers(topology, count, random);
  // An address that cannot stand in a URL is reported now, not by the nodes.
  withLabel(settings.one('host')?.label ?? '--host', () => siblingUrl({ host: common.host, port: basePort }));
  const nodesAt: ClusterPlan['nodesAt'] = (ports, dataDirOf) =>
    ports.map((port, index) => ({
      ...common,
      // Nodes with the same random numbers would take each other for themselves.
      deterministic: common.deterministic && `${common.deterministic}/${index}`,
      loadState: common.loadState && { ...common.loadState, index, count },
      port,
      dataDir: dataDirOf(port),
      discovery: asked !== false && topology === 'mesh',
      runId,
      stratum: common.stratum && stratumOf(common.stratum, index, settings),
      announce: announce && announcedOf(announce, port - (ports[0] ?? port), settings),
      name: `${common.name ?? 'node'}-${port}`,
    }));
  const { logLevel, logFormat } = common;
  return { topology, basePort, count, dials, log: { logLevel, logFormat }, nodesAt };
}

/** Mining programs connect to the first node at the port that was given, and to the others at the following ports. */
function stratumOf(first: StratumPlace, index: number, settings: Settings): StratumPlace {
  const port = first.port === 0 ? 0 : first.port + index;
  if (port <= LAST_PORT) return { ...first, port };
  throw new OptionError(
    `${settings.one('stratum')?.label} ${first.port} leaves no ports for the other nodes: those follow it, up to ${LAST_PORT}`,
  );
}

/**
 * The announced URL is that of the first node; the others announce ports with the same offsets as their listening ports.
 * A base path is refused: behind one proxy, nodes differ by it and not by their ports.
 */
function announcedOf(first: string, distance: number, settings: Settings): string {
  const [, origin = '', port = '', path] = /^(.*):([0-9]+)(\/.*)?$/.exec(first) ?? [];
  if (path !== undefined) {
    throw new OptionError(
      `${settings.one('announce')?.label} ${first} holds a base path, which the nodes would share; run each of them by: forklore node`,
    );
  }
  if (Number(port) + distance > LAST_PORT) {
    throw new OptionError(
      `${settings.one('announce')?.label} ${first} leaves no ports for the other nodes: those follow it, up to ${LAST_PORT}`,
    );
  }
  return `${origin}:${Number(port) + distance}`;
}
