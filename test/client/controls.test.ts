import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { COIN } from '../../consensus/amount.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';

const ALICE = developmentKeyPair(developmentAccountByName('Alice')!);

let live: LiveNode;
let node: NodeClient;
beforeEach(async () => {
  live = await startLiveNode();
  node = connectNode({ url: live.url });
});
afterEach(() => live.stop());

describe('the controls of a development network', () => {
  it('go back to a snapshot, again and again', async () => {
    await node.mine();
    const { id } = await node.send({ from: ALICE, to: 'Bob', amount: 2n * COIN });
    const snapshot = await node.takeSnapshot();
    const tip = await node.tip();
    expect(snapshot).toMatchObject({ height: 1, tipHash: tip.hash });
    expect(await node.snapshots()).toEqual([snapshot]);
    for (const _ of [1, 2]) {
      await node.mine({ count: 2 });
      expect(await node.revertToSnapshot(snapshot.id)).toEqual({ hash: tip.hash, height: 1 });
      expect(await node.transaction(id)).toMatchObject({ status: 'PENDING' });
    }
    const unknown = { kind: 'failed', code: 'unknown-snapshot' };
    await expect(node.revertToSnapshot('none')).rejects.toMatchObject(unknown);
  });

  it('forget a snapshot that is dropped, and only that', async () => {
    const [first, second] = [await node.takeSnapshot(), await node.takeSnapshot()];
    await node.dropSnapshot(first.id);
    expect(await node.snapshots()).toEqual([second]);
    const unknown = { kind: 'failed', code: 'unknown-snapshot' };
    await expect(node.dropSnapshot(first.id)).rejects.toMatchObject(unknown);
    await expect(node.revertToSnapshot(first.id)).rejects.toMatchObject(unknown);
    expect(await node.revertToSnapshot(second.id)).toMatchObject({ height: 0 });
  });

  it('tell a watcher that the node went back', async () => {
    const { id } = await node.takeSnapshot();
    const { cursor } = await node.nodeInfo();
    const events = node.events({ after: cursor });
    await node.revertToSnapshot(id);
    expect((await events.next()).value).toMatchObject({ __typename: 'ResetEvent', tip: { height: 0 } });
    await events.return();
  });

  it('move the clock, and set the time of the next block', async () => {
    const at = new Date('2030-01-01T00:00:00.000Z');
    expect((await node.setTime(at)).getTime()).toBeGreaterThanOrEqual(at.getTime());
    expect((await node.increaseTime(3_600)).getTime()).toBeGreaterThanOrEqual(at.getTime() + 3_600_000);
    const next = new Date('2030-01-01T01:30:00.000Z');
    await node.setNextBlockTime(next);
    await node.mine();
    expect((await node.tip()).time).toBe(next.toISOString());
  });

  it('end at the last time that a header can hold', async () => {
    const last = new Date('2106-02-07T06:28:15.000Z');
    await node.setTime(new Date(last.getTime() - 60_000));
    await node.setNextBlockTime(last);
    await node.mine();
    await expect(node.mine({ count: 20 })).rejects.toMatchObject({ kind: 'failed', code: 'time-too-new' });
    await expect(node.setTime(new Date(last.getTime() + 1_000))).rejects.toMatchObject({ code: 'time-out-of-range' });
    expect((await node.nodeInfo()).mayControl).toBe(true);
  });

  it('drop a transaction', async () => {
    const { id } = await node.send({ from: ALICE, to: 'Bob', amount: 2n * COIN });
    await node.dropTransaction(id);
    expect(await node.transaction(id)).toMatchObject({ status: 'DROPPED' });
    await expect(node.dropTransaction(id)).rejects.toMatchObject({ kind: 'failed', code: 'unknown-transaction' });
  });

  it('mine on a chosen parent, which is a second tip then', async () => {
    const [first] = await node.mine();
    const { prevHash } = (await node.tip()).header;
    const [second] = await node.mine({ parent: prevHash });
    const tips = (await node.chainTips()).map(({ hash }) => hash);
    expect(tips.sort()).toEqual([first?.hash, second?.hash].sort());
  });
});

describe('the state file of a snapshot', () => {
  it('takes a node to where another one was', async () => {
    await node.mine({ count: 2 });
    const tip = await node.tip();
    const file = await node.downloadSnapshot((await node.takeSnapshot()).id);
    const other = await startLiveNode();
    try {
      const client = connectNode({ url: other.url });
      const { id } = await client.uploadSnapshot(file);
      expect(await client.revertToSnapshot(id)).toEqual({ hash: tip.hash, height: 2 });
    } finally {
      await other.stop();
    }
  });

  it('is refused with the words of the node', async () => {
    const unknown = { kind: 'failed', code: 'unknown-snapshot', message: 'this node has no snapshot of this id' };
    await expect(node.downloadSnapshot('a/b')).rejects.toMatchObject(unknown);
    await expect(node.uploadSnapshot(new Uint8Array(9))).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('the state file cannot be used'),
    });
    await expect(node.uploadSnapshot(new Uint8Array(9), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'aborted',
    });
  });
});

describe('a raw operation', () => {
  it.each([
    [
      'subscription { events { cursor } }',
      'subscription',
      /^the document must be a query or a mutation, not a subscription$/,
    ],
    ['{ tip { height } } { miner { mode } }', 'operations', /^the document must hold one operation, not 2$/],
    ['fragment Part on Block { hash }', 'operations', /^the document must hold one operation, not 0$/],
    ['tip?', 'syntax', /^the document is not GraphQL: /],
  ])('is not asked where it is none: %s', async (document, problem, message) => {
    const refused = { name: 'DocumentError', problem, message: expect.stringMatching(message) };
    await expect(node.query(document)).rejects.toMatchObject(refused);
  });

  it('asks, tells, and takes variables', async () => {
    const mining = 'mutation ($count: Int!) { mine(count: $count) { ... on BlocksMined { blocks { height } } } }';
    expect(await node.query(mining, { count: 2 })).toEqual({ mine: { blocks: [{ height: 1 }, { height: 2 }] } });
    expect(await node.query<{ tip: { height: number } }>('{ tip { height } }')).toEqual({ tip: { height: 2 } });
    expect(await node.devAccounts()).toContainEqual({
      name: 'Alice',
      address: expect.any(String),
      balance: 1_000n * COIN,
    });
  });

  it('is refused with the words of the API', async () => {
    await expect(node.query('{ tip { hight } }')).rejects.toMatchObject({
      kind: 'failed',
      code: 'GRAPHQL_VALIDATION_FAILED',
      message: expect.stringContaining('hight'),
    });
  });
});
