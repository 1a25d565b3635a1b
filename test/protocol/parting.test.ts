import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { genesisPoint } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';

const genesis = genesisPoint(REGTEST);
/** Longer than any address is left alone for. */
const LONG_MS = 20 * 60_000;
const SEEDS = 12;
/** A node that has never dialled the other has only a caller's word, which counts for ten minutes. */
const HEARSAY_MS = 9 * 60_000;
/** When all have dialled all. */
const SETTLED_MS = 1_000;
/** Moments after the start at which an operator disconnects: amid the handshakes of both connections, and long after. */
const MOMENTS_MS = [30, 45, 60, 80, 120, 1_000, 15_000];

/** Nodes that all have each other configured, as `start` and `cluster` do. */
function mesh(seed: number, count: number): { network: SimulatedNetwork; nodes: SimulatedNode[] } {
  const network = new SimulatedNetwork({ seed });
  const indices = Array.from({ length: count }, (_, i) => i);
  const nodes = indices.map((i) => network.addNode({ peers: indices.filter((j) => j !== i) }));
  return { network, nodes };
}

function connectionsTo(node: SimulatedNode, other: SimulatedNode): string[] {
  const peers = node.core.peers().filter(({ url, remote }) => url === other.url || remote === other.url);
  return peers.map(({ id }) => id);
}

const isConnected = (a: SimulatedNode, b: SimulatedNode): boolean => connectionsTo(a, b).length > 0;

function disconnect(node: SimulatedNode, other: SimulatedNode): void {
  for (const peer of connectionsTo(node, other).slice(0, 1))
    node.request((request) => ({ type: 'disconnect-peer', request, peer }));
}

function connect(node: SimulatedNode, other: SimulatedNode): void {
  node.request((request) => ({ type: 'connect-peer', request, url: other.url }));
}

describe('two nodes that an operator has disconnected', () => {
  it.each(MOMENTS_MS)('stay apart on both sides, whoever had dialled whom (%i ms after the start)', (momentMs) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { network, nodes } = mesh(seed, 3);
      network.runFor(momentMs);
      const [a, b, c] = (seed % 2 ? nodes : [...nodes].reverse()) as [SimulatedNode, SimulatedNode, SimulatedNode];
      if (!isConnected(a, b)) continue;
      disconnect(a, b);
      network.runFor(1_000);
      expect([seed, isConnected(a, b), isConnected(b, a)]).toEqual([seed, false, false]);
      network.runFor(momentMs < SETTLED_MS ? HEARSAY_MS : LONG_MS);
      expect([seed, isConnected(a, b), isConnected(b, a)]).toEqual([seed, false, false]);
      expect(isConnected(a, c) && isConnected(b, c)).toBe(true);
    }
  });

  it.each([
    ['that had disconnected', 0],
    ['that was disconnected', 1],
  ])('are connected again by the operator of the one %s, and then stay so', (_, who) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { network, nodes } = mesh(seed, 3);
      network.runFor(15_000);
      const [a, b] = nodes as [SimulatedNode, SimulatedNode];
      disconnect(a, b);
      network.runFor(100);
      if (who === 0) connect(a, b);
      else connect(b, a);
      network.runFor(2_000);
      expect([seed, isConnected(a, b), isConnected(b, a)]).toEqual([seed, true, true]);
      network.cut(network.random);
      network.runFor(60_000);
      expect([seed, isConnected(a, b), isConnected(b, a)]).toEqual([seed, true, true]);
    }
  });

  it('are connected again though the one that had disconnected is just looking who answers at the URL of the other', () => {
    for (let waitMs = 40; waitMs < 1_600; waitMs += 20) {
      const network = new SimulatedNetwork({ seed: 1 });
      // It has only been called, and knows of the caller's URL by the caller's word.
      const a = network.addNode();
      const b = network.addNode({ peers: [0] });
      network.runFor(15_000);
      disconnect(a, b);
      network.runFor(waitMs);
      connect(b, a);
      network.runFor(5_000);
      expect([waitMs, isConnected(a, b), isConnected(b, a)]).toEqual([waitMs, true, true]);
    }
  });

  it('are connected again when one of them restarts', () => {
    const { network, nodes } = mesh(1, 2);
    network.runFor(15_000);
    const [a, b] = nodes as [SimulatedNode, SimulatedNode];
    disconnect(a, b);
    network.runFor(60_000);
    expect(isConnected(b, a)).toBe(false);
    network.kill(b);
    b.start();
    network.runUntil(() => isConnected(a, b), 30_000, 'a connection');
  });

  it('stay apart where the one that was disconnected had never dialled the other', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const network = new SimulatedNetwork({ seed });
      const a = network.addNode({ peers: [1] });
      // It names `a` as well, which has called before it could.
      const b = network.addNode({ peers: [0] });
      network.runUntil(() => isConnected(a, b), 5_000);
      disconnect(a, b);
      network.runFor(HEARSAY_MS);
      expect([seed, isConnected(a, b), isConnected(b, a)]).toEqual([seed, false, false]);
    }
  });

  it('tell each other so once, and ask no more', () => {
    const { network, nodes } = mesh(3, 2);
    network.runFor(15_000);
    const [a, b] = nodes as [SimulatedNode, SimulatedNode];
    const dials: string[] = [];
    const dial = network.dial.bind(network);
    network.dial = (from, url) => {
      dials.push(`${from.index} dials ${url}`);
      dial(from, url);
    };
    disconnect(a, b);
    network.runFor(LONG_MS);
    expect(dials.length).toBeLessThanOrEqual(2);
  });
});

describe('a caller that says that its operator wants no connection', () => {
  /** A node that is connected to a peer that its operator named. */
  function connected(): { network: SimulatedNetwork; other: SimulatedNode; node: SimulatedNode } {
    const network = new SimulatedNetwork({ seed: 3 });
    const other = network.addNode({ learnAddresses: false });
    const node = network.addNode({ peers: [0], learnAddresses: false });
    network.runFor(30_000);
    expect(isConnected(node, other)).toBe(true);
    return { network, other, node };
  }

  const goAway = { type: 'bye', code: 4_001, reason: 'go away' } as const;

  it('binds nobody but itself, whatever URL it claims', () => {
    const { network, other, node } = connected();
    const liar = new ScriptedPeer(network, node).hello(genesis, { listenUrl: other.url });
    network.runFor(100);
    liar.send(goAway);
    network.runFor(LONG_MS);
    expect(isConnected(node, other)).toBe(true);
  });

  it('binds nobody but itself by a second connection of the same process either', () => {
    const { network, other, node } = connected();
    const claim = { nonce: 99n, listenUrl: other.url };
    const first = new ScriptedPeer(network, node).hello(genesis, claim);
    const second = new ScriptedPeer(network, node);
    network.runFor(100);
    first.send(goAway);
    network.runFor(10);
    second.hello(genesis, claim);
    network.runFor(LONG_MS);
    expect(isConnected(node, other)).toBe(true);
  });

  it('is not answered, and the connection is closed', () => {
    const { network, node } = connected();
    const caller = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    caller.received.length = 0;
    caller.send(goAway);
    network.runFor(1_000);
    expect(caller.received).toEqual([]);
    expect(caller.closedBecause).toBe('');
  });

  it('does not make a node forget what its own operator wants, however many such callers there are', () => {
    const { network, other, node } = connected();
    disconnect(node, other);
    network.runFor(10_000);
    for (let i = 0; i < 1_100; i++) {
      new ScriptedPeer(network, node).hello(genesis).send(goAway);
      if (i % 20 === 0) network.runFor(100);
    }
    network.runFor(60_000);
    expect(isConnected(node, other)).toBe(false);
  });

  it('is parted without touching the node whose URL it claims', () => {
    const { network, other, node } = connected();
    new ScriptedPeer(network, node).hello(genesis, { listenUrl: other.url });
    network.runFor(100);
    const [caller] = node.core.peers().filter(({ direction }) => direction === 'inbound');
    node.request((request) => ({ type: 'disconnect-peer', request, peer: caller?.id ?? '' }));
    network.runFor(LONG_MS);
    expect(node.core.peers().map(({ remote }) => remote)).toEqual([other.url]);
  });
});
