import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { COIN } from '../../consensus/amount.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';

let live: LiveNode;
let node: NodeClient;
beforeEach(async () => {
  live = await startLiveNode();
  node = connectNode({ url: live.node.url });
});
afterEach(() => live.stop());

const ALICE = developmentKeyPair(developmentAccountByName('Alice')!);

describe('a client that waits', () => {
  it('resolves with a height that is reached already, or when it is', async () => {
    expect((await node.waitForHeight(0)).height).toBe(0);
    const reached = node.waitForHeight(2);
    const blocks = await node.mine({ count: 2, to: 'Carol' });
    expect(await reached).toEqual({ hash: blocks[1]?.hash, height: 2 });
  });

  it('resolves when a transaction is confirmed, and says in which block', async () => {
    const { id, status } = await node.send({ from: ALICE, to: 'Bob', amount: 2n * COIN });
    expect(status).toBe('PENDING');
    const settled = node.waitForTransaction(id);
    const [block] = await node.mine();
    expect(await settled).toMatchObject({ status: 'CONFIRMED', block: { hash: block?.hash, height: 1 } });
  });

  it('resolves when a transaction has as many confirmations as are wanted, also after a reorg has taken some back', async () => {
    const { id } = await node.send({ from: ALICE, to: 'Bob', amount: 2n * COIN });
    const settled = node.waitForTransaction(id, { confirmations: 3 });
    const [first] = await node.mine({ count: 2 });
    await node.mine({ parent: (await node.block(first!.hash))!.header.prevHash, transactions: [], count: 3 });
    expect(await node.transaction(id)).toMatchObject({ status: 'PENDING' });
    await node.mine({ count: 3 });
    expect(await settled).toMatchObject({ status: 'CONFIRMED', confirmations: 3, block: { height: 4 } });
  });

  it('resolves when there are as many peers as are wanted, or those that are', async () => {
    expect(await node.waitForPeers(0)).toEqual([]);
    const other = await startLiveNode();
    try {
      const peers = node.waitForPeers(1);
      await node.connectPeer(other.url);
      const [peer] = await peers;
      expect(peer).toMatchObject({ url: other.url, state: 'READY' });
      const alone = node.waitForPeers((all) => all.length === 0);
      await node.disconnectPeer(peer!.id);
      expect(await alone).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  it('says at its time limit what there is instead', async () => {
    const { id } = await node.send({ from: ALICE, to: 'Bob', amount: 2n * COIN });
    const timeoutMs = 1_000;
    const waits: [Promise<unknown>, RegExp][] = [
      [node.waitForHeight(9, { timeoutMs }), /did not reach height 9 within 1 s: it is at height 0$/],
      [node.waitForTransaction(id, { timeoutMs }), /did not get 1 confirmation within 1 s: it is PENDING$/],
      [node.waitForPeers(2, { timeoutMs }), /did not get 2 peers within 1 s: it has 0 peers$/],
    ];
    for (const [wait, words] of waits) {
      await expect(wait).rejects.toMatchObject({ kind: 'timeout', message: expect.stringMatching(words) });
    }
  });

  it('rejects when a transaction is dropped, with the reason', async () => {
    const first = await node.send({ from: ALICE, to: 'Bob', amount: 2n * COIN, nonce: 0n });
    const dropped = node.waitForTransaction(first.id).catch((error: unknown) => error);
    await node.send({ from: ALICE, to: 'Bob', amount: 3n * COIN, nonce: 0n, fee: COIN / 2_000n });
    const reason = expect.stringMatching(/^the transaction was dropped: .*replaced/i);
    expect(await dropped).toMatchObject({ name: 'ClientError', kind: 'dropped', code: 'dropped', message: reason });
  });

  it('waits for a node that has answered before, and may be starting again', async () => {
    await node.mine({ count: 2 });
    const { port } = new URL(live.url);
    await live.stop();
    const reached = node.waitForHeight(1);
    live = await startLiveNode({ port: Number(port) });
    await connectNode({ url: live.url }).mine();
    expect(await reached).toMatchObject({ height: 1 });
  });

  it('refuses to wait for what is no number', async () => {
    const message = 'must be a whole number from 0 to 2147483647';
    await expect(node.waitForHeight(Number.NaN)).rejects.toThrow(message);
    await expect(node.waitForPeers(Number.NaN)).rejects.toThrow(message);
    await expect(node.waitForTransaction('ab'.repeat(32), { confirmations: Number.NaN })).rejects.toThrow(message);
  });

  it('gives up when it is told to', async () => {
    const abort = new AbortController();
    const waits = [
      node.waitForHeight(9, { signal: abort.signal }),
      node.waitForTransaction('ab'.repeat(32), { signal: abort.signal }),
      node.events({ signal: abort.signal }).next(),
    ];
    abort.abort();
    for (const outcome of await Promise.allSettled(waits)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'aborted' } });
    }
  });
});

describe('a client that is refused', () => {
  it('says that the node said no, and with which code', async () => {
    await expect(node.send({ from: ALICE, to: 'Bob', amount: 100000n * COIN })).rejects.toMatchObject({
      kind: 'failed',
      code: 'insufficient-balance',
    });
    await expect(node.account('Zed')).rejects.toMatchObject({ kind: 'failed', code: 'BAD_INPUT' });
  });

  it.each([
    ['1', "amount must be base units, such as parseCoins('1.5'), not a string"],
    [1, "amount must be base units, such as parseCoins('1.5'), not a number"],
    [undefined, "amount must be base units, such as parseCoins('1.5'), not undefined"],
    [-1n, 'amount is negative'],
    [2n ** 64n, 'amount is above the largest, 18446744073709551615 base units'],
  ])('sends no amount that is none: %s', async (amount, message) => {
    const sending = node.send({ from: ALICE, to: 'Bob', amount: amount as bigint });
    await expect(sending).rejects.toMatchObject({ name: 'AmountError', message });
  });

  it('names the accounts that there are where a name is none', async () => {
    const message =
      'regtest has no development account "Zed"; there are Alice, Bob, Carol, Dave, Erin, Frank, Grace, Heidi, Ivan, Judy';
    const refused = (party: string) => ({ name: 'TransferError', problem: { kind: 'unknown-name', party }, message });
    await expect(node.send({ from: ALICE, to: 'Zed', amount: COIN })).rejects.toMatchObject(refused('recipient'));
    await expect(node.send({ from: 'Zed', to: 'Bob', amount: COIN })).rejects.toMatchObject(refused('sender'));
  });

  it('signs for no network but the one that is named', async () => {
    const genesisHash = 'ab'.repeat(32);
    const sending = node.send({ from: ALICE, to: 'Bob', amount: 1n * COIN, genesisHash });
    await expect(sending).rejects.toMatchObject({ problem: { kind: 'other-network' } });
    expect((await node.mempool()).size).toBe(0);
  });
});
