import { afterEach, describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { MAX_INBOUND, MAX_OUTBOUND, MAX_PEERS } from '../../protocol/dialling.ts';
import { leastUsefulPeer } from '../../protocol/eviction.ts';
import { makePeer, type Peer } from '../../protocol/peer.ts';
import { BYE } from '../../protocol/peers.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { type ChainPoint, genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { RawPeer, regtestHello } from '../../testing/raw-peer.ts';
import { listenAt, ScriptedPeer } from '../../testing/scripted-peer.ts';
import { type OneNode, oneNode, tipOf } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const alice = keysOf('Alice');
const FEE = 1_000n;
const NEWCOMERS = 300;

const open = (peers: readonly ScriptedPeer[]): ScriptedPeer[] => peers.filter((peer) => peer.closedBecause === null);
const count = (node: SimulatedNode): number => node.core.peers().length;

/** Peers that call one after the other and say hello, a second apart, so that it is clear who was first. */
function call({ network, node }: OneNode, howMany: number, point: ChainPoint = genesis): ScriptedPeer[] {
  return Array.from({ length: howMany }, () => {
    const peer = new ScriptedPeer(network, node).hello(point);
    network.runFor(1_000);
    return peer;
  });
}

describe('eviction', () => {
  it('eviction: a full inbound set yields its least useful, and is told so', () => {
    const one = oneNode();
    const peers = call(one, MAX_INBOUND);
    expect(open(peers)).toHaveLength(108);
    const [newcomer] = call(one, 1) as [ScriptedPeer];
    expect(newcomer.closedBecause).toBeNull();
    expect(count(one.node)).toBe(108);
    const gone = peers.filter((peer) => peer.closedBecause !== null);
    // All are alike but for their age: the youngest goes.
    expect(gone).toEqual([peers.at(-1)]);
    expect(gone[0]?.ofType('bye')).toEqual([{ type: 'bye', code: BYE.full, reason: 'replaced by another peer' }]);
  });

  it('eviction: a flood of idle newcomers takes the places of one another, not of those that are of use', () => {
    const one = oneNode();
    const { network, node } = one;
    const peers = call(one, MAX_INBOUND);
    // The youngest would be the first to go, were they not of use.
    const [bringsBlocks, bringsTransactions] = peers.slice(-2) as [ScriptedPeer, ScriptedPeer];
    const next = mineBlock(genesis);
    bringsBlocks.sendBlock(next);
    const transfer = transferAt(genesis, alice, alice.address, { fee: FEE });
    bringsTransactions.send({ type: 'transactions', transactions: [transfer] });
    network.runUntil(() => tipOf(node) === next.block.hash && node.core.mempool.has(transfer.txid), 1_000);
    call(one, NEWCOMERS);
    expect(count(node)).toBe(108);
    for (const useful of [bringsBlocks, bringsTransactions]) expect(useful.closedBecause).toBeNull();
    // Only what was neither near nor old nor of use has gone, once; after that the newest made room for the next.
    expect(peers.length - open(peers).length).toBe(1);
  });

  it('eviction: callers that never say hello take the places of one another', () => {
    const one = oneNode();
    const { network, node } = one;
    const peers = call(one, MAX_INBOUND);
    const silent = Array.from({ length: NEWCOMERS }, () => {
      const peer = new ScriptedPeer(network, node);
      network.runFor(10);
      return peer;
    });
    expect(count(node)).toBe(108);
    expect(peers.length - open(peers).length).toBe(1);
    expect(open(silent)).toEqual([silent.at(-1)]);
    // Whoever does say hello comes in meanwhile.
    const [welcome] = call(one, 1) as [ScriptedPeer];
    expect(welcome.closedBecause).toBeNull();
  });

  it('eviction: outbound never, and one that is dialled by the node itself makes an inbound one yield', () => {
    const one = oneNode();
    const { network, node } = one;
    const outbound: ScriptedPeer[] = [];
    const dial = (index: number): void => {
      const url = `http://127.0.0.1:${7_000 + index}`;
      listenAt(network, url, (peer) => outbound.push(peer.hello(genesis)));
      node.handle({ type: 'address-discovered', url });
      network.runFor(100);
    };
    const inbound = call(one, MAX_INBOUND);
    expect(count(node)).toBe(108);
    // The places of the node's own connections are free, whoever calls.
    for (let i = 0; i < MAX_OUTBOUND; i++) dial(i);
    expect(outbound).toHaveLength(MAX_OUTBOUND);
    expect(open(inbound)).toHaveLength(MAX_INBOUND);
    // The operator may want more than there are places kept.
    const connect = (index: number): void => {
      const url = `http://127.0.0.1:${7_000 + index}`;
      listenAt(network, url, (peer) => outbound.push(peer.hello(genesis)));
      const id = node.request((request) => ({ type: 'connect-peer', request, url }));
      network.runUntil(() => node.replyTo(id) !== undefined, 1_000, 'a reply');
      expect(node.replyTo(id)).toMatchObject({ ok: true });
    };
    const wanted = MAX_PEERS - MAX_INBOUND + 1;
    for (let i = MAX_OUTBOUND; i < wanted; i++) connect(i);
    expect(count(node)).toBe(MAX_PEERS);
    expect(inbound.length - open(inbound).length).toBe(1);
    call(one, NEWCOMERS);
    expect(count(node)).toBe(MAX_PEERS);
    expect(open(outbound)).toEqual(outbound);
    expect(node.core.peers().filter(({ direction }) => direction === 'outbound')).toHaveLength(wanted);
  });
});

describe('eviction of whom', () => {
  let ids = 0;

  function peer(fields: Partial<Peer> & { ageMs?: number; isSilent?: boolean } = {}): Peer {
    const { ageMs = 0, isSilent = false, ...rest } = fields;
    ids++;
    const event = { peer: `p${ids}`, direction: 'inbound', address: '10.0.0.1:1', host: '10.0.0.1', loopback: false };
    const made = makePeer({ ...event, ...rest } as never, { wallMs: 0, monotonicMs: 1_000_000 - ageMs });
    if (!isSilent) made.state = { kind: 'ready', hello: {} as never };
    return Object.assign(made, rest);
  }

  const many = (howMany: number, fields: (i: number) => Parameters<typeof peer>[0]): Peer[] =>
    Array.from({ length: howMany }, (_, i) => peer(fields(i)));

  it('eviction: of those that have not said hello the one that had the longest time to', () => {
    const silent = [5_000, 9_000, 10].map((ageMs) => peer({ ageMs, isSilent: true }));
    expect(leastUsefulPeer([...many(50, () => ({ ageMs: 1 })), ...silent])).toBe(silent[1]);
  });

  it('eviction: the nearest, the latest to bring something, and the older half are spared, in this order', () => {
    const near = many(8, (i) => ({ latencyMs: i }));
    const transactions = many(4, (i) => ({ latencyMs: 90, lastTransactionMonotonicMs: 900 + i }));
    const blocks = many(4, (i) => ({ latencyMs: 90, lastBlockMonotonicMs: 900 + i }));
    const old = many(5, () => ({ latencyMs: 90, ageMs: 9_000 }));
    const young = many(5, (i) => ({ latencyMs: 90, ageMs: 100 - i }));
    const all = [...near, ...transactions, ...blocks, ...old, ...young];
    const gone: (Peer | null)[] = [];
    for (let i = 0; i < 3; i++) {
      const next = leastUsefulPeer(all.filter((each) => !gone.includes(each)));
      gone.push(next);
    }
    expect(gone).toEqual([young[4], young[3], young[2]]);
  });

  it('eviction: the host with the most connections makes room, whoever is the newest', () => {
    const old = many(40, (i) => ({ host: `10.2.2.${i}`, ageMs: 9_000, latencyMs: 50 }));
    const flood = many(30, (i) => ({ host: '10.6.6.6', ageMs: 10 + i, latencyMs: 50 }));
    const newest = many(10, (i) => ({ host: `10.1.1.${i}`, ageMs: i, latencyMs: 50 }));
    const gone = leastUsefulPeer([...old, ...flood, ...newest]);
    expect(gone).toBe(flood[0]);
  });

  it('eviction: on loopback all share one host, which is held against nobody', () => {
    const here = many(40, (i) => ({ host: '127.0.0.1', loopback: true, ageMs: 500 + i, latencyMs: 50 }));
    const away = many(20, (i) => ({ host: `10.1.1.${i % 10}`, ageMs: 100 + i, latencyMs: 50 }));
    expect(leastUsefulPeer([...here, ...away])).toBe(away[0]);
    const onlyHere = many(40, (i) => ({ host: '127.0.0.1', loopback: true, ageMs: i, latencyMs: 50 }));
    expect(leastUsefulPeer(onlyHere)).toBe(onlyHere[0]);
    const mixed = [...here, ...many(3, (i) => ({ host: `10.1.1.${i}`, ageMs: i, latencyMs: 50 }))];
    expect(leastUsefulPeer(mixed)?.loopback).toBe(false);
  });

  it('eviction: nobody yields where all are worth more than somebody unknown, or are not inbound', () => {
    expect(leastUsefulPeer(many(8, () => ({ latencyMs: 5 })))).toBeNull();
    expect(leastUsefulPeer(many(50, () => ({ direction: 'outbound', latencyMs: 5 })))).toBeNull();
    expect(leastUsefulPeer([])).toBeNull();
  });
});

describe('eviction over real sockets', () => {
  let live: LiveNode | undefined;

  afterEach(() => live?.stop());

  it('eviction: a real node that is full lets a newcomer in, and closes another connection with code 4009', async () => {
    live = await startLiveNode();
    const { url, api } = live;
    const peers: RawPeer[] = [];
    for (let i = 0; i < MAX_INBOUND; i++) peers.push((await RawPeer.connect(url)).send(regtestHello()));
    await api.untilPeers(MAX_INBOUND);
    const ended = Promise.race(peers.map(async (peer) => ({ peer, ...(await peer.ended) })));
    const newcomer = (await RawPeer.connect(url)).send(regtestHello());
    const { peer: gone, code } = await ended;
    expect(code).toBe(BYE.full);
    expect(gone).not.toBe(newcomer);
    await api.untilPeers(MAX_INBOUND);
    expect(newcomer.socket.readyState).toBe(newcomer.socket.OPEN);
    expect(peers.filter(({ socket }) => socket.readyState === socket.OPEN)).toHaveLength(MAX_INBOUND - 1);
  });
});
