import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { BYE } from '../../protocol/peers.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { genesisPoint } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';

const genesis = genesisPoint(REGTEST);
/** More answers than one peer may wait for. */
const TOO_MANY_REQUESTS = 300;

const readyPeers = (node: SimulatedNode) => node.core.peers().filter(({ state }) => state === 'ready');

/** Times, in virtual milliseconds, at which a node dials. */
function watchDials(network: SimulatedNetwork): number[] {
  const dials: number[] = [];
  const dial = network.dial.bind(network);
  network.dial = (from, url) => {
    dials.push(network.clock.nowMs);
    dial(from, url);
  };
  return dials;
}

describe('a peer that claims the URL of another node', () => {
  it('cannot keep a node from dialling the peers that its operator named', () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const node = network.addNode({ peers: [1] });
    const claim = { listenUrl: 'http://127.0.0.1:5001' };
    const claimant = new ScriptedPeer(network, node).hello(genesis, claim);
    network.runFor(100);
    claimant.send({ type: 'bye', code: BYE.operator, reason: 'go away' });
    new ScriptedPeer(network, node).hello(genesis, claim);
    network.runFor(1_000);
    const real = network.addNode();
    network.runUntil(() => readyPeers(real).length === 1, 60_000, 'a connection to the named peer');
  });

  it('is not taken for that node when the operator asks for a connection', () => {
    const network = new SimulatedNetwork({ seed: 2 });
    const node = network.addNode();
    const real = network.addNode({ learnAddresses: false });
    new ScriptedPeer(network, node).hello(genesis, { listenUrl: real.url });
    network.runFor(100);
    const request = node.request((id) => ({ type: 'connect-peer', request: id, url: real.url }));
    network.runUntil(() => node.replyTo(request) !== undefined, 5_000);
    const reply = node.replyTo(request);
    const id = reply?.ok && reply.value.kind === 'connected' ? reply.value.peer : null;
    expect(node.core.peers().find((peer) => peer.id === id)?.direction).toBe('outbound');
  });
});

describe('a node that is sent away', () => {
  it('dials less and less often where connections end at once', () => {
    const network = new SimulatedNetwork({ seed: 3 });
    const dials = watchDials(network);
    // The other side hangs up after its hello: it listens to the operator's word for this node's address.
    const hostile = network.addNode({ learnAddresses: false });
    network.addNode({ peers: [0], learnAddresses: false });
    for (let round = 0; round < 200; round++) {
      network.runFor(500);
      for (const { id } of hostile.core.peers()) hostile.handle({ type: 'peer-fault', peer: id, reason: 'test' });
    }
    const gaps = dials.slice(1).map((at, i) => at - (dials[i] ?? 0));
    expect(dials.length).toBeLessThan(12);
    expect(Math.max(...gaps)).toBeGreaterThan(10_000);
  });

  it('comes back soon to a peer that it was connected to for long', () => {
    const network = new SimulatedNetwork({ seed: 4 });
    const first = network.addNode({ learnAddresses: false });
    const second = network.addNode({ peers: [0], learnAddresses: false });
    network.runUntil(() => readyPeers(second).length === 1);
    network.runFor(60_000);
    network.kill(first);
    first.start();
    network.runUntil(() => readyPeers(second).length === 1, 3_000, 'the connection again');
  });

  it('comes back soon also where it has just decided to wait long for somebody else', () => {
    const network = new SimulatedNetwork({ seed: 4 });
    const first = network.addNode();
    const second = network.addNode({ peers: [0] });
    // Nobody listens there: it is tried less and less often.
    second.handle({ type: 'address-discovered', url: network.urlOf(7) });
    const dials = watchDials(network);
    network.runFor(2 * 60_000);
    dials.length = 0;
    network.runUntil(() => dials.length === 1, 10 * 60_000, 'another try');
    network.runFor(1_000);
    network.kill(first);
    first.start();
    network.runUntil(() => readyPeers(second).length === 1, 3_000, 'the connection again');
  });
});

describe('addresses', () => {
  const urls = Array.from({ length: 1_000 }, (_, i) => `http://127.0.0.1:${10_000 + i}`);

  it('that nobody asked for are not listened to', () => {
    const network = new SimulatedNetwork({ seed: 5 });
    const node = network.addNode();
    const peer = new ScriptedPeer(network, node).hello(genesis);
    const dials = watchDials(network);
    for (let i = 0; i < 20; i++) peer.send({ type: 'addresses', urls });
    network.runFor(10_000);
    expect(dials).toEqual([]);
  });
});

describe('a peer that asks and does not take the answers', () => {
  it('is served no more once it is behind, and cut off when it goes on', () => {
    const network = new SimulatedNetwork({ seed: 6 });
    const node = network.addNode();
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    const [{ id = '' } = {}] = node.core.peers();
    node.handle({ type: 'peer-backlog', peer: id, congested: true });
    const before = peer.ofType('headers').length;
    const ask = () => peer.send({ type: 'getHeaders', locator: [], stop: '0'.repeat(64) });
    for (let i = 0; i < 200; i++) ask();
    network.runFor(100);
    expect(peer.ofType('headers')).toHaveLength(before);
    expect(peer.closedBecause).toBeNull();
    node.handle({ type: 'peer-backlog', peer: id, congested: false });
    network.runFor(100);
    expect(peer.ofType('headers')).toHaveLength(before + 200);
    node.handle({ type: 'peer-backlog', peer: id, congested: true });
    for (let i = 0; i < TOO_MANY_REQUESTS; i++) ask();
    network.runFor(100);
    expect(peer.closedBecause).toBe('has more than 256 requests waiting');
  });
});
