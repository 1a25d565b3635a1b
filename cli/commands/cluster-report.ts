import type { ClusterRow, NodeEnd } from '../../server/cluster/cluster-messages.ts';
import type { NodesToRun } from '../../server/cluster/run-nodes.ts';
import type { NodeOptions } from '../../server/node/node-options.ts';
import { EXIT_CODES } from '../cli-errors.ts';
import { listedAccounts } from '../output/listed-accounts.ts';
import { type Listening, type ProgramVoice, portOf } from '../program-voice.ts';

/** Flag that chooses the ports of several nodes. */
export const BASE_PORT_FLAG = '--base-port';
/** What is said when the program is told to stop. */
export const STOPPING = 'Stopping; press Ctrl-C again to force.';

/** Where a node is that runs, for programs. */
export function placeOf({ name, url }: ClusterRow): object {
  return { name, url, graphqlUrl: `${url}/graphql`, port: portOf(url) };
}

/** What `--json` prints: one line. */
export function printPlaces(places: object): void {
  process.stdout.write(`${JSON.stringify(places)}\n`);
}

/** The nodes of one network that run, as the program's voice reports them. */
export function listeningOf(running: readonly ClusterRow[], [node]: readonly NodeOptions[]): Listening[] {
  const network = {
    network: node?.network.name ?? '',
    genesisHash: node?.network.genesis.hash ?? '',
    accounts: node ? listedAccounts(node.network) : null,
  };
  return running.map(({ name, url }) => ({ name, url, ...network }));
}

/** Says in this voice why a node ended. */
export function failuresSpokenBy(voice: ProgramVoice): NodesToRun['onFailed'] {
  return (name, { failure }) => {
    if (failure) voice.nodeFailure(name, failure.message, EXIT_CODES[failure.kind]);
  };
}

/** The exit code of a program whose nodes ended so: that of the worst. */
export function clusterExitCode(ends: readonly NodeEnd[]): number {
  return Math.max(EXIT_CODES.ok, ...ends.map(({ failure }) => EXIT_CODES[failure?.kind ?? 'ok']));
}
