import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { BYE, DISCOURAGE_MS } from '../../protocol/peers.ts';
import { genesisPoint } from '../../testing/chain-builder.ts';
import { listenAt, ScriptedPeer } from '../../testing/scripted-peer.ts';
import { type OneNode, oneNode, restart, untilClosed } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const NONCE = 666n;
const AWAY = { host: '10.0.0.66', loopback: false, direction: 'inbound' } as const;

function caller({ network, node }: OneNode, nonce: bigint): ScriptedPeer {
  const peer = new ScriptedPeer(network, node).hello(genesis, { nonce });
  network.runFor(100);
  return peer;
}

/** Says hello twice, which is against the protocol. */
function misbehave(one: OneNode, nonce: bigint): void {
  const peer = caller(one, nonce);
  peer.hello(genesis);
  expect(untilClosed(one.network, peer)).toBe('sent a second hello');
}

const codeTo = (peer: ScriptedPeer): number | undefined => peer.ofType('bye').at(-1)?.code;

describe('discouragement', () => {
  it('discouragement: on loopback of the process that misbehaved, and of nobody else', () => {
    const one = oneNode();
    const innocent = caller(one, 1n);
    misbehave(one, NONCE);
    expect(codeTo(caller(one, NONCE))).toBe(BYE.discouraged);
    expect(caller(one, NONCE + 1n).closedBecause).toBeNull();
    expect(innocent.closedBecause).toBeNull();
  });

  it('discouragement expires', () => {
    const one = oneNode();
    misbehave(one, NONCE);
    one.network.runFor(DISCOURAGE_MS - 1_000);
    expect(codeTo(caller(one, NONCE))).toBe(BYE.discouraged);
    one.network.runFor(1_000);
    expect(caller(one, NONCE).closedBecause).toBeNull();
    expect([...one.node.store.discouraged()]).toEqual([]);
  });

  it('discouragement counts time that passes, not what the wall clock shows', () => {
    const one = oneNode();
    misbehave(one, NONCE);
    for (const skewMs of [2 * DISCOURAGE_MS, -2 * DISCOURAGE_MS]) {
      one.node.clock.skewMs = skewMs;
      expect(codeTo(caller(one, NONCE))).toBe(BYE.discouraged);
    }
    one.network.runFor(DISCOURAGE_MS);
    expect(caller(one, NONCE).closedBecause).toBeNull();
  });

  it('discouragement that was stored by a clock that is set back now lasts no longer than any', () => {
    const one = oneNode();
    misbehave(one, NONCE);
    one.node.clock.skewMs = -2 * DISCOURAGE_MS;
    restart(one.network, one.node);
    expect(codeTo(caller(one, NONCE))).toBe(BYE.discouraged);
    one.network.runFor(DISCOURAGE_MS);
    restart(one.network, one.node);
    expect(caller(one, NONCE).closedBecause).toBeNull();
  });

  it('discouragement survives restart, and expires then, too', () => {
    const one = oneNode();
    misbehave(one, NONCE);
    restart(one.network, one.node);
    expect(codeTo(caller(one, NONCE))).toBe(BYE.discouraged);
    one.network.runFor(DISCOURAGE_MS);
    restart(one.network, one.node);
    expect(caller(one, NONCE).closedBecause).toBeNull();
    expect([...one.node.store.discouraged()]).toEqual([]);
  });

  it('discouragement: elsewhere of the host, which is turned away before it says a word, also after a restart', () => {
    const one = oneNode();
    const { network, node } = one;
    const connect = (id: string, host: string = AWAY.host): string[] => {
      node.handle({ type: 'peer-connected', peer: id, address: `${host}:${id.length}`, ...AWAY, host });
      return node.core.peers().map((peer) => peer.id);
    };
    expect(connect('a')).toEqual(['a']);
    node.handle({ type: 'peer-fault', peer: 'a', reason: 'text frame' });
    node.handle({ type: 'peer-closed', peer: 'a', reason: 'closed' });
    expect(connect('b')).toEqual([]);
    restart(network, node);
    expect(connect('c')).toEqual([]);
    expect(connect('d', '10.0.0.67')).toEqual(['d']);
    network.runFor(DISCOURAGE_MS);
    expect(connect('e')).toContain('e');
  });

  it('discouragement: a URL where somebody misbehaved is not dialled until it expires, also after a restart', () => {
    const one = oneNode();
    const { network, node } = one;
    const url = 'http://127.0.0.1:7001';
    const calls: ScriptedPeer[] = [];
    listenAt(network, url, (peer) => calls.push(peer.hello(genesis, { nonce: NONCE })));
    node.handle({ type: 'address-discovered', url });
    network.runFor(100);
    calls[0]?.hello(genesis);
    network.runFor(100);
    expect(calls[0]?.closedBecause).toBe('sent a second hello');
    restart(network, node);
    for (let minute = 1; minute < 9; minute++) {
      node.handle({ type: 'address-discovered', url });
      network.runFor(60_000);
    }
    expect(calls).toHaveLength(1);
    network.runFor(2 * 60_000);
    node.handle({ type: 'address-discovered', url });
    network.runFor(1_000);
    expect(calls).toHaveLength(2);
    expect(calls[1]?.closedBecause).toBeNull();
  });
});
