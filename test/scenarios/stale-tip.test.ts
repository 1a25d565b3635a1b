import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { MAX_OUTBOUND } from '../../protocol/dialling.ts';
import { STALE_CHECK_MS, STALE_TIP_SPACINGS } from '../../protocol/stale-tip.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { type ChainPoint, genesisPoint, mineBlock, mineChain } from '../../testing/chain-builder.ts';
import { listenAt, ScriptedPeer } from '../../testing/scripted-peer.ts';
import { tipOf } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
/** genesis ── 1 ── … ── 5 ── … ── 9      the tip goes stale at 5 */
const [stale, better] = [mineChain(genesis, 5), mineChain(genesis, 9)];
const STALE_MS = STALE_TIP_SPACINGS * REGTEST.spacingSeconds * 1_000;
/** Until it is noticed, and until what was done about it is over. */
const REACTION_MS = 3 * STALE_CHECK_MS;
const urlOf = (index: number): string => `http://127.0.0.1:${7_000 + index}`;

/** A node with outbound peers, the first `points.length` of them found at once. */
class Outbound {
  readonly network = new SimulatedNetwork({ seed: 29 });
  readonly node: SimulatedNode;
  /** The latest peer at each URL. */
  readonly peers = new Map<string, ScriptedPeer>();
  readonly calls: string[] = [];

  constructor(points: readonly ChainPoint[], { configured = false } = {}) {
    const url = (i: number) => (configured ? `http://127.0.0.1:${5_001 + i}` : urlOf(i));
    points.forEach((point, i) => {
      this.listen(url(i), point);
    });
    this.node = this.network.addNode(configured ? { peers: points.map((_, i) => i + 1) } : {});
    this.network.runFor(100_000);
    for (let i = 0; i < points.length && !configured; i++) {
      this.node.handle({ type: 'address-discovered', url: url(i) });
      this.network.runFor(100);
    }
    this.network.runFor(1_000);
  }

  /** Somebody who stands on this block, at this URL. */
  listen(url: string, point: ChainPoint): void {
    listenAt(this.network, url, (peer) => {
      this.calls.push(url);
      this.peers.set(url, peer);
      peer.hello(point);
    });
  }

  discover(url: string, point: ChainPoint): void {
    this.listen(url, point);
    this.node.handle({ type: 'address-discovered', url });
  }

  outboundUrls(): string[] {
    const outbound = this.node.core.peers().filter(({ direction }) => direction === 'outbound');
    return outbound.map(({ remote }) => remote).sort();
  }
}

const all = (point: ChainPoint): ChainPoint[] => Array.from({ length: MAX_OUTBOUND }, () => point);

describe('stale-tip', () => {
  it('stale-tip peer replaced: by one more that knows the better chain', () => {
    const outbound = new Outbound(all(stale));
    const { network, node } = outbound;
    const before = outbound.outboundUrls();
    expect(before).toHaveLength(MAX_OUTBOUND);
    expect(tipOf(node)).toBe(stale.block.hash);
    outbound.discover(urlOf(99), better);
    network.runFor(STALE_MS - STALE_CHECK_MS);
    // Not before the tip is stale.
    expect(outbound.outboundUrls()).toEqual(before);
    network.runUntil(() => tipOf(node) === better.block.hash, REACTION_MS, 'the better chain');
    expect(outbound.outboundUrls()).toHaveLength(MAX_OUTBOUND + 1);
    network.runFor(REACTION_MS);
    const after = outbound.outboundUrls();
    expect(after).toHaveLength(MAX_OUTBOUND);
    expect(after).toContain(urlOf(99));
    const gone = before.filter((url) => !after.includes(url));
    expect(gone).toHaveLength(1);
    expect(outbound.peers.get(gone[0] ?? '')?.closedBecause).toBe('brought no new block for a long time');
    // It brought the chain that the node stood on: those that brought nothing go first.
    expect(gone).not.toContain(urlOf(0));
    // Who was replaced is left alone for a while.
    network.runFor(60_000);
    expect(outbound.outboundUrls()).toEqual(after);
  });

  it('stale-tip: an honest address is reached, however willingly those answer that keep the chain back', () => {
    const outbound = new Outbound(all(stale));
    const { network, node } = outbound;
    // Two to spare, that have proved to answer, and one that nobody has ever tried.
    for (const spare of [90, 91]) {
      outbound.discover(urlOf(spare), stale);
      network.runUntil(() => outbound.calls.includes(urlOf(spare)), 2 * STALE_MS, `a call to ${spare}`);
    }
    outbound.discover(urlOf(99), better);
    network.runUntil(() => tipOf(node) === better.block.hash, 20 * (STALE_MS + REACTION_MS), 'the better chain');
    network.runFor(REACTION_MS);
    expect(outbound.outboundUrls()).toContain(urlOf(99));
  });

  it('stale-tip: an honest address is reached, however many fresh ones are told of by those that keep the chain back', () => {
    const outbound = new Outbound(all(stale));
    const { network, node, peers } = outbound;
    // Each peer may tell of addresses once: 8,000 in all, eight times as many as are remembered. Nobody answers there.
    outbound.discover(urlOf(99), better);
    for (const [i, peer] of [...peers.values()].entries()) {
      const urls = Array.from({ length: 1_000 }, (_, j) => `http://127.0.0.1:${10_000 + i * 1_000 + j}`);
      peer.send({ type: 'addresses', urls });
    }
    network.runUntil(() => tipOf(node) === better.block.hash, 20 * (STALE_MS + REACTION_MS), 'the better chain');
  });

  it('stale-tip: a newcomer that knows nothing better goes again', () => {
    const outbound = new Outbound(all(stale));
    const before = outbound.outboundUrls();
    outbound.discover(urlOf(99), stale);
    outbound.network.runFor(STALE_MS + REACTION_MS);
    expect(outbound.calls).toContain(urlOf(99));
    expect(outbound.outboundUrls()).toEqual(before);
  });

  it('stale-tip: peers that the operator named stay, and so does the newcomer that was of use', () => {
    const outbound = new Outbound(all(stale), { configured: true });
    const before = outbound.outboundUrls();
    expect(before).toHaveLength(MAX_OUTBOUND);
    outbound.discover(urlOf(99), better);
    outbound.network.runFor(STALE_MS + REACTION_MS);
    expect(tipOf(outbound.node)).toBe(better.block.hash);
    expect(outbound.outboundUrls()).toEqual([...before, urlOf(99)].sort());
  });

  it('stale-tip: with places free nobody is replaced, however long nothing comes', () => {
    const outbound = new Outbound([stale, stale, genesis]);
    const before = outbound.outboundUrls();
    outbound.network.runFor(10 * STALE_MS);
    expect(outbound.outboundUrls()).toEqual(before);
    expect(before).toHaveLength(3);
  });

  it('stale-tip: a peer that stays far behind is asked, then replaced; one that is asked and is not behind stays', () => {
    const outbound = new Outbound(all(genesis));
    const { network, node } = outbound;
    for (const [url, peer] of outbound.peers) if (url === urlOf(3)) peer.withhold('getHeaders');
    // All the others follow the chain, which somebody else brings; they have no reason to say so.
    const miner = new ScriptedPeer(network, node).hello(genesis);
    let point = genesis;
    for (let i = 0; i < 2 * STALE_TIP_SPACINGS; i++) {
      point = mineBlock(point);
      for (const [url, peer] of outbound.peers) if (url !== urlOf(3)) peer.serve(point);
      miner.sendBlock(point);
      network.runFor(REGTEST.spacingSeconds * 1_000);
    }
    expect(tipOf(node)).toBe(point.block.hash);
    const after = outbound.outboundUrls();
    expect(after).not.toContain(urlOf(3));
    expect(after).toHaveLength(MAX_OUTBOUND - 1);
    expect(outbound.peers.get(urlOf(3))?.closedBecause).toBe('far behind for a long time');
    expect(outbound.peers.get(urlOf(4))?.ofType('getHeaders').length).toBeGreaterThan(0);
  });
});
