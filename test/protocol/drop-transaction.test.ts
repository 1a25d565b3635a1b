import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { nativeVerify } from '../../simulator/command/native-crypto.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { ask } from '../../testing/asking.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { hurryNetwork } from '../../testing/networks.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { feed, mine, oneNode, restart, submit } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const FEE = 1_000n;

/** Drops a transaction; `done`, or the code of the refusal. */
function drop(network: SimulatedNetwork, node: SimulatedNode, txid: string): string {
  const reply = ask(network, node, (request) => ({ type: 'drop-transaction', request, txid }));
  return reply.ok ? reply.value.kind : reply.code;
}

describe('a pending transaction that the operator drops', () => {
  it('leaves mempool and journal for good, and later ones of its sender wait for another with its nonce', () => {
    const { network, node } = oneNode();
    const transfers = [0n, 1n, 2n].map((nonce) => transferAt(genesis, alice, bob.address, { fee: FEE, nonce }));
    for (const transfer of transfers) submit(network, node, transfer);
    const dropped = transfers[1]?.txid ?? '';
    expect(drop(network, node, dropped)).toBe('done');
    for (let life = 0; life < 2; life++) {
      expect(node.core.mempool.has(dropped)).toBe(false);
      expect(node.store.isJournaled(dropped)).toBe(false);
      expect(transfers.map(({ txid }) => node.core.mempool.get(txid)?.state)).toEqual(['ready', undefined, 'queued']);
      restart(network, node);
    }
    mine(network, node, 1);
    expect(node.core.chain.tip.record.transactionCount).toBe(2);
    const other = transferAt(genesis, alice, carol.address, { fee: FEE, nonce: 1n });
    expect(submit(network, node, other)).toBe('accepted');
    mine(network, node, 1);
    expect(node.core.chain.tip.record.transactionCount).toBe(3);
  });

  it('is told to subscribers with its reason, and remembered with it', () => {
    const { network, node } = oneNode();
    const transfer = transferAt(genesis, alice, bob.address, { fee: FEE });
    submit(network, node, transfer);
    drop(network, node, transfer.txid);
    expect(node.notices.at(-1)).toEqual({
      kind: 'mempool',
      added: [],
      removed: [{ txid: transfer.txid, reason: 'operator' }],
      size: 0,
    });
    expect(node.core.mempool.dropped(transfer.txid)).toMatchObject({ reason: 'operator' });
  });

  it('may be submitted again, but is not taken again from peers that still have it', () => {
    const network = new SimulatedNetwork({ seed: 8, verify: nativeVerify });
    const [node, peer] = [network.addNode(), network.addNode({ peers: [0] })];
    network.runUntil(() => node.core.peers().some(({ state }) => state === 'ready'));
    const transfer = transferAt(genesis, alice, bob.address, { fee: FEE });
    submit(network, node, transfer);
    network.runUntil(() => peer.core.mempool.has(transfer.txid));
    expect(drop(network, node, transfer.txid)).toBe('done');
    network.runFor(60_000);
    expect(node.core.mempool.has(transfer.txid)).toBe(false);
    expect(peer.core.mempool.has(transfer.txid)).toBe(true);
    expect(submit(network, node, transfer)).toBe('accepted');
  });

  //            a
  //           /
  //  genesis -           b has more transactions than one step connects
  //           \
  //            b - c
  it('is looked for where the node arrives, while it moves to another branch', () => {
    const { network, node } = oneNode();
    const returning = transferAt(genesis, alice, bob.address, { fee: FEE });
    const many = Array.from({ length: 40 }, (_, i) => transferAt(genesis, bob, carol.address, { nonce: BigInt(i) }));
    const b = mineBlock(genesis, { transfers: many });
    feed(network, node, mineBlock(genesis, { transfers: [returning] }));
    const peer = new ScriptedPeer(network, node).hello(genesis).sendBlock(b);
    network.runFor(100);
    peer.sendBlock(mineBlock(b));
    network.runUntil(() => node.core.chain.isMoving);
    expect(node.core.mempool.has(returning.txid)).toBe(false);
    expect(drop(network, node, returning.txid)).toBe('done');
    expect(node.core.chain.isMoving).toBe(false);
    expect(node.core.mempool.size).toBe(0);
    expect(node.store.isJournaled(returning.txid)).toBe(false);
  });

  it('must be pending, on a network with development controls', () => {
    const { network, node } = oneNode();
    expect(drop(network, node, 'ab'.repeat(32))).toBe('unknown-transaction');
    const other = oneNode({ params: hurryNetwork() });
    expect(drop(other.network, other.node, 'ab'.repeat(32))).toBe('controls-off');
  });
});
