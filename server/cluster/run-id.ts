import { type RandomSource, randomU64 } from '../../protocol/time.ts';

/** Where the nodes of a cluster take from what is left to chance. */
export type ClusterRandom = RandomSource;

/** An id for one run of several nodes, which makes them find each other on this machine and nobody else. */
export function newRunId(random: ClusterRandom): string {
  return randomU64(random).toString(16);
}
