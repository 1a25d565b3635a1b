/** What is known of how fast a node mines. */
interface Mines {
  readonly miner: {
    /** Hashes per second. */
    readonly hashrate: number;
    /** Null: none. */
    readonly hashrateLimit: number | null;
  } | null;
}

/** The node that finds a block soonest as far as is known: without a limit before any limit, then the higher one. Of equals the first. */
export function fastestOf<Node extends Mines>(nodes: readonly Node[]): Node | null {
  const [first = null, ...others] = nodes;
  return others.reduce((best, node) => (best !== null && isFaster(node, best) ? node : best), first);
}

function isFaster(node: Mines, other: Mines): boolean {
  const [limit, otherLimit] = [limitOf(node), limitOf(other)];
  if (limit !== otherLimit) return limit > otherLimit;
  return (node.miner?.hashrate ?? 0) > (other.miner?.hashrate ?? 0);
}

/** Of a node that has not told its settings: the least. */
function limitOf({ miner }: Mines): number {
  return miner === null ? 0 : (miner.hashrateLimit ?? Number.POSITIVE_INFINITY);
}
