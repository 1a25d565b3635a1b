import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LAB, REGTEST } from '../../../consensus/networks.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const SEND = `mutation ($from: String!) { sendFromDevAccount(from: $from, to: "Carol", amount: "1") {
  ... on TransactionAccepted { transaction { id } } } }`;
const MINE = `mutation ($count: Int, $transactions: [Hash!], $parent: Hash) {
  mine(count: $count, transactions: $transactions, parent: $parent) {
    ... on BlocksMined { blocks { hash height canonical header { prevHash } transactions(first: 100) { edges { node { id } } } } }
    ... on MiningFailed { code message blocks { height } }
  } }`;
const DROP = `mutation ($id: Hash!) { dropTransaction(id: $id) {
  ... on TransactionDropped { id } ... on OperationFailed { code message } } }`;
const UNKNOWN = 'ab'.repeat(32);

const living: LiveNode[] = [];
let query: LiveNode['api']['query'];

async function start(overrides?: Parameters<typeof startLiveNode>[0]): Promise<void> {
  const live = await startLiveNode(overrides);
  living.push(live);
  query = (text, variables) => live.api.query(text, variables);
}

beforeEach(() => start());

afterEach(async () => {
  await Promise.all(living.splice(0).map((node) => node.stop()));
});

async function send(from: string): Promise<string> {
  return (await query(SEND, { from })).sendFromDevAccount.transaction.id;
}

/** Ids of the transfers of a block as the API shows it. */
function contentOf(block: { transactions: { edges: { node: { id: string } }[] } }): string[] {
  return block.transactions.edges.slice(1).map(({ node }) => node.id);
}

describe('mine, with a choice', () => {
  it('makes blocks of exactly the named transactions, and empty ones', async () => {
    const [first, second, third] = [await send('Alice'), await send('Alice'), await send('Bob')];
    const { blocks } = (await query(MINE, { count: 2, transactions: [first, third] })).mine;
    expect(blocks.map(contentOf)).toEqual([[first, third], []]);
    const [empty] = (await query(MINE, { transactions: [] })).mine.blocks;
    expect(contentOf(empty)).toEqual([]);
    const [rest] = (await query(MINE)).mine.blocks;
    expect(contentOf(rest)).toEqual([second]);
  });

  //  genesis - 1 - 2
  //   \
  //    1' - 2' - 3'
  it('makes a fork in one call, and a reorg in another', async () => {
    const id = await send('Alice');
    const [, two] = (await query(MINE, { count: 2 })).mine.blocks;
    const fork = (await query(MINE, { parent: REGTEST.genesis.hash, transactions: [] })).mine.blocks[0];
    expect(fork).toMatchObject({ height: 1, canonical: false, header: { prevHash: REGTEST.genesis.hash } });
    expect((await query('{ tip { hash } }')).tip.hash).toBe(two.hash);
    const branch = (await query(MINE, { parent: fork.hash, transactions: [], count: 2 })).mine.blocks;
    expect(branch).toMatchObject([{ height: 2 }, { height: 3, canonical: true }]);
    const { transaction } = await query('query ($id: Hash!) { transaction(id: $id) { status } }', { id });
    expect(transaction.status).toBe('PENDING');
  });

  it('says by code and sentence why it mines nothing', async () => {
    await send('Alice');
    const later = await send('Alice');
    expect((await query(MINE, { transactions: [UNKNOWN] })).mine).toEqual({
      code: 'unknown-transaction',
      message: `transaction ${UNKNOWN} is not in the mempool`,
      blocks: [],
    });
    expect((await query(MINE, { transactions: [later] })).mine).toMatchObject({
      code: 'not-executable',
      message: expect.stringMatching(/^these transactions cannot be executed in this order: wrong-nonce: /),
    });
    expect((await query(MINE, { parent: UNKNOWN })).mine).toMatchObject({
      code: 'unknown-block',
      message: `no block ${UNKNOWN} is known`,
    });
    expect((await query('{ tip { height } }')).tip.height).toBe(0);
  });

  it('refuses names that cannot be meant', async () => {
    await expect(query(MINE, { transactions: [UNKNOWN, UNKNOWN] })).rejects.toThrow(
      `transactions: ${UNKNOWN} is named twice`,
    );
    const many = Array.from({ length: 1_001 }, (_, i) => i.toString(16).padStart(64, '0'));
    await expect(query(MINE, { transactions: many })).rejects.toThrow('transactions: at most 1000, not 1001');
    await expect(query(MINE, { transactions: ['abc'] })).rejects.toThrow('Hash must be 64 hex digits');
    await expect(query(MINE, { parent: 'abc' })).rejects.toThrow('Hash must be 64 hex digits');
  });
});

describe('dropTransaction', () => {
  it('drops it with its reason, and what builds on it waits', async () => {
    const [first, second] = [await send('Alice'), await send('Alice')];
    expect((await query(DROP, { id: first })).dropTransaction).toEqual({ id: first });
    const STATUS = 'query ($id: Hash!) { transaction(id: $id) { status statusReason } }';
    expect((await query(STATUS, { id: first })).transaction).toEqual({
      status: 'DROPPED',
      statusReason: 'operator: dropped by dropTransaction',
    });
    expect((await query(STATUS, { id: second })).transaction.status).toBe('QUEUED');
    const { latestEvents } = await query(
      '{ latestEvents(count: 10) { ... on MempoolEvent { change { removed { id reason } } } } }',
    );
    expect(latestEvents).toContainEqual({ change: { removed: [{ id: first, reason: 'OPERATOR' }] } });
    expect((await query(DROP, { id: first })).dropTransaction).toEqual({
      code: 'unknown-transaction',
      message: `transaction ${first} is not in the mempool`,
    });
  });
});

it('a network without controls says so, and refuses them', async () => {
  expect((await query('{ nodeInfo { controls } }')).nodeInfo.controls).toBe(true);
  await start({ network: LAB });
  expect((await query('{ nodeInfo { controls } }')).nodeInfo.controls).toBe(false);
  const message =
    'the network lab has no development controls: regtest has them, and networks whose file says "controls": true';
  const refused = { code: 'controls-off', message };
  expect((await query(MINE, { transactions: [] })).mine).toMatchObject(refused);
  expect((await query(MINE, { parent: LAB.genesis.hash })).mine).toMatchObject(refused);
  expect((await query(DROP, { id: UNKNOWN })).dropTransaction).toEqual(refused);
});
