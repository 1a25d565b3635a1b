import type { Peer } from './peer.ts';

/** Inbound peers that are spared because they answer a ping fastest: being near cannot be faked. */
const SPARED_FOR_LATENCY = 8;
/** Inbound peers that are spared because they were the last to bring a transaction that this node lacked and took. */
const SPARED_FOR_TRANSACTIONS = 4;
/** Inbound peers that are spared because they were the last to bring a block that this node lacked and kept. */
const SPARED_FOR_BLOCKS = 4;
/** Of the remaining peers, one in this many is spared because it has been connected longest. */
const SPARED_FOR_AGE_DIVISOR = 2;

/**
 * The inbound peer that a full node disconnects to make room for a new one: the least useful. After Bitcoin Core's
 * `SelectNodeToEvict`, in a simpler form.
 *
 * 1. Of those that have not said hello, the one that has been connected longest. So callers that never say it displace
 *    only each other.
 * 2. Else the nearest, those that last brought transactions or blocks, and the older half of all others are spared.
 *    None of these can be had merely by opening connections.
 * 3. Of the rest, the youngest of the host that has the most of them. So a flood from one host costs that host, and
 *    one from many hosts evicts the newest. On loopback, where all nodes of a laptop share one host, each connection
 *    counts as a host of its own.
 *
 * Outbound peers are never evicted: this node chose them, and callers must not be able to change its choice.
 *
 * @param peers connections to choose from; those that are closing or outbound do not count
 * @returns null where every inbound peer is worth more than an unknown one
 */
export function leastUsefulPeer(peers: Iterable<Peer>): Peer | null {
  const inbound = [...peers].filter((peer) => peer.direction === 'inbound');
  const silent = inbound.filter((peer) => peer.state.kind === 'handshake').sort(byAge);
  if (silent[0]) return silent[0];
  let rest = inbound.filter((peer) => peer.state.kind === 'ready');
  rest = withoutBest(rest, SPARED_FOR_LATENCY, (peer) => peer.latencyMs !== null && -peer.latencyMs);
  rest = withoutBest(rest, SPARED_FOR_TRANSACTIONS, (peer) => peer.lastTransactionMonotonicMs ?? false);
  rest = withoutBest(rest, SPARED_FOR_BLOCKS, (peer) => peer.lastBlockMonotonicMs ?? false);
  rest = rest.sort(byAge).slice(Math.ceil(rest.length / SPARED_FOR_AGE_DIVISOR));
  return youngestOfLargestHost(rest);
}

/** The inbound peer that has been connected for the shortest time; null where there is none. */
export function youngestCaller(peers: Iterable<Peer>): Peer | null {
  return (
    [...peers]
      .filter(({ direction }) => direction === 'inbound')
      .sort(byAge)
      .at(-1) ?? null
  );
}

function byAge(a: Peer, b: Peer): number {
  return a.connectedMonotonicMs - b.connectedMonotonicMs;
}

/** All but the `count` peers with the highest score (false: it has none). Of equal ones, the one connected longer is spared. */
function withoutBest(peers: readonly Peer[], count: number, scoreOf: (peer: Peer) => number | false): Peer[] {
  const scored = peers.flatMap((peer) => {
    const score = scoreOf(peer);
    return score === false ? [] : [{ peer, score }];
  });
  scored.sort((a, b) => b.score - a.score || byAge(a.peer, b.peer));
  const spared = new Set(scored.slice(0, count).map(({ peer }) => peer));
  return peers.filter((peer) => !spared.has(peer));
}

/** @param peers oldest first */
function youngestOfLargestHost(peers: readonly Peer[]): Peer | null {
  const counts = new Map<string, number>();
  for (const peer of peers) counts.set(hostOf(peer), (counts.get(hostOf(peer)) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return peers.findLast((peer) => counts.get(hostOf(peer)) === most) ?? null;
}

function hostOf(peer: Peer): string {
  return peer.loopback ? peer.id : peer.host;
}
