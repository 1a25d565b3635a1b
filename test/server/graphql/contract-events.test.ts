import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatAddress } from '../../../consensus/address.ts';
import { AddressValue } from '../../../consensus/contract/value.ts';
import { bytesToHex } from '../../../consensus/hex.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import type { SignedTransaction } from '../../../consensus/transaction.ts';
import { keysOf } from '../../../testing/chain-builder.ts';
import { callAt, deployAt, encodedArgs } from '../../../testing/contract-transactions.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

/** Tells of what it gets and pays, by itself and through another one of its kind. */
const TILL = `interface Other { pay(to: Address, amount: bigint): void; }
interface Bill { to: Address; amount: bigint; }

export class Till {
  note(text: string, times: number): void {
    require(chain.value >= 0n, 'takes coins');
    for (let i = 0; i < times; i++) chain.emit('Noted', text, i);
  }

  pay(to: Address, amount: bigint): void {
    chain.emit('Paid', to, amount);
    chain.pay(to, amount);
  }

  ask(other: Address, to: Address, amount: bigint): void {
    at<Other>(other).pay(to, amount);
    chain.emit('Asked', other);
  }

  settle(bills: string[], first: Address, amount: bigint, on: boolean): bigint {
    require(on, 'off');
    return amount + BigInt(bills.length);
  }

  bill(to: Address, amount: bigint): Bill {
    return { to, amount };
  }
}
`;

const EVENTS = `query ($contract: String, $name: String, $transaction: Hash, $fromHeight: Int, $toHeight: Int,
  $first: Int, $after: String, $last: Int) {
  contractEvents(contract: $contract, name: $name, transaction: $transaction, fromHeight: $fromHeight, toHeight: $toHeight,
    first: $first, after: $after, last: $last) {
    edges { cursor node { contract name values valuesJson transaction blockHash blockHeight index } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const SIMULATE = `query ($input: SimulateCallInput!) { simulateCall(input: $input) {
  ok resultJson events { name } payments { from to amount } error { code message line } } }`;

const shown = (address: string) => formatAddress(address, REGTEST.addressPrefix);
const [alice, bob, dave] = [keysOf('Alice'), keysOf('Bob'), keysOf('Dave')];

let live: LiveNode;
let query: LiveNode['api']['query'];
let till: string;
let other: string;

/** Where the next transaction of a sender stands. */
const here = () => ({ params: REGTEST, state: live.node.store });

async function submit(transaction: SignedTransaction): Promise<void> {
  const text = `mutation ($raw: Hex!) { submitTransaction(raw: $raw) { __typename ... on TransactionRejected { message } } }`;
  const { submitTransaction } = await query(text, { raw: bytesToHex(transaction.raw) });
  expect(submitTransaction).toEqual({ __typename: 'TransactionAccepted' });
}

async function mine(options = ''): Promise<{ hash: string; height: number }> {
  const text = `mutation { mine(count: 1${options}) { ... on BlocksMined { blocks { hash height } } ... on MiningFailed { message } } }`;
  return (await query(text)).mine.blocks[0];
}

async function confirmed(transaction: SignedTransaction) {
  await submit(transaction);
  return await mine();
}

async function eventsOf(filter: Record<string, unknown> = {}) {
  const { edges, pageInfo } = (await query(EVENTS, filter)).contractEvents;
  return { events: edges.map((edge: { node: object }) => edge.node), ...pageInfo };
}

beforeAll(async () => {
  live = await startLiveNode();
  query = (text, variables) => live.api.query(text, variables);
  const [first, second] = [deployAt(here(), alice, TILL), deployAt(here(), bob, TILL)];
  for (const deploy of [first, second]) await submit(deploy);
  await mine();
  [till, other] = [first.contract, second.contract];
});

afterAll(() => live.stop());

describe('what contracts pay', () => {
  it('is in the receipt, and in the list of whom they pay', async () => {
    await confirmed(callAt(here(), alice, { contract: other }, 'note', ['in', 0], { amount: 5n }));
    const ask = callAt(here(), bob, { contract: till }, 'ask', [
      new AddressValue(other),
      new AddressValue(dave.address),
      3n,
    ]);
    await confirmed(ask);
    const payments = [{ from: shown(other), to: shown(dave.address), amount: '0.00000003' }];
    const { account, inner } = await query(
      `query ($dave: String!, $other: String!) {
        account(address: $dave) { addressHex transactions(first: 1) { edges { node { id receipt { ok payments { from to amount } } } } } }
        inner: account(address: $other) { transactions(first: 1) { edges { node { id } } } } }`,
      { dave: shown(dave.address), other: shown(other) },
    );
    expect(account.addressHex).toBe(dave.address);
    expect(account.transactions.edges).toEqual([{ node: { id: ask.txid, receipt: { ok: true, payments } } }]);
    expect(inner.transactions.edges).toEqual([{ node: { id: ask.txid } }]);
  });

  it('is nothing where a call fails, whatever it had paid before', async () => {
    const fails = callAt(here(), alice, { contract: other }, 'pay', [new AddressValue(dave.address), 99n]);
    await confirmed(fails);
    const { transaction } = await query(
      'query ($id: Hash!) { transaction(id: $id) { receipt { ok payments { to } events { name } } } }',
      { id: fails.txid },
    );
    expect(transaction.receipt).toEqual({ ok: false, payments: [], events: [] });
    const input = { contract: shown(other), method: 'pay', argsJson: JSON.stringify(['Dave', 1]) };
    expect((await query(SIMULATE, { input })).simulateCall).toMatchObject({
      ok: true,
      events: [{ name: 'Paid' }],
      payments: [{ from: shown(other), to: shown(dave.address), amount: '0.00000001' }],
    });
  });
});

describe('argsJson', () => {
  const simulate = async (method: string, args: string, more: object = {}) =>
    (await query(SIMULATE, { input: { contract: shown(till), method, argsJson: args, ...more } })).simulateCall;

  it('is encoded by the types of the source', async () => {
    const settled = await simulate('settle', `[["a", "b"], "${shown(bob.address)}", "${2n ** 200n}", true]`);
    expect(settled).toMatchObject({ ok: true, resultJson: `"${2n ** 200n + 2n}"` });
    expect(JSON.parse((await simulate('bill', '["Alice", 7]')).resultJson)).toEqual({
      to: shown(alice.address),
      amount: '7',
    });
    const source = `export class A { constructor(n: number) { require(n === 2, 'not two'); } }`;
    const input = { source, argsJson: '[3]' };
    expect((await query(SIMULATE, { input })).simulateCall.error).toMatchObject({ message: 'not two' });
  });

  it('is refused with what is wrong', async () => {
    await expect(simulate('note', '["a", 1.5]')).rejects.toThrow(
      'argsJson: argument 2 of note (times: number) must be a whole number of at most 2^53 - 1, not 1.5',
    );
    await expect(simulate('note', '["a"]')).rejects.toThrow('argsJson: note takes 2 arguments');
    await expect(simulate('note', '{"text": "a"}')).rejects.toThrow('argsJson: must be a JSON array');
    await expect(simulate('note', '[1')).rejects.toThrow('argsJson: is no JSON; give an array such as [1, "text"]');
    await expect(simulate('bill', '["nobody", 1]')).rejects.toThrow('argsJson: argument 1 of bill (to: Address)');
    await expect(simulate('note', '[]', { arguments: '' })).rejects.toThrow(
      'argsJson: give arguments or argsJson, not both',
    );
  });

  it('leaves it to the outcome to say that there is no such method', async () => {
    expect(await simulate('nothing', '[1]')).toMatchObject({ ok: false, error: { code: 'no-method' } });
    const { simulateCall } = await query(SIMULATE, { input: { source: 'export class A { x }', argsJson: '[]' } });
    expect(simulateCall).toMatchObject({ ok: false, error: { line: 1 } });
  });
});

describe('contractEvents', () => {
  it('are those of the active chain, newest first, with their places', async () => {
    const before = await live.api.tip();
    const note = callAt(here(), alice, { contract: till }, 'note', ['hello', 2]);
    const { hash, height } = await confirmed(note);
    expect(hash).not.toBe(before);
    const place = {
      contract: shown(till),
      name: 'Noted',
      transaction: note.txid,
      blockHash: hash,
      blockHeight: height,
    };
    const { events } = await eventsOf({ first: 2 });
    expect(events).toEqual([
      { ...place, index: 1, values: bytesToHex(encodedArgs(['hello', 1])), valuesJson: '["hello",1]' },
      { ...place, index: 0, values: bytesToHex(encodedArgs(['hello', 0])), valuesJson: '["hello",0]' },
    ]);
  });

  it('are filtered by contract, name, transaction and height, and paged', async () => {
    const many = callAt(here(), bob, { contract: till }, 'note', ['many', 30]);
    const { height } = await confirmed(many);
    const inner = await eventsOf({ contract: shown(other) });
    expect(inner.events).toMatchObject([{ name: 'Paid', contract: shown(other) }]);
    expect((await eventsOf({ name: 'Asked' })).events).toMatchObject([{ contract: shown(till), index: 1 }]);
    expect((await eventsOf({ contract: shown(other), name: 'Asked' })).events).toEqual([]);
    expect((await eventsOf({ fromHeight: height, toHeight: height, first: 100 })).events).toHaveLength(30);
    expect((await eventsOf({ fromHeight: height + 1 })).events).toEqual([]);
    const below = await eventsOf({ toHeight: height - 1 });
    expect(below.events[0]).toMatchObject({ valuesJson: '["hello",1]' });
    expect((await eventsOf({ transaction: many.txid, first: 100 })).events).toHaveLength(30);
    expect((await eventsOf({ transaction: 'ab'.repeat(32) })).events).toEqual([]);
    const all = (await eventsOf({ first: 100 })).events;
    for (const filter of [{}, { contract: shown(till) }, { transaction: many.txid }]) {
      const paged: object[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const page = await eventsOf({ ...filter, first: 7, after });
        paged.push(...page.events);
        [more, after] = [page.hasNextPage, page.endCursor];
      }
      const wanted = await eventsOf({ ...filter, first: 100 });
      expect(paged).toEqual(wanted.events);
      expect(all).toEqual(expect.arrayContaining(paged));
    }
  });

  it('are refused with what is wrong', async () => {
    const refused: readonly [Record<string, unknown>, string][] = [
      [{ contract: 'nobody' }, 'contract: "nobody" is neither an address of this network'],
      [{ name: 'no name' }, 'name: "no name" is no name of an event: a letter, then letters, digits and _, at most 64'],
      [{ name: 'a'.repeat(65) }, 'is no name of an event'],
      [{ fromHeight: -1 }, 'fromHeight: must not be negative'],
      [{ fromHeight: 5, toHeight: 4 }, 'toHeight: must not be below fromHeight, 5'],
      [{ toHeight: -1 }, 'toHeight: must not be below 0'],
      [{ first: 101 }, 'first: must be from 0 to 100'],
      [{ after: '1.2' }, 'after: "1.2" is not a cursor of this list'],
      [{ last: 1 }, 'last: this list can only be read from its start; use first and after'],
      [{ transaction: 'ab' }, 'Hash must be 64 hex digits'],
    ];
    for (const [filter, message] of refused) await expect(query(EVENTS, filter)).rejects.toThrow(message);
  });

  it('cost what they make the node read, before anything is read', async () => {
    const one = (alias: number) => `a${alias}: contractEvents(first: 100) { edges { node { name values index } } }`;
    const document = `{ ${Array.from({ length: 15 }, (_, i) => one(i)).join(' ')} }`;
    await expect(query(document)).rejects.toThrow('at most 20000 are allowed');
  });
});

describe('the stream of events', () => {
  /**
   *     A - left (bob: note 'left' ×2, alice: note 'both')
   *      \
   *       taken (alice: note 'both') - above (dave: note 'above')
   */
  it('tells what contracts emit, and takes it back on a reorg before that of the new branch', async () => {
    await mine();
    const { cursor } = (await query('{ nodeInfo { cursor } }')).nodeInfo;
    const fork = (await query('{ tip { hash } }')).tip.hash;
    const left = callAt(here(), bob, { contract: till }, 'note', ['left', 2]);
    const both = callAt(here(), alice, { contract: till }, 'note', ['both', 1]);
    const above = callAt(here(), dave, { contract: till }, 'note', ['above', 1]);
    const fails = callAt(here(), keysOf('Carol'), { contract: till }, 'settle', [
      [],
      new AddressValue(other),
      1n,
      false,
    ]);
    for (const each of [left, both, fails]) await submit(each);
    const left1 = await mine();
    const taken = await mine(`, parent: "${fork}", transactions: ["${both.txid}"]`);
    await submit(above);
    const above1 = await mine(`, parent: "${taken.hash}", transactions: ["${above.txid}"]`);
    expect(await live.api.tip()).toBe(above1.hash);

    const stream = await query(
      `query ($after: Cursor) { events(after: $after, first: 50) { __typename
      ... on ContractEvent { takenBack transaction blockHash blockHeight events { name valuesJson } }
      ... on BlockEvent { block { hash } } } }`,
      { after: cursor },
    );
    const told = stream.events.filter(({ __typename }: { __typename: string }) =>
      ['ReorgEvent', 'BlockEvent', 'ContractEvent'].includes(__typename),
    );
    const emitted = (id: string, block: { hash: string; height: number }, texts: string[], takenBack = false) => ({
      __typename: 'ContractEvent',
      takenBack,
      transaction: id,
      blockHash: block.hash,
      blockHeight: block.height,
      events: texts.map((valuesJson) => ({ name: 'Noted', valuesJson })),
    });
    const ofLeft = (takenBack: boolean) => [
      emitted(left.txid, left1, ['["left",0]', '["left",1]'], takenBack),
      emitted(both.txid, left1, ['["both",0]'], takenBack),
    ];
    const [first, ...rest] = told;
    expect(first).toEqual({ __typename: 'BlockEvent', block: { hash: left1.hash } });
    // In the order of the block, which is that of fee rates; the latest first when they are taken back.
    const order = rest.slice(0, 2);
    expect(order).toEqual(expect.arrayContaining(ofLeft(false)));
    const isReversed = order[0].transaction === both.txid;
    expect(rest.slice(2)).toEqual([
      { __typename: 'ReorgEvent' },
      ...(isReversed ? ofLeft(true) : ofLeft(true).reverse()),
      { __typename: 'BlockEvent', block: { hash: taken.hash } },
      emitted(both.txid, taken, ['["both",0]']),
      { __typename: 'BlockEvent', block: { hash: above1.hash } },
      emitted(above.txid, above1, ['["above",0]']),
    ]);
    expect((await eventsOf({ transaction: left.txid })).events).toEqual([]);
    expect((await eventsOf({ transaction: both.txid })).events).toMatchObject([{ blockHash: taken.hash }]);

    await query('mutation ($hash: Hash!) { invalidateBlock(hash: $hash) { __typename } }', { hash: taken.hash });
    const { latestEvents } = await query(`{ latestEvents(count: 20, kinds: [CONTRACT]) {
      ... on ContractEvent { takenBack transaction } } }`);
    expect(latestEvents.slice(-4)).toEqual([
      { takenBack: true, transaction: above.txid },
      { takenBack: true, transaction: both.txid },
      ...order.map(({ transaction }: { transaction: string }) => ({ takenBack: false, transaction })),
    ]);
  });
});
