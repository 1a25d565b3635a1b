import type { RandomSource } from '../../protocol/time.ts';
import { randomBelow } from '../../protocol/time.ts';

/** Shapes in which a cluster's nodes are connected. */
export const TOPOLOGIES = ['mesh', 'line', 'ring', 'star', 'random'] as const;
export type Topology = (typeof TOPOLOGIES)[number];

/** Connections that every node of a random topology opens to earlier ones, as far as there are so many. */
const RANDOM_DEGREE = 2;

/**
 * Whom each node dials, by index: always nodes with a smaller index, so that the list can be used in the order in
 * which nodes start. Every topology is connected.
 */
export function dialledPeers(topology: Topology, nodes: number, random: RandomSource): number[][] {
  return Array.from({ length: nodes }, (_, index) => dialledBy(index, topology, nodes, random));
}

function dialledBy(index: number, topology: Topology, nodes: number, random: RandomSource): number[] {
  const earlier = Array.from({ length: index }, (_, i) => i);
  switch (topology) {
    case 'mesh':
      return earlier;
    case 'line':
      return earlier.slice(-1);
    case 'ring':
      return index === nodes - 1 && index > 1 ? [0, index - 1] : earlier.slice(-1);
    case 'star':
      return earlier.slice(0, 1);
    case 'random':
      return pick(earlier, RANDOM_DEGREE, random);
  }
}

function pick(from: readonly number[], count: number, random: RandomSource): number[] {
  const rest = [...from];
  const chosen: number[] = [];
  while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(randomBelow(random, rest.length), 1));
  return chosen.sort((a, b) => a - b);
}
