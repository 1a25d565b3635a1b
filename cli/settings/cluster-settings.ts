import { join } from 'node:path';
import type { ClusterRandom } from '../../server/cluster/run-id.ts';
import type { Topology } from '../../server/cluster/topology.ts';
import { defaultDataDir } from '../../server/files/data-home.ts';
import type { NodeOptions } from '../../server/node/node-options.ts';
import { clusterPlanOf, type LogOptions } from '../../server/settings/cluster-plan.ts';
import { isEphemeral, networkOf } from '../../server/settings/node-settings.ts';
import { pathOf, refuseBlockedPort } from '../../server/settings/setting-values.ts';
import type { Environment, RawValues, Settings } from '../../server/settings/settings.ts';
import { CLUSTER_FLAGS } from './node-flags.ts';
import { openSettings } from './open-settings.ts';

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

/**
 * The options of a cluster's nodes, on ports that follow each other. A data folder that is given gets a folder for each
 * port. Throws `OptionError`.
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

/** The folder of each node below the given one; null if none was given. Throws `OptionError`. */
export function givenDataDirOf(settings: Settings): ((port: number) => string) | null {
  const given = settings.one('dataDir');
  if (given === undefined) return null;
  const folder = pathOf(given);
  return (port) => join(folder, String(port));
}
