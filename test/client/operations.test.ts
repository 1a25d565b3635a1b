import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { COIN, parseAmount } from '../../consensus/amount.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';

const ALICE = developmentKeyPair(developmentAccountByName('Alice')!);
const UNKNOWN_HASH = 'ab'.repeat(32);

let live: LiveNode;
let node: NodeClient;
beforeEach(async () => {
  live = await startLiveNode();
  node = connectNode({ url: live.url });
});
afterEach(() => live.stop());

describe('a client that controls a node', () => {
  it('sets how it mines, and leaves what it does not name', async () => {
    const { address } = await node.account('Alice');
    const settings = { mode: 'INTERVAL', intervalSeconds: 3_600, hashrateLimit: 50, address } as const;
    expect(await node.setMining(settings)).toMatchObject(settings);
    expect(await node.setMining({ mode: 'OFF' })).toMatchObject({ ...settings, mode: 'OFF', working: false });
    expect(await node.miner()).toMatchObject({ ...settings, mode: 'OFF', threads: 1 });
  });

  it('connects a peer, lists it and disconnects it', async () => {
    const other = await startLiveNode();
    try {
      const id = await node.connectPeer(other.url);
      expect(await node.peers()).toMatchObject([
        { id, url: other.url, direction: 'OUTBOUND', state: 'READY', height: 0 },
      ]);
      await node.disconnectPeer(id);
      expect(await node.peers()).toEqual([]);
      await expect(node.disconnectPeer(id)).rejects.toMatchObject({ kind: 'failed', code: 'unknown-peer' });
    } finally {
      await other.stop();
    }
  });

  it('has a block treated as invalid, and takes that back', async () => {
    const [first, second] = await node.mine({ count: 2, to: 'Carol' });
    expect(await node.invalidateBlock(first!.hash)).toMatchObject({ height: 0 });
    expect(await node.tip()).toMatchObject({ height: 0 });
    expect(await node.reconsiderBlock(first!.hash)).toEqual({ hash: second?.hash, height: 2 });
    const refused = { kind: 'failed', code: 'unknown-block' };
    await expect(node.invalidateBlock(UNKNOWN_HASH)).rejects.toMatchObject(refused);
    await expect(node.reconsiderBlock(UNKNOWN_HASH)).rejects.toMatchObject(refused);
  });
});

describe('a client that reads a node', () => {
  it('finds blocks by height, by hash and page by page', async () => {
    const [first, second] = await node.mine({ count: 2, to: 'Carol' });
    expect(await node.block(1)).toMatchObject({ hash: first?.hash, canonical: true, confirmations: 2 });
    expect(await node.block(second!.hash)).toEqual(await node.tip());
    expect(await node.block(UNKNOWN_HASH)).toBeNull();
    const { edges, pageInfo } = await node.blocks({ first: 2 });
    expect(edges.map(({ node: block }) => block.height)).toEqual([2, 1]);
    const rest = await node.blocks({ after: pageInfo.endCursor! });
    expect(rest.edges.map(({ node: block }) => block.height)).toEqual([0]);
    expect([pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
  });

  it('sees a transfer in the mempool, by its id, and once it is mined at its account', async () => {
    const { id } = await node.send({
      from: ALICE,
      to: 'Bob',
      amount: parseAmount('2.5'),
      fee: COIN / 1_000n,
      memo: 'thanks',
    });
    const transfer = { id, amount: parseAmount('2.5'), fee: COIN / 1_000n, status: 'PENDING' };
    const mempool = await node.mempool();
    expect(mempool).toMatchObject({ size: 1, transactions: { edges: [{ node: transfer }] } });
    expect(await node.transaction(id)).toMatchObject({ ...transfer, memo: 'thanks', block: null });
    expect(await node.transaction(UNKNOWN_HASH)).toBeNull();
    expect(await node.account('Alice')).toMatchObject({ name: 'Alice', nonce: 0n, pendingNonce: 1n });
    await node.mine({ to: 'Carol' });
    const account = await node.account('Alice');
    expect(account).toMatchObject({ nonce: 1n, transactions: { edges: [{ node: { id, status: 'CONFIRMED' } }] } });
  });
});
