import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { DISCOURAGE_MS } from '../../protocol/peers.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { genesisPoint, mineBlock, mineChain } from '../../testing/chain-builder.ts';
import { listenAt, ScriptedPeer } from '../../testing/scripted-peer.ts';
import { oneNode } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const bye = { type: 'bye', code: 4_000, reason: 'the node is shutting down' } as const;

describe('after the goodbye of a peer', () => {
  it('nothing more is sent to it, though it asks, and the connection is closed', () => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(50);
    peer.received.length = 0;
    peer.send(bye).send({ type: 'ping', nonce: 1n }).send({ type: 'getAddresses' });
    new ScriptedPeer(network, node).hello(genesis).sendBlock(mineBlock(genesis));
    network.runFor(1_000);
    expect(node.core.chain.tip.record.height).toBe(1);
    expect(peer.received).toEqual([]);
    expect(peer.closedBecause).toBe('');
    expect(node.core.peers()).toHaveLength(1);
  });

  it('nothing more is sent to it, before its hello either', () => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node).send(bye);
    peer.received.length = 0;
    peer.hello(genesis);
    network.runFor(20_000);
    expect(peer.received).toEqual([]);
    expect(peer.closedBecause).toBe('');
  });

  it('its reason is told in the log', () => {
    const { network, node } = oneNode();
    new ScriptedPeer(network, node).hello(genesis).send(bye).close();
    network.runFor(50);
    const ends = node.logs.filter(({ message }) => message === 'peer disconnected');
    expect(ends.map(({ fields }) => fields.reason)).toEqual(['goodbye: the node is shutting down']);
  });
});

describe('headers that build on nothing that is known', () => {
  const unknown = mineChain(mineBlock(genesis, { extraNonce: 5 }), 3);
  const headers = [unknown.parent?.block.header, unknown.block.header].flatMap((header) => header ?? []);

  it('are asked about when they have their work and follow each other', () => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node).hello(genesis).send({ type: 'headers', headers });
    network.runFor(50);
    expect(peer.ofType('getHeaders')).toHaveLength(1);
    expect(peer.closedBecause).toBeNull();
  });

  it('are not asked about when they have not, or do not', () => {
    const weak = headers.map((header) => ({ ...header, bits: 0x1d00_ffff }));
    for (const bad of [weak, [...headers].reverse(), weak.slice(0, 1)]) {
      const { network, node } = oneNode();
      const peer = new ScriptedPeer(network, node).hello(genesis).send({ type: 'headers', headers: bad });
      network.runFor(50);
      expect(peer.ofType('getHeaders')).toEqual([]);
      expect(peer.ofType('bye').map(({ code }) => code)).toEqual([4_007]);
    }
  });

  it('of a block, whole or compact, are not asked about without work either', () => {
    for (const form of ['sendBlock', 'sendCompact'] as const) {
      const { network, node } = oneNode();
      const { block } = unknown;
      const forged = { ...unknown, block: { ...block, header: { ...block.header, bits: 0x1d00_ffff } } };
      const raw = new Uint8Array(block.raw);
      new DataView(raw.buffer).setUint32(72, 0x1d00_ffff, true);
      const peer = new ScriptedPeer(network, node).hello(genesis);
      peer[form]({ ...forged, block: { ...forged.block, raw } });
      network.runFor(50);
      expect(peer.ofType('getHeaders')).toEqual([]);
      expect(peer.ofType('bye').map(({ code }) => code)).toEqual([4_007]);
    }
  });
});

describe('a peer that was discouraged', () => {
  const NAMED = 9;

  /** A node whose named peer has just misbehaved, and how often it has dialled it. */
  function discouraged() {
    const network = new SimulatedNetwork({ seed: 1 });
    let calls = 0;
    listenAt(network, network.urlOf(NAMED), (peer) => {
      calls++;
      if (calls === 1) peer.sendBytes(Uint8Array.of(255));
      else peer.hello(genesis);
    });
    const node = network.addNode({ peers: [NAMED] });
    network.runUntil(() => calls === 1, 5_000);
    return { network, node, calls: () => calls };
  }

  it('is dialled again when that is over, though nothing else happens', () => {
    const { network, calls } = discouraged();
    network.runFor(DISCOURAGE_MS - 10_000);
    expect(calls()).toBe(1);
    network.runFor(20_000);
    expect(calls()).toBe(2);
  });

  it('is dialled again after as long at most, though the clock is put back by a day', () => {
    const { network, node, calls } = discouraged();
    node.clock.skewMs = -86_400_000;
    network.runFor(DISCOURAGE_MS + 60_000);
    expect(calls()).toBe(2);
  });
});
