import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coinbaseOf } from '../../../consensus/block.ts';
import { fieldPath } from '../../../consensus/contract/slot-path.ts';
import { AddressValue } from '../../../consensus/contract/value.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { hashOfReceipts, RECEIPTS_KEY, receiptLeaf, receiptsLeaf, receiptsRoot } from '../../../consensus/receipt.ts';
import { verifyStateProof } from '../../../consensus/state-tree.ts';
import { chainPath } from '../../../server/store/folder.ts';
import { verifyFull, verifyQuick } from '../../../server/store/integrity.ts';
import { encodeBlockReads } from '../../../server/store/read-records.ts';
import { encodeBlockReceipts, encodeStoredReceipt, positionKey } from '../../../server/store/receipt-records.ts';
import {
  accountPositionKey,
  addressKey,
  encodeSlot,
  hashKey,
  heightKey,
  slotTableKey,
} from '../../../server/store/records.ts';
import { reindex } from '../../../server/store/reindex.ts';
import { Store } from '../../../server/store/store.ts';
import { TABLE_NAMES, type TableName, Tables } from '../../../server/store/tables.ts';
import {
  type ChainPoint,
  genesisPoint,
  keysOf,
  mineBlock,
  mineChain,
  pathTo,
  writesToConnect,
  writeToDisconnect,
} from '../../../testing/chain-builder.ts';
import { callAt, deployAt } from '../../../testing/contract-transactions.ts';
import { COUNTER, VOTING } from '../../../testing/contracts.ts';

const CONTRACT_TABLES: readonly TableName[] = ['codes', 'slots', 'receipts', 'blockReceipts', 'reads'];
/** All that follows from the blocks of the active chain. */
const CHAIN_TABLES: readonly TableName[] = [
  ...CONTRACT_TABLES,
  'meta',
  'undo',
  'accounts',
  'stateNodes',
  'heights',
  'transactions',
  'accountTransactions',
];

const GENESIS = genesisPoint(REGTEST);
const [alice, bob, carol, dave] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol'), keysOf('Dave')];
/** Of nobody who sends anything. */
const PAYEE = 'ab'.repeat(20);

/** One of them has the other pay somebody, whom no transaction names but as an argument. */
const TILL = `interface Other { pay(to: Address): void; }
export class Till {
  constructor() { require(chain.value > 0n, 'it is empty'); }
  pay(to: Address): void {
    chain.emit('Paid', to);
    chain.pay(to, chain.balance);
  }
  ask(other: Address, to: Address): void { at<Other>(other).pay(to); }
}
`;

/**
 * genesis - deploys of four contracts - calls, one of which fails - an empty block - a call, and one that pays - an empty block
 */
const deploys = [
  deployAt(GENESIS, alice, COUNTER),
  deployAt(GENESIS, bob, VOTING, ['Why?', ['a', 'b'], 100]),
  deployAt(GENESIS, carol, TILL, [], { amount: 1n }),
  deployAt(GENESIS, dave, TILL, [], { amount: 7n }),
] as const;
const deployed = mineBlock(GENESIS, { transfers: deploys });
const [counter, voting, asking, paying] = deploys;
const calls = [
  callAt(deployed, alice, counter, 'add', [2]),
  callAt(deployed, bob, voting, 'vote', [7]),
  callAt(deployed, carol, voting, 'vote', [1]),
] as const;
const called = mineBlock(deployed, { transfers: calls });
const toPayee = [new AddressValue(paying.contract), new AddressValue(PAYEE)];
const payment = callAt(called, bob, asking, 'ask', toPayee);
const later = mineBlock(mineBlock(called), { transfers: [callAt(called, alice, counter, 'add', [40]), payment] });
const tip = mineBlock(later);

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

function connectTo(point: ChainPoint): void {
  for (const each of pathTo(point).slice(store.height)) store.transaction((apply) => apply(writesToConnect(each)));
}

async function reopen(): Promise<void> {
  await store.close();
  store = await Store.open({ directory, params: REGTEST });
}

/** Changes rows behind the store's back, each with a right checksum. */
async function changeRows(change: (tables: Tables['tables']) => void): Promise<void> {
  await store.close();
  const tables = Tables.open(chainPath(directory), directory, { durable: true });
  tables.transact(() => change(tables.tables));
  await tables.close();
  store = await Store.open({ directory, params: REGTEST, audit: true });
}

describe('the receipts of a block', () => {
  it('are found by transaction, with why one failed', () => {
    connectTo(tip);
    for (const point of [deployed, called, later]) {
      for (const { txid, bytes, failure, payments } of point.receipts) {
        expect(store.receipt(txid)).toEqual({ bytes: new Uint8Array(bytes), failure, payments });
      }
    }
    const [, failed] = calls;
    expect(store.receipt(failed.txid)?.failure).toEqual({
      code: 'required',
      message: 'no such option',
      contract: voting.contract,
      position: { line: expect.any(Number), column: expect.any(Number) },
    });
    expect(store.receipt(coinbaseOf(called.block).txid)).toBeUndefined();
    expect([...store.receiptsAt(called.height)].map(({ index }) => index)).toEqual([1, 2, 3]);
    expect([...store.receiptsAt(tip.height)]).toEqual([]);
  });

  it('are proved against the state root of the block, however long ago it was', () => {
    connectTo(mineChain(tip, 5));
    const leaves = called.receipts.map(({ txid, bytes }) => receiptLeaf(txid, bytes));
    const summary = store.blockReceipts(called.height);
    expect(summary).toMatchObject({
      count: 3,
      gasUsed: called.receipts.reduce((sum, { receipt }) => sum + receipt.gasUsed, 0),
      root: Buffer.from(receiptsRoot(leaves)).toString('hex'),
    });
    const valueHash = hashOfReceipts(leaves) ?? '';
    const proof = {
      siblings: summary?.siblings ?? [],
      leaf: { key: Buffer.from(RECEIPTS_KEY).toString('hex'), valueHash },
    };
    expect(verifyStateProof(coinbaseOf(called.block).stateRoot, receiptsLeaf(valueHash), proof)).toBe(true);
    expect(store.blockReceipts(tip.height)).toBeUndefined();
  });
});

describe('what the contracts of a block read', () => {
  it('is kept as far as the block did not change it, for the last blocks only', async () => {
    await store.close();
    store = await Store.open({ directory, params: REGTEST, keptReads: 3 });
    connectTo(called);
    const slots = store.blockReads(called.height)?.slots.get(voting.contract);
    const names = ['closesAt', 'options'].map(fieldPath);
    expect([...(slots?.keys() ?? [])].filter((path) => names.includes(path)).sort()).toEqual(names.sort());
    expect([...(slots?.keys() ?? [])]).not.toContain(fieldPath('votes'));
    connectTo(tip);
    // Heights 1 to 5, of which 1, 2 and 4 execute contracts.
    expect([1, 2, 3, 4, 5].filter((height) => store.blockReads(height))).toEqual([4]);
    expect(await verifyFull(store, REGTEST)).toMatchObject({ ok: true });
    store.transaction((apply) => apply([writeToDisconnect(tip)]));
    store.transaction((apply) => apply([writeToDisconnect(later)]));
    expect([store.rowCount('receipts'), store.rowCount('reads')]).toEqual([7, 0]);
  });
});

describe('connect and disconnect', () => {
  it('take each other back exactly, with slots, sources and receipts', () => {
    const path = pathTo(tip);
    const copies = path.map((point) => {
      const before = store.copyRows(CHAIN_TABLES);
      connectTo(point);
      return before;
    });
    for (const point of path.reverse()) {
      store.transaction((apply) => apply([writeToDisconnect(point)]));
      expect(store.copyRows(CHAIN_TABLES)).toEqual(copies.pop());
    }
    expect(CONTRACT_TABLES.map((name) => store.rowCount(name))).toEqual(CONTRACT_TABLES.map(() => 0));
  });

  it('keep slots by contract, and a source once', async () => {
    connectTo(mineBlock(tip, { transfers: [deployAt(tip, carol, COUNTER)] }));
    await reopen();
    expect(store.rowCount('codes')).toBe(3);
    const slots = [...store.slotsOf(counter.contract)];
    expect(slots).toMatchObject([{ path: fieldPath('count') }]);
    const all = [...store.slotsOf(voting.contract)];
    expect(all.length).toBeGreaterThan(4);
    for (const { path, value } of all) expect(store.slot(voting.contract, path)).toEqual(value);
    const [, second] = all;
    expect([...store.slotsOf(voting.contract, second?.key)]).toEqual(all.slice(2));
  });
});

describe('the check of a folder', () => {
  const wrong: readonly [string, RegExp, (tables: Tables['tables']) => void][] = [
    [
      'a slot of another value',
      /slot .* is not what a replay gives/,
      ({ slots }) => {
        const path = fieldPath('count');
        slots.put(slotTableKey(counter.contract, path), encodeSlot({ path, value: Uint8Array.of(1) }));
      },
    ],
    [
      'a slot too many',
      /slots of contracts, replayed/,
      ({ slots }) => {
        slots.put(slotTableKey(alice.address, '01'), encodeSlot({ path: '01', value: Uint8Array.of(1) }));
      },
    ],
    [
      'another source',
      /source .* is not what a replay gives/,
      ({ codes }) => codes.put(hashKey(codeHashOf(counter.contract)), Uint8Array.of(1)),
    ],
    [
      'a missing source',
      /source .* is not what a replay gives/,
      ({ codes }) => codes.delete(hashKey(codeHashOf(counter.contract))),
    ],
    [
      'a contract that has become an account',
      /account .* is not what a replay gives/,
      ({ accounts }) => accounts.put(addressKey(counter.contract), new Uint8Array(16)),
    ],
  ];

  it.each(wrong)('by replay finds %s', async (_what, message, change) => {
    connectTo(tip);
    expect(await verifyFull(store, REGTEST)).toMatchObject({ ok: true });
    await changeRows(change);
    await expect(verifyFull(store, REGTEST)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringMatching(message),
    });
  });

  const position = { height: called.height, index: 2 };
  const unlike: readonly [string, RegExp, (tables: Tables['tables']) => void][] = [
    ['a missing receipt', /are missing/, ({ receipts }) => receipts.delete(positionKey(position))],
    [
      'a receipt too many',
      /there are too many/,
      ({ receipts }) =>
        receipts.put(
          positionKey({ ...position, index: 9 }),
          encodeStoredReceipt({ bytes: OTHER, failure: null, payments: [] }),
        ),
    ],
    [
      'another receipt',
      /are not its own/,
      ({ receipts }) =>
        receipts.put(positionKey(position), encodeStoredReceipt({ bytes: OTHER, failure: null, payments: [] })),
    ],
    [
      'a missing proof',
      /what proves the receipts/,
      ({ blockReceipts }) => blockReceipts.delete(heightKey(called.height)),
    ],
    [
      'another proof',
      /are not those that its state root commits to/,
      ({ blockReceipts }) => {
        const { receipts } = called;
        const leaves = receipts.map(({ txid, bytes }) => receiptLeaf(txid, bytes));
        const root = Buffer.from(receiptsRoot(leaves)).toString('hex');
        const gasUsed = receipts.reduce((sum, { receipt }) => sum + receipt.gasUsed, 0);
        blockReceipts.put(heightKey(called.height), encodeBlockReceipts({ count: 3, gasUsed, root, siblings: [] }));
      },
    ],
  ];

  it.each(unlike)('of the last blocks finds %s', async (_what, message, change) => {
    connectTo(tip);
    expect(verifyQuick(store, REGTEST)).toMatchObject({ ok: true });
    await changeRows(change);
    expect(() => verifyQuick(store, REGTEST)).toThrow(message);
  });

  const misread: readonly [string, string, (tables: Tables['tables']) => void][] = [
    [
      'reads that are not those of a replay',
      'what the contracts of block 2 have read is not what a replay reads',
      ({ reads }) => reads.put(heightKey(called.height), encodeBlockReads({ accounts: new Map(), slots: new Map() })),
    ],
    [
      'reads of a block without contracts',
      'block 3 has executed nothing that could have read',
      ({ reads }) => reads.put(heightKey(3), encodeBlockReads({ accounts: new Map(), slots: new Map() })),
    ],
    [
      'reads of a block that is not there',
      'there are reads of blocks that are not on the active chain',
      ({ reads }) => reads.put(heightKey(9), encodeBlockReads({ accounts: new Map(), slots: new Map() })),
    ],
  ];

  it.each(misread)('by replay finds %s', async (_what, message, change) => {
    connectTo(tip);
    await changeRows(change);
    await expect(verifyFull(store, REGTEST)).rejects.toThrow(message);
  });

  it('by replay finds receipts of blocks that are not there', async () => {
    connectTo(tip);
    const above = { height: tip.height + 1, index: 1 };
    await changeRows(({ receipts }) =>
      receipts.put(positionKey(above), encodeStoredReceipt({ bytes: OTHER, failure: null, payments: [] })),
    );
    expect(verifyQuick(store, REGTEST)).toMatchObject({ ok: true });
    await expect(verifyFull(store, REGTEST)).rejects.toThrow(
      'there are receipts of blocks that are not on the active chain',
    );
  });
});

describe('whom contracts pay, and which emit events', () => {
  const position = {
    height: later.height,
    index: later.block.transactions.findIndex(({ txid }) => txid === payment.txid),
  };

  it('list the transaction, also where it does not name them', () => {
    connectTo(tip);
    expect(store.receipt(payment.txid)?.payments).toEqual([{ from: paying.contract, to: PAYEE, amount: 7n }]);
    expect(store.accountTransactions(PAYEE, { limit: 10 })).toEqual([{ ...position, txid: payment.txid }]);
    expect(store.accountTransactions(paying.contract, { limit: 1 })).toEqual([{ ...position, txid: payment.txid }]);
  });

  it.each([
    ['missing', 'does not list', PAYEE, (table: Tables['tables']['slots'], key: Buffer) => table.delete(key)],
    [
      'too many',
      'do not touch',
      'cd'.repeat(20),
      (table: Tables['tables']['slots'], key: Buffer) => table.put(key, key),
    ],
  ] as const)('are compared with a replay: %s', async (_what, message, account, change) => {
    connectTo(tip);
    expect(await verifyFull(store, REGTEST)).toMatchObject({ ok: true });
    await changeRows(({ accountTransactions }) => change(accountTransactions, accountPositionKey(account, position)));
    await expect(verifyFull(store, REGTEST)).rejects.toThrow(message);
  });

  it('are not known of a record that an earlier version wrote, until it is remade', async () => {
    connectTo(tip);
    const before = store.copyRows(CHAIN_TABLES);
    const { bytes } = store.receipt(payment.txid) ?? { bytes: OTHER };
    await changeRows(({ receipts, accountTransactions }) => {
      receipts.put(positionKey(position), encodeStoredReceipt({ bytes, failure: null, payments: null }));
      for (const account of [PAYEE, paying.contract]) accountTransactions.delete(accountPositionKey(account, position));
    });
    expect(store.receipt(payment.txid)).toEqual({ bytes, failure: null, payments: null });
    expect(await verifyFull(store, REGTEST)).toMatchObject({ ok: true });
    for (const point of pathTo(tip).slice(-2).reverse())
      store.transaction((apply) => apply([writeToDisconnect(point)]));
    connectTo(tip);
    expect(store.copyRows(CHAIN_TABLES)).toEqual(before);
  });
});

describe('a rebuild', () => {
  it('remakes slots, sources, receipts and what proves them', async () => {
    connectTo(tip);
    const before = store.copyRows(CHAIN_TABLES);
    await store.close();
    const report = await reindex({ directory, params: REGTEST });
    expect(report).toMatchObject({ tip: tip.block.hash, droppedCount: 0 });
    store = await Store.open({ directory, params: REGTEST });
    expect(store.copyRows(CHAIN_TABLES)).toEqual(before);
  });

  const path = fieldPath('count');
  /** What stands in the file before the content of each row. */
  const rows: readonly [string, () => Buffer][] = [
    ['slot', () => slotTableKey(counter.contract, path)],
    ['source', () => hashKey(codeHashOf(counter.contract))],
    ['receipt', () => Buffer.from('required\x0e\x00no such option')],
  ];

  it.each(rows)('remakes a %s with a flipped bit, which is found before', async (_what, start) => {
    connectTo(tip);
    const before = store.copyRows(CHAIN_TABLES);
    await store.close();
    flipInside(start());
    await expect(Store.open({ directory, params: REGTEST })).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringMatching(/entry .* of table .* does not match its checksum/),
    });
    await reindex({ directory, params: REGTEST });
    store = await Store.open({ directory, params: REGTEST });
    expect(store.copyRows(CHAIN_TABLES)).toEqual(before);
  });
});

describe('a folder of a version without contracts', () => {
  it('opens unchanged, and takes contracts from then on', async () => {
    const plain = mineChain(GENESIS, 3);
    connectTo(plain);
    const before = store.copyRows();
    await store.close();
    await makeOld(directory);
    store = await Store.open({ directory, params: REGTEST, audit: true });
    expect(store.copyRows()).toEqual(before);
    expect(await verifyFull(store, REGTEST)).toMatchObject({ ok: true, checkedBlocks: 4 });
    const deploy = deployAt(plain, alice, COUNTER);
    connectTo(mineBlock(plain, { transfers: [deploy] }));
    await reopen();
    expect(store.receipt(deploy.txid)).toMatchObject({ failure: null });
    expect(await verifyFull(store, REGTEST)).toMatchObject({ ok: true });
  });
});

/** A receipt of a failed transaction that used one gas. */
const OTHER = Uint8Array.of(0, 1, 0, 0, 0);

function codeHashOf(contract: string): string {
  return tip.state.account(contract)?.contract?.codeHash ?? '';
}

/** Flips a bit of the last byte of all copies of some bytes in the database file. */
function flipInside(pattern: Buffer): void {
  const file = join(chainPath(directory), 'data.mdb');
  const bytes = readFileSync(file);
  const first = bytes.indexOf(pattern);
  expect(first).toBeGreaterThan(0);
  for (let at = first; at >= 0; at = bytes.indexOf(pattern, at + pattern.length)) {
    const last = at + pattern.length - 1;
    bytes.writeUInt8(bytes.readUInt8(last) ^ 0x10, last);
  }
  writeFileSync(file, bytes);
}

/** Writes the rows of a folder into a database that never had the tables of contracts. */
async function makeOld(folder: string): Promise<void> {
  const options = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const oldPath = join(folder, 'old');
  const old = open<Buffer, Buffer>(oldPath, { ...options, noSubdir: false, overlappingSync: false, maxDbs: 12 });
  const present = Tables.open(chainPath(folder), folder, { durable: true });
  for (const name of TABLE_NAMES) {
    const rows = [...present.tables[name].sealed()];
    if (CONTRACT_TABLES.includes(name)) expect(rows).toEqual([]);
    else writeRows(old.openDB({ name, ...options }), rows);
  }
  await present.close();
  await old.close();
  renameSync(join(oldPath, 'data.mdb'), join(chainPath(folder), 'data.mdb'));
}

function writeRows(table: Database<Buffer, Buffer>, rows: readonly { key: Buffer; value: Buffer }[]): void {
  table.transactionSync(() => {
    for (const { key, value } of rows) table.putSync(key, value);
  });
}
