import { join } from 'node:path';
import type { Network } from '../../consensus/genesis.ts';
import { type ClusterRandom, newRunId } from '../../server/cluster/run-id.ts';
import { siblingUrl } from '../../server/cluster/sibling-url.ts';
import { dialledPeers, TOPOLOGIES, type Topology } from '../../server/cluster/topology.ts';
import { defaultDataDir } from '../../server/files/data-home.ts';
import { LAST_PORT } from '../../server/http/ports.ts';
import type { NodeOptions } from '../../server/node/node-options.ts';
import { UsageError } from '../cli-errors.ts';
import { CLUSTER_FLAGS, type RawValues } from './node-flags.ts';
import {
  announceOf,
  askedToDiscover,
  commonOptionsOf,
  DEFAULT_PORT,
  isEphemeral,
  networkOf,
  refuseConflicts,
  withLabel,
} from './node-settings.ts';
import { oneOf, parsed, pathOf, refuseBlockedPort, wholeNumber } from './setting-values.ts';
import { type Environment, openSettings, type Settings } from './settings.ts';

const DEFAULT_NODES = 3;
const DEFAULT_TOPOLOGY: Topology = 'mesh';
/** Every node is a thread with a store and sockets of its own. */
const MAX_NODES = 64;

type LogOptions = Pick<NodeOptions, 'logLevel' | 'logFormat'>;

/** Options of a cluster: its nodes, each with its own port and folder. */
export interface ClusterOptions {
  readonly topology: Topology;
  readonly nodes: readonly NodeOptions[];
  /** Indexes of the nodes that each node stays connected to: only earlier ones. */
  readonly dials: readonly (readonly number[])[];
  /** Level and format of the log. */
  readonly log: LogOptions;
  /** Print only the URLs, as JSON. */
  readonly json: boolean;
}

/** A cluster whose ports are not chosen yet. */
export interface ClusterPlan {
  readonly topology: Topology;
  /** The requested first port. */
  readonly basePort: number;
  /** Number of nodes. */
  readonly count: number;
  /** As in `ClusterOptions`. */
  readonly dials: readonly (readonly number[])[];
  readonly log: LogOptions;
  /**
   * @param ports one for each node
   * @param dataDirOf absolute path of the data folder of a node that has a port; null: nothing is kept
   */
  nodesAt(ports: readonly number[], dataDirOf: (port: number) => string | null): NodeOptions[];
}

/**
 * The options of a cluster's nodes, on ports that follow each other. A data folder that is given gets a folder for each
 * port. Throws `UsageError`.
 */
export function parseClusterOptions(flags: RawValues, environment: Environment, random: ClusterRandom): ClusterOptions {
  const settings = openSettings(CLUSTER_FLAGS, flags, environment);
  const { topology, basePort, count, dials, log, nodesAt } = clusterPlanOf(settings, random);
  const ports = Array.from({ length: count }, (_, index) => basePort + index);
  for (const port of ports) refuseBlockedPort(settings.one('basePort')?.label ?? '--base-port', port);
  const network = networkOf(settings);
  const given = givenDataDirOf(settings);
  const dataDirOf = (port: number): string => given?.(port) ?? defaultDataDir(network, port, environment);
  const nodes = nodesAt(ports, isEphemeral(settings) ? () => null : dataDirOf);
  return { topology, nodes, dials, log, json: settings.on('json') };
}

/**
 * A cluster from settings that have been opened, which may hold more than those of a cluster. Its nodes find nobody but each
 * other unless discovery is asked for; with a topology other than a mesh not even each other, since that would connect
 * everybody to everybody. Throws `UsageError`.
 */
export function clusterPlanOf(settings: Settings, random: ClusterRandom): ClusterPlan {
  refuseConflicts(settings);
  const network: Network = networkOf(settings);
  const common = commonOptionsOf(settings, network);
  const count = parsed(settings, 'nodes', DEFAULT_NODES, wholeNumber(1, MAX_NODES));
  const basePort = parsed(settings, 'basePort', DEFAULT_PORT, wholeNumber(1, LAST_PORT + 1 - count));
  const topology = parsed(settings, 'topology', DEFAULT_TOPOLOGY, oneOf(TOPOLOGIES));
  const asked = askedToDiscover(settings);
  if (asked === true && topology !== 'mesh') {
    const [discovery, shape] = [settings.one('discovery')?.label, settings.one('topology')?.label];
    throw new UsageError(
      `${discovery} would connect every node to every other, which contradicts ${shape} ${topology}: give one`,
    );
  }
  const runId = asked === true ? null : newRunId(random);
  const announce = announceOf(settings);
  const dials = dialledPeers(topology, count, random);
  // An address that cannot stand in a URL is reported now, not by the nodes.
  withLabel('--host', () => siblingUrl({ host: common.host, port: basePort }));
  const nodesAt: ClusterPlan['nodesAt'] = (ports, dataDirOf) =>
    ports.map((port) => ({
      ...common,
      port,
      dataDir: dataDirOf(port),
      discovery: asked !== false && topology === 'mesh',
      runId,
      announce: announce && announcedOf(announce, port - (ports[0] ?? port)),
      name: `${common.name ?? 'node'}-${port}`,
    }));
  const { logLevel, logFormat } = common;
  return { topology, basePort, count, dials, log: { logLevel, logFormat }, nodesAt };
}

/** The folder of each node below the given one; null if none was given. Throws `UsageError`. */
export function givenDataDirOf(settings: Settings): ((port: number) => string) | null {
  const given = settings.one('dataDir');
  if (given === undefined) return null;
  const folder = pathOf(given);
  return (port) => join(folder, String(port));
}

/** The announced URL is that of the first node; the others announce ports with the same offsets as their listening ports. */
function announcedOf(first: string, distance: number): string {
  const [, origin = '', port = ''] = /^(.*):([0-9]+)$/.exec(first) ?? [];
  if (Number(port) + distance > LAST_PORT) {
    throw new UsageError(
      `--announce ${first} leaves no ports for the other nodes: those follow it, up to ${LAST_PORT}`,
    );
  }
  return `${origin}:${Number(port) + distance}`;
}
