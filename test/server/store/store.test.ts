import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvariantError } from '../../../consensus/errors.ts';
import { LAB, REGTEST } from '../../../consensus/networks.ts';
import { encodeUndo } from '../../../consensus/undo.ts';
import type { JournalEntry, StoreWrite } from '../../../protocol/store-writes.ts';
import { TIP_KEY } from '../../../server/store/apply-write.ts';
import { chainPath } from '../../../server/store/folder.ts';
import { lockFolder } from '../../../server/store/folder-lock.ts';
import { Store } from '../../../server/store/store.ts';
import { Tables } from '../../../server/store/tables.ts';
import {
  type ChainPoint,
  DEFAULT_MINER,
  genesisPoint,
  headerRecordOf,
  keysOf,
  mineBlock,
  mineChain,
  pathTo,
  transferAt,
  writesToConnect,
  writeToDisconnect,
} from '../../../testing/chain-builder.ts';
import { ChildProgram } from '../../../testing/child-program.ts';

const GENESIS = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];

let directory: string;
let store: Store;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'forklore-test-'));
  store = await Store.open({ directory, params: REGTEST });
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(...writes: StoreWrite[]): void {
  store.transaction((apply) => apply(writes));
}

function connectTo(tip: ChainPoint): void {
  for (const point of pathTo(tip)) write(...writesToConnect(point));
}

async function reopen(): Promise<void> {
  await store.close();
  store = await Store.open({ directory, params: REGTEST });
}

/** Everything that reads can tell, to compare two states of a store. */
function contentOf(point: ChainPoint) {
  return {
    tip: store.tip,
    height: store.height,
    stateRoot: store.stateRoot,
    accounts: new Map(store.accounts()),
    nodes: [...point.state.nodes.keys()].map((hash) => store.stateNode(hash)),
    nodeCount: store.rowCount('stateNodes'),
    heights: Array.from({ length: point.height + 2 }, (_, height) => store.hashAtHeight(height)),
  };
}

function expectStateOf(point: ChainPoint): void {
  expect(contentOf(point)).toEqual({
    tip: point.block.hash,
    height: point.height,
    stateRoot: point.state.stateRoot,
    accounts: point.state.accounts,
    nodes: [...point.state.nodes.values()],
    nodeCount: point.state.nodes.size,
    heights: [REGTEST.genesis.hash, ...pathTo(point).map(({ block }) => block.hash), undefined],
  });
}

function journalEntry(sequence: number): JournalEntry {
  const txid = sequence.toString(16).padStart(64, '0');
  return { txid, raw: Uint8Array.of(sequence, 2, 3), receivedMs: 1000 + sequence, unbroadcast: sequence % 2 === 0 };
}

describe('a new store', () => {
  it('holds the genesis block and its state', () => {
    expectStateOf(GENESIS);
    expect(store.block(REGTEST.genesis.hash)).toEqual(REGTEST.genesis);
    expect([...store.headers()].map((record) => record.hash)).toEqual([REGTEST.genesis.hash]);
    expect(store.rowCount('accounts')).toBe(10);
  });

  it('is the same after it was opened again', async () => {
    await reopen();
    expectStateOf(GENESIS);
  });

  it('has nothing that was not written', () => {
    const unknown = 'ee'.repeat(32);
    expect(store.body(unknown)).toBeUndefined();
    expect(store.undo(unknown)).toBeUndefined();
    expect(store.block(unknown)).toBeUndefined();
    expect(store.header(1, unknown)).toBeUndefined();
    expect(store.stateNode(unknown)).toBeUndefined();
    expect(store.account('ee'.repeat(20))).toBeUndefined();
    expect(store.hashAtHeight(1)).toBeUndefined();
    expect(store.transactionLocation(unknown)).toBeUndefined();
    expect(store.accountTransactions('ee'.repeat(20), { limit: 10 })).toEqual([]);
  });
});

describe('an ephemeral store', () => {
  it('works like any other and starts empty every time', async () => {
    const point = mineBlock(GENESIS);
    const first = await Store.open({ directory: null, params: REGTEST });
    first.transaction((apply) => apply(writesToConnect(point)));
    expect(first.tip).toBe(point.block.hash);
    await first.close();
    const second = await Store.open({ directory: null, params: REGTEST });
    expect(second.height).toBe(0);
    await second.close();
  });
});

describe('connect and disconnect', () => {
  const transfers = [
    transferAt(GENESIS, alice, bob.address, { amount: 7n, fee: 2n }),
    transferAt(GENESIS, bob, 'ab'.repeat(20), { amount: 0n }),
  ];
  const first = mineBlock(GENESIS, { transfers });
  const tip = mineChain(first, 3);

  it('keep accounts, state tree, undo records, height index and tip', async () => {
    connectTo(tip);
    expectStateOf(tip);
    expect(store.undo(first.block.hash)).toEqual(encodeUndo(first.undo));
    await reopen();
    expectStateOf(tip);
    expect(store.block(first.block.hash)).toEqual(first.block);
  });

  it('take each other back exactly', () => {
    connectTo(first);
    const before = contentOf(first);
    connectTo2(tip);
    for (const point of pathTo(tip).slice(1).reverse()) write(writeToDisconnect(point));
    expect(contentOf(first)).toEqual(before);
    expect(store.undo(tip.block.hash)).toBeUndefined();
    write(writeToDisconnect(first));
    expectStateOf(GENESIS);
  });

  function connectTo2(to: ChainPoint): void {
    for (const point of pathTo(to).slice(store.height)) write(...writesToConnect(point));
  }

  it('keep bodies of disconnected blocks', () => {
    connectTo(tip);
    write(writeToDisconnect(tip));
    expect(store.block(tip.block.hash)).toEqual(tip.block);
  });

  it('move transactions between journal and chain', () => {
    const pending = first.block.transactions.slice(1).map(({ txid, raw }) => ({ ...journalEntry(1), txid, raw }));
    const other = journalEntry(9);
    write(...[...pending, other].map((entry): StoreWrite => ({ kind: 'journal-put', entry })));
    connectTo(first);
    expect(store.journal()).toEqual([other]);
    write(writeToDisconnect(first, 5));
    expect(store.journal().map(({ txid, receivedMs }) => [txid, receivedMs])).toEqual(
      expect.arrayContaining([...transfers.map(({ txid }) => [txid, 5]), [other.txid, other.receivedMs]]),
    );
  });

  it('take a transaction out of the journal that came in when it was empty', () => {
    connectTo(first);
    const pending = transferAt(first, alice, bob.address);
    const second = mineBlock(first, { transfers: [pending] });
    write({ kind: 'journal-put', entry: { ...journalEntry(3), txid: pending.txid } });
    write(...writesToConnect(second));
    expect(store.journal()).toEqual([]);
  });

  it('index transactions of the active chain only', () => {
    const { txid } = transfers[1]!;
    connectTo(first);
    expect(store.transactionLocation(txid)).toEqual({ blockHash: first.block.hash, height: 1, index: 2 });
    write(writeToDisconnect(first));
    expect(store.transactionLocation(txid)).toBeUndefined();
    expect(store.accountTransactions(alice.address, { limit: 10 })).toEqual([]);
  });

  it('refuse a block that does not belong on the tip, and change nothing', () => {
    const [, second] = pathTo(tip) as [ChainPoint, ChainPoint];
    expect(() => write(...writesToConnect(second))).toThrow(InvariantError);
    expect(() => write(writeToDisconnect(first))).toThrow(InvariantError);
    const { block, height, change, undo, receipts, reads } = first;
    expect(() => write({ kind: 'connect', block, height, change, undo, receipts, reads })).toThrow('is not stored');
    expectStateOf(GENESIS);
  });
});

describe("an account's transactions", () => {
  it('come newest first and in pages', () => {
    // Bob is paid once in block 1, pays himself in block 2, and mines block 3.
    const one = mineBlock(GENESIS, { transfers: [transferAt(GENESIS, alice, bob.address)] });
    const two = mineBlock(one, { transfers: [transferAt(one, bob, bob.address)] });
    const three = mineBlock(two, { miner: bob.address });
    connectTo(three);
    const expected = [
      { height: 3, index: 0, txid: three.block.transactions[0]!.txid },
      { height: 2, index: 1, txid: two.block.transactions[1]!.txid },
      { height: 1, index: 1, txid: one.block.transactions[1]!.txid },
    ];
    expect(store.accountTransactions(bob.address, { limit: 10 })).toEqual(expected);
    expect(store.accountTransactions(bob.address, { limit: 2 })).toEqual(expected.slice(0, 2));
    expect(store.accountTransactions(bob.address, { limit: 2, before: expected[1]! })).toEqual(expected.slice(2));
    expect(store.accountTransactions(DEFAULT_MINER, { limit: 10 }).map(({ height }) => height)).toEqual([2, 1]);
  });
});

describe('other writes', () => {
  it('keep header records with all their fields, parents first', async () => {
    const records = pathTo(mineChain(GENESIS, 3)).map((point, i) =>
      headerRecordOf(point, {
        validity: (['unknown', 'invalid', 'operator-invalid'] as const)[i]!,
        invalidReason: i === 1 ? 'wrong-state-root' : null,
        arrival: i,
        bodyBytes: 0,
        transactionCount: 0,
        firstSeenFrom: 'ws://127.0.0.1:5001 코어',
      }),
    );
    write(...records.toReversed().map((record): StoreWrite => ({ kind: 'header', record })));
    await reopen();
    expect([...store.headers()].slice(1)).toEqual(records);
    const changed = { ...records[0]!, validity: 'valid' as const, chainWork: 2n ** 256n - 1n };
    write({ kind: 'header', record: changed });
    expect(store.header(1, changed.hash)).toEqual(changed);
  });

  it('keep bodies that are written ahead', async () => {
    const { block } = mineChain(GENESIS, 5);
    write({ kind: 'body', blockHash: block.hash, raw: block.raw });
    await reopen();
    expect(store.body(block.hash)).toEqual(block.raw);
    expect(store.height).toBe(0);
  });

  it('keep journal entries in the order of their arrival until they are deleted', async () => {
    const entries = [3, 1, 2].map(journalEntry);
    write(...entries.map((entry): StoreWrite => ({ kind: 'journal-put', entry })));
    await reopen();
    expect(store.journal()).toEqual([1, 2, 3].map(journalEntry));
    write({ kind: 'journal-delete', txid: journalEntry(2).txid }, { kind: 'journal-delete', txid: 'ff'.repeat(32) });
    expect(store.journal()).toEqual([1, 3].map(journalEntry));
  });

  it('keep addresses and discouragements until they are deleted', async () => {
    const address = { url: 'ws://127.0.0.1:5001', lastSuccessMs: 1_767_225_600_123, failures: 3 };
    const entry = { key: '192.0.2.1', untilMs: 1_767_225_700_000 };
    write({ kind: 'address-put', address }, { kind: 'discourage', entry });
    await reopen();
    expect(store.addresses()).toEqual([address]);
    expect(store.discouraged()).toEqual([entry]);
    write({ kind: 'address-delete', url: address.url }, { kind: 'discourage-end', key: entry.key });
    expect(store.addresses()).toEqual([]);
    expect(store.discouraged()).toEqual([]);
  });
});

describe('a transaction', () => {
  const point = mineBlock(GENESIS);

  it('shows its writes to its own reads, and gives what its work gives', () => {
    const seen = store.transaction((apply) => {
      apply(writesToConnect(point));
      return [store.tip, store.account(DEFAULT_MINER)?.balance, store.hashAtHeight(1)];
    });
    expect(seen).toEqual([point.block.hash, 5_000_000_000n, point.block.hash]);
  });

  it('leaves nothing behind when its work throws', async () => {
    const work = (): void =>
      store.transaction((apply) => {
        apply([...writesToConnect(point), { kind: 'journal-put', entry: journalEntry(1) }]);
        throw new RangeError('no');
      });
    expect(work).toThrow(RangeError);
    expectStateOf(GENESIS);
    expect(store.journal()).toEqual([]);
    expect(store.body(point.block.hash)).toBeUndefined();
    await reopen();
    expectStateOf(GENESIS);
    write(...writesToConnect(point));
    expectStateOf(point);
  });

  it('waits for no promise: what work returns is given as it is', () => {
    const promise = store.transaction((apply) => {
      apply([{ kind: 'journal-put', entry: journalEntry(1) }]);
      return Promise.resolve('later');
    });
    expect(promise).toBeInstanceOf(Promise);
    expect(store.journal()).toHaveLength(1);
  });

  it('does not nest', () => {
    expect(() => store.transaction(() => store.transaction(() => 1))).toThrow(InvariantError);
    expect(store.transaction(() => 1)).toBe(1);
  });
});

describe('a process that ends', () => {
  let program: ChildProgram;

  beforeAll(() => {
    program = new ChildProgram('store-child.ts');
  });

  afterAll(() => {
    program.remove();
  });

  it('loses nothing that was acknowledged, at whatever time it is killed', async () => {
    await store.close();
    const acknowledged = new Set<number>();
    for (let round = 0; round < 12; round++) {
      const child = program.start(['write', directory]);
      await child.saidLines(1 + ((round * 7) % 30));
      child.process.kill('SIGKILL');
      const { lines, errors } = await child.ended;
      expect(errors).toBe('');
      for (const line of lines) acknowledged.add(Number(line.split(' ')[0]));
      // Two kills in a row now and then: nothing was checked or closed in between.
      if (round % 3 === 0) continue;

      store = await Store.open({ directory, params: REGTEST });
      const kept = new Set(store.journal().map((entry) => entry.receivedMs));
      expect([...acknowledged].filter((sequence) => !kept.has(sequence))).toEqual([]);
      const [sequence, height, tip] = lines.at(-1)!.split(' ');
      // One transaction may have been committed but not told any more.
      expect(kept.size - 1 - Number(sequence)).toBeOneOf([0, 1]);
      if (kept.size - 1 === Number(sequence)) expect([String(store.height), store.tip]).toEqual([height, tip]);
      await store.close();
    }
  });

  it('stops acknowledging when the disk refuses to write', async () => {
    await store.close();
    const { lines, code } = await program.run(['fill', directory], 'ulimit -f 8000');
    const [count, errorCode] = lines[0]!.split(' ');
    expect(errorCode).toBe('io');
    expect(lines[0]).toContain(`cannot write to data folder ${directory}`);
    expect(code).toBe(0);
    store = await Store.open({ directory, params: REGTEST });
    expect(store.journal()).toHaveLength(Number(count));
    expect(Number(count)).toBeGreaterThan(10);
  });
});

it('opens only for its own network', async () => {
  await store.close();
  await expect(Store.open({ directory, params: LAB })).rejects.toThrow(/belongs to network regtest, not lab/);
  store = await Store.open({ directory, params: REGTEST });
});

it('closes the database of a folder that cannot be opened before it releases its lock', async () => {
  await store.close();
  const tables = Tables.open(chainPath(directory), directory, { durable: true });
  tables.transact(() => tables.tables.meta.delete(TIP_KEY));
  await tables.close();
  const close = vi.spyOn(Tables.prototype, 'close').mockImplementation(async function (this: Tables) {
    close.mockRestore();
    expect(() => lockFolder(directory)).toThrow(/is already open in this process/);
    await this.close();
    closed.push(this);
  });
  const closed: Tables[] = [];
  await expect(Store.open({ directory, params: REGTEST })).rejects.toThrow(/is damaged: it has no tip/);
  expect(closed).toHaveLength(1);
  lockFolder(directory).release();
});
