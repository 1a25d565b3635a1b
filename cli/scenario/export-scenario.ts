import type { ConditionedLink } from '../../client/link-conditions.ts';
import type { Miner, NodeInfo, Peer } from '../../client/types.ts';

/** Decimal places of a share of the hash rate. */
const SHARE_DIGITS = 4;

/** What one node tells of itself. */
export interface ObservedNode {
  readonly info: Pick<NodeInfo, 'listenUrl' | 'network' | 'targetSpacingSeconds'>;
  readonly miner: Pick<Miner, 'hashrate'>;
  readonly peers: readonly Pick<Peer, 'url' | 'direction'>[];
  readonly links: readonly ConditionedLink[];
}

/**
 * A running network as a scenario: who is connected to whom, which share of the hash rate each node has, and the conditions
 * of the links between them. Peers beyond these nodes are left out. The result is what a scenario file holds.
 *
 * @param nodes in the order in which the scenario numbers them; at least one
 */
export function scenarioOf(nodes: readonly ObservedNode[]) {
  const numbers = new Map(nodes.map(({ info }, index) => [info.listenUrl, index]));
  const numberOf = (url: string | null): number | undefined => (url === null ? undefined : numbers.get(url));
  const connections: [from: number, to: number][] = [];
  const links: object[] = [];
  for (const [from, node] of nodes.entries()) {
    for (const { url, direction } of node.peers) {
      const to = numberOf(url);
      if (to !== undefined && direction === 'OUTBOUND') connections.push([from, to]);
    }
    for (const { url, conditions } of node.links) {
      const to = numberOf(url);
      const { delayMs, bytesPerSecond, loss, cut } = conditions;
      if (to !== undefined) links.push({ from, to, delayMs, bytesPerSecond, loss, cut });
    }
  }
  const hashrates = nodes.map(({ miner }) => Math.round(miner.hashrate));
  const total = hashrates.reduce((sum, each) => sum + each, 0);
  return {
    name: `${nodes[0]?.info.network ?? 'network'} with ${nodes.length} nodes`,
    nodes: nodes.length,
    spacingSeconds: nodes[0]?.info.targetSpacingSeconds,
    connections,
    // Relative: a part of the whole each, and no part where nobody mines.
    hashShares: total === 0 ? null : hashrates.map((each) => Number((each / total).toFixed(SHARE_DIGITS))),
    links,
  };
}
