import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatAddress } from '../../../consensus/address.ts';
import { MAX_CALL_GAS } from '../../../consensus/contract/limits.ts';
import { MAX_TRACE_PAGE_STEPS, MAX_TRACE_STEPS } from '../../../consensus/contract/trace.ts';
import { bytesToHex } from '../../../consensus/hex.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import type { SignedTransaction } from '../../../consensus/transaction.ts';
import { keysOf } from '../../../testing/chain-builder.ts';
import { callAt, deployAt, encodedArgs } from '../../../testing/contract-transactions.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const SOURCE = `export class Counter {
  count = 0;

  add(by: number): number {
    const before = this.count;
    require(by > 0, 'nothing to add');
    this.count = before + by;
    return this.count;
  }

  spin(): void {
    for (let i = 0; i >= 0; i++) {}
  }

  pay(): bigint {
    return chain.value + BigInt(chain.height) + chain.balance;
  }
}
`;
const VALUES = 'valueJson isTooLong';
const TRACE = `{ total complete gasBefore gasAtReturn gasUsed error { code line } steps {
  index contract method line column gasUsed gas depth locals { name ${VALUES} } changes { name ${VALUES} }
  reads { field keyJson ${VALUES} } writes { field keyJson ${VALUES} } } }`;
const TRANSACTION_TRACE = `query ($id: Hash!, $from: Int, $first: Int) {
  transactionTrace(id: $id, from: $from, first: $first) ${TRACE} }`;
const LINES = `query ($id: Hash!, $from: Int, $first: Int) {
  transactionTrace(id: $id, from: $from, first: $first) { total complete steps { line } } }`;
const SIMULATE = `query ($input: SimulateCallInput!, $from: Int, $first: Int) {
  simulateCall(input: $input) { ok gasUsed trace(from: $from, first: $first) ${TRACE} } }`;
const RECEIPT = 'query ($id: Hash!) { transaction(id: $id) { status receipt { ok gasUsed error { code line } } } }';
const SUBMIT = 'mutation ($raw: Hex!) { submitTransaction(raw: $raw) { __typename } }';
const MINE = `mutation ($count: Int!, $parent: Hash, $transactions: [Hash!]) {
  mine(count: $count, to: "Carol", parent: $parent, transactions: $transactions) {
    ... on BlocksMined { blocks { hash } } ... on MiningFailed { code message } } }`;

const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const shown = (address: string) => formatAddress(address, REGTEST.addressPrefix);

let live: LiveNode;
let query: LiveNode['api']['query'];
let counter: ReturnType<typeof deployAt>;

const here = () => ({ params: REGTEST, state: live.node.store });

async function submit(...transactions: SignedTransaction[]): Promise<void> {
  for (const { raw } of transactions) await query(SUBMIT, { raw: bytesToHex(raw) });
}

async function mine(order: Record<string, unknown> = {}): Promise<string[]> {
  const { mine: mined } = await query(MINE, { count: 1, ...order });
  return mined.blocks.map(({ hash }: { hash: string }) => hash);
}

async function traceOf({ txid }: SignedTransaction, page = {}) {
  return (await query(TRANSACTION_TRACE, { id: txid, ...page })).transactionTrace;
}

beforeAll(async () => {
  live = await startLiveNode();
  query = (text, variables) => live.api.query(text, variables);
  counter = deployAt(here(), alice, SOURCE);
  await submit(counter);
  await mine();
});

afterAll(() => live.stop());

describe('the trace of a transaction', () => {
  it('shows what happened then, whatever the state is by now', async () => {
    const first = callAt(here(), alice, counter, 'add', [2], { fee: 9_000_000n });
    const second = callAt(here(), bob, counter, 'add', [40], { fee: 5_000_000n });
    await submit(first, second);
    await mine();
    const traces = [await traceOf(first), await traceOf(second)];
    await submit(callAt(here(), carol, counter, 'add', [1_000]));
    await mine();
    expect([await traceOf(first), await traceOf(second)]).toEqual(traces);
    const { receipt } = (await query(RECEIPT, { id: second.txid })).transaction;
    expect(traces[1]).toMatchObject({ total: 4, complete: true, gasUsed: receipt.gasUsed, error: null });
    const shownValue = (valueJson: string) => ({ valueJson, isTooLong: false });
    const count = (valueJson: string) => ({ field: 'count', keyJson: null, ...shownValue(valueJson) });
    expect(traces[1].steps).toMatchObject([
      {
        index: 0,
        contract: shown(counter.contract),
        method: 'add',
        line: 5,
        column: 5,
        depth: 1,
        gasUsed: traces[1].gasBefore,
        locals: [{ name: 'by', ...shownValue('40') }],
        changes: [{ name: 'before', ...shownValue('2') }],
        reads: [count('2')],
        writes: [],
      },
      { line: 6, changes: [], reads: [], writes: [] },
      { line: 7, changes: [], reads: [], writes: [count('42')] },
      { line: 8, locals: [{ name: 'by' }, { name: 'before' }], reads: [count('42')] },
    ]);
    expect(traces[1].steps[3].gasUsed + traces[1].steps[3].gas).toBe(traces[1].gasAtReturn);
  });

  it('of a deploy shows its constructor, and one that failed ends where it failed', async () => {
    expect(await traceOf(counter)).toMatchObject({ total: 0, steps: [], error: null });
    const failing = callAt(here(), bob, counter, 'add', [-1]);
    const paid = callAt(here(), alice, counter, 'pay', [], { amount: 7n });
    await submit(failing, paid);
    await mine();
    const trace = await traceOf(failing);
    expect(trace).toMatchObject({ error: { code: 'required', line: 6 }, gasUsed: failing.gas, gasAtReturn: null });
    expect(trace.steps.map(({ line }: { line: number }) => line)).toEqual([5, 6]);
    expect(await traceOf(paid)).toMatchObject({ total: 1, error: null });
  });

  it('follows a reorg: it is that of the block in which the transaction is now', async () => {
    const { tip } = await query('{ tip { hash } }');
    const add = callAt(here(), alice, counter, 'add', [5]);
    const other = callAt(here(), bob, counter, 'add', [100], { fee: 9_000_000n });
    await submit(add, other);
    // tip ─ add
    //    \─ empty ─ empty ─ other, add
    await mine({ transactions: [add.txid] });
    const before = await traceOf(add);
    expect(await traceOf(other)).toBeNull();
    await mine({ parent: tip.hash, transactions: [], count: 2 });
    expect(await traceOf(add)).toBeNull();
    await mine();
    const after = await traceOf(add);
    const found = [before, after].map(({ steps }) => Number(steps[0].reads[0].valueJson));
    expect(found[1]).toBe((found[0] ?? 0) + 100);
    expect(await traceOf(other)).toMatchObject({ total: 4, error: null });
  });

  it('is none of a transfer, of one that is pending, and of one that nobody knows', async () => {
    const pending = callAt(here(), carol, counter, 'add', [1]);
    await submit(pending);
    expect(await traceOf(pending)).toBeNull();
    const [hash] = await mine();
    const { block } = await query(
      'query ($hash: Hash) { block(hash: $hash) { transactions(first: 1) { edges { node { id } } } } }',
      { hash },
    );
    expect(await traceOf({ txid: block.transactions.edges[0].node.id } as SignedTransaction)).toBeNull();
    expect(await traceOf({ txid: 'ab'.repeat(32) } as SignedTransaction)).toBeNull();
    expect(await traceOf(pending)).toMatchObject({ total: 4 });
  });

  it('is refused where what it read is not kept any more', async () => {
    const add = callAt(here(), alice, counter, 'add', [1]);
    await submit(add);
    await mine();
    const { store } = live.node;
    const { blockReads } = store;
    store.blockReads = () => undefined;
    try {
      await expect(traceOf(add)).rejects.toThrow(
        /id: what the transaction read is not kept: only that of the last 10000/,
      );
    } finally {
      store.blockReads = blockReads;
    }
    expect(await traceOf(add)).toMatchObject({ total: 4 });
  });

  it('is a fault of the node where a replay gives another receipt', async () => {
    const add = callAt(here(), alice, counter, 'add', [1]);
    await submit(add);
    await mine();
    const { store } = live.node;
    const { undo } = store;
    // The count before the block is another one than it was.
    store.undo = (hash) => {
      const bytes = Uint8Array.from(undo.call(store, hash) ?? []);
      const place = Buffer.from(bytes).lastIndexOf(Buffer.from('count')) + 'count'.length + 4;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      return bytes;
    };
    try {
      await expect(traceOf(add)).rejects.toThrow(/internal error/);
      expect(live.log()).toContain(`executed again, transaction ${add.txid} gives another receipt`);
    } finally {
      store.undo = undo;
    }
  });
});

describe('pages of a trace', () => {
  it('make up the whole, and bad ones are refused', async () => {
    const input = { contract: shown(counter.contract), method: 'add', arguments: bytesToHex(encodedArgs([3])) };
    const simulate = async (page = {}) => (await query(SIMULATE, { input, ...page })).simulateCall;
    const { trace: whole, gasUsed } = await simulate();
    expect(whole).toMatchObject({ total: 4, complete: true, gasUsed });
    const pages = [await simulate({ first: 1 }), await simulate({ from: 1, first: 2 }), await simulate({ from: 3 })];
    expect(pages.flatMap(({ trace }) => trace.steps)).toEqual(whole.steps);
    expect((await simulate({ from: 4 })).trace).toEqual({ ...whole, steps: [] });
    await expect(simulate({ from: -1 })).rejects.toThrow('from: must be 0 or more');
    await expect(simulate({ first: 0 })).rejects.toThrow(`first: must be from 1 to ${MAX_TRACE_PAGE_STEPS}`);
    const tooMany = { id: counter.txid, first: MAX_TRACE_PAGE_STEPS + 1 };
    await expect(query(LINES, tooMany)).rejects.toThrow(/first: must be from 1 to|fields/);
    await expect(query(TRANSACTION_TRACE, { id: counter.txid, first: MAX_TRACE_PAGE_STEPS })).rejects.toThrow(
      /asks for about \d+ fields, at most/,
    );
    await expect(query(LINES, { id: 'no hash' })).rejects.toThrow(/id/);
  });

  it('end where a trace holds no more steps', async () => {
    const spin = callAt(here(), bob, counter, 'spin', [], { gas: MAX_CALL_GAS, fee: 90_000_000n });
    await submit(spin);
    await mine();
    const last = (await query(LINES, { id: spin.txid, from: MAX_TRACE_STEPS - 2 })).transactionTrace;
    expect(last).toEqual({ total: MAX_TRACE_STEPS, complete: false, steps: [{ line: 12 }, { line: 12 }] });
  });
});
