import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LAB, REGTEST } from '../../../consensus/networks.ts';
import type { StoreWrite } from '../../../protocol/store-writes.ts';
import { verifyFull, verifyQuick } from '../../../server/store/integrity.ts';
import { isAllKept } from '../../../server/store/losses.ts';
import { checkDatabaseFile, noteFileChecksum } from '../../../server/store/open-check.ts';
import { reindex } from '../../../server/store/reindex.ts';
import { Store, type StoreOptions } from '../../../server/store/store.ts';
import { databaseFailure, StoreError } from '../../../server/store/store-error.ts';
import { Tables } from '../../../server/store/tables.ts';
import {
  genesisPoint,
  headerRecordOf,
  keysOf,
  mineBlock,
  mineChain,
  mineUnchecked,
  pathTo,
  transferAt,
  writesToConnect,
} from '../../../testing/chain-builder.ts';
import { ChildProgram } from '../../../testing/child-program.ts';
import { OTHER_KEY, OWN_KEY } from '../../../testing/user-key.ts';

const PAGE_BYTES = 4096;
/** Of the folder below, genesis included. */
const BLOCKS = 34;
const NOTHING_LOST = { heightBefore: 30, lostBlocks: 0, lostTransactions: 0, lostPending: 0 };
const EXIT_DAMAGED = 3;
const GENESIS = genesisPoint(REGTEST);
const alice = keysOf('Alice');

/**
 * genesis - 1 … 5 - a6 - … - a30    active
 *                 \ b6 - … - b8     known
 * Block 3 pays forty accounts, and is long enough to need pages of its own.
 */
const trunk = buildTrunk();
const fork = mineChain(trunk, 3, { extraNonce: 1 });
const tip = mineChain(trunk, 25);
const pending = transferAt(tip, alice, 'cd'.repeat(20), { amount: 5n });

let root: string;
let cleanCopy: string;
let killedCopy: string;
let directory: string;
let program: ChildProgram;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'forklore-test-'));
  program = new ChildProgram('store-child.ts');
  [cleanCopy, killedCopy, directory] = [join(root, 'clean'), join(root, 'killed'), join(root, 'data')];
  const store = await Store.open({ directory: cleanCopy, params: REGTEST, key: OWN_KEY });
  for (const point of pathTo(tip)) store.transaction((apply) => apply(writesToConnect(point)));
  store.transaction((apply) => apply(otherWrites()));
  // What a process that is killed leaves behind: everything but the note of a clean stop.
  copyFolder(cleanCopy, killedCopy);
  await store.close();
});

afterAll(() => {
  program.remove();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function buildTrunk() {
  const two = mineChain(GENESIS, 2);
  const transfers = Array.from({ length: 40 }, (_, i) =>
    transferAt(two, alice, i.toString(16).padStart(40, 'a'), { nonce: BigInt(i), memo: new Uint8Array(100) }),
  );
  return mineChain(mineBlock(two, { transfers }), 2);
}

function otherWrites(): StoreWrite[] {
  const side = pathTo(fork).slice(trunk.height);
  return [
    ...side.flatMap((point): StoreWrite[] => [
      { kind: 'header', record: headerRecordOf(point, { validity: 'unknown', arrival: 100 + point.height }) },
      { kind: 'body', blockHash: point.block.hash, raw: point.block.raw },
    ]),
    { kind: 'journal-put', entry: { txid: pending.txid, raw: pending.raw, receivedMs: 1, unbroadcast: true } },
    { kind: 'address-put', address: { url: 'ws://127.0.0.1:5001', lastSuccessMs: 7, failures: 0 } },
    { kind: 'discourage', entry: { key: '192.0.2.1', untilMs: 9 } },
  ];
}

/** As if it were the same folder, which knows its peers. */
function copyFolder(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => basename(path) !== 'place.json',
  });
}

function take(copy: string): void {
  copyFolder(copy, directory);
}

function databaseFile(): string {
  return join(directory, 'chain', 'data.mdb');
}

/** Changes the database file; false when it is the same afterwards. */
function damage(change: (bytes: Buffer) => void): boolean {
  const before = readFileSync(databaseFile());
  const bytes = Buffer.from(before);
  change(bytes);
  writeFileSync(databaseFile(), bytes);
  return !bytes.equals(before);
}

/** Every copy of some bytes in the file gets one bit flipped `offset` bytes behind their start. */
function flipBehind(pattern: Buffer, offset: number): void {
  const isChanged = damage((bytes) => {
    for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + pattern.length)) {
      bytes[at + offset]! ^= 0x10;
    }
  });
  expect(isChanged).toBe(true);
}

async function outcomeOfOpening(options: Pick<StoreOptions, 'key' | 'audit'> = { key: OWN_KEY }): Promise<string> {
  try {
    const store = await Store.open({ directory, params: REGTEST, ...options });
    try {
      await verifyFull(store, REGTEST, undefined, async (checks) => checks.map(() => true));
      return `${store.tip} ${store.journal().length} ${store.addresses().length} ${store.discouraged().length}`;
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}

const WHOLE = `${tip.block.hash} 1 1 1`;

describe('a truncated database file', () => {
  it.each([0, 1, 100, 5000, 60_000, -1, -5000])('is told in one line with exit code 3 when cut at %i', async (size) => {
    take(cleanCopy);
    truncateSync(databaseFile(), size < 0 ? readFileSync(databaseFile()).length + size : size);
    const { code, errors } = await program.run(['open', directory]);
    expect(errors).toMatch(/^data folder .* is damaged: .*; rebuild it from its blocks with --reindex\n$/);
    expect(code).toBe(EXIT_DAMAGED);
  });

  it('is found at every length after a kill, or did not matter', async () => {
    const { length } = readFileSync(join(killedCopy, 'chain', 'data.mdb'));
    for (let size = 0; size < length; size += 3 * PAGE_BYTES + 77) {
      take(killedCopy);
      truncateSync(databaseFile(), size);
      expect(['damaged', WHOLE]).toContain(await outcomeOfOpening());
      rmSync(directory, { recursive: true });
    }
  });

  it('is found when it is missing', async () => {
    take(cleanCopy);
    rmSync(databaseFile());
    const { code, errors } = await program.run(['open', directory]);
    expect(errors).toContain('its database file is missing');
    expect(code).toBe(EXIT_DAMAGED);
  });
});

describe('a flipped byte', () => {
  it('is found wherever it is after a clean stop', async () => {
    const { length } = readFileSync(join(cleanCopy, 'chain', 'data.mdb'));
    for (let at = 11; at < length; at += 5 * PAGE_BYTES + 997) {
      take(cleanCopy);
      damage((bytes) => {
        bytes[at]! ^= 0x01;
      });
      expect(await outcomeOfOpening()).toBe('damaged');
      rmSync(directory, { recursive: true });
    }
  });

  it('is found after a kill, or did not matter, and never ends the process', async () => {
    const { length } = readFileSync(join(killedCopy, 'chain', 'data.mdb'));
    const outcomes = new Set<string>();
    for (let at = 11; at < length; at += PAGE_BYTES + 293) {
      take(killedCopy);
      damage((bytes) => {
        bytes[at]! ^= at % 2 === 0 ? 0xff : 0x04;
      });
      outcomes.add(await outcomeOfOpening());
      rmSync(directory, { recursive: true });
    }
    expect([...outcomes].sort()).toEqual([WHOLE, 'damaged'].sort());
  });

  it('is found in every field of the start pages that LMDB looks at', async () => {
    for (let at = 0; at < 168; at++) {
      for (const page of [0, PAGE_BYTES]) {
        take(killedCopy);
        damage((bytes) => {
          bytes[page + at]! ^= 0x02;
        });
        expect(['damaged', WHOLE]).toContain(await outcomeOfOpening());
        rmSync(directory, { recursive: true });
      }
    }
  });

  it('in a balance is told with exit code 3', async () => {
    take(killedCopy);
    flipBehind(Buffer.concat([Buffer.from(alice.address, 'hex')]), 20 + 4);
    const { code, errors } = await program.run(['open', directory]);
    expect(errors).toMatch(/is damaged: entry .* of table .* does not match its checksum/);
    expect(code).toBe(EXIT_DAMAGED);
  });
});

describe('a checksum that is right', () => {
  /** Positions in the pages of trees, where a flip makes LMDB end a process or lose its way. */
  const crafted = (at: number) => {
    take(cleanCopy);
    damage((bytes) => {
      bytes[at]! ^= 0xff;
    });
  };

  it('is no reason to trust a folder that somebody else made: its pages are looked at', async () => {
    const { length } = readFileSync(join(cleanCopy, 'chain', 'data.mdb'));
    const outcomes = new Set<string>();
    for (let at = 16; at < length; at += 2 * PAGE_BYTES + 2) {
      crafted(at);
      noteFileChecksum(directory, OTHER_KEY);
      outcomes.add(await outcomeOfOpening());
      rmSync(directory, { recursive: true });
    }
    expect([...outcomes].sort()).toEqual([WHOLE, 'damaged'].sort());
  });

  it('of the user is enough for a start, and never for `forklore verify` or `--verify full`', async () => {
    take(cleanCopy);
    flipBehind(Buffer.from(alice.address, 'hex'), 24);
    noteFileChecksum(directory, OWN_KEY);
    checkDatabaseFile(directory, OWN_KEY);
    expect(await outcomeOfOpening({ key: OWN_KEY, audit: true })).toBe('damaged');
    expect(await outcomeOfOpening({ key: null })).toBe('damaged');
  });

  it('that an earlier version left, which anybody can make, counts for nothing', async () => {
    take(cleanCopy);
    const json = JSON.stringify({ transaction: '1', sizeBytes: 1, crc32: 1 });
    writeFileSync(join(directory, 'chain', 'checksum.json'), `${json}\n${crc32(json).toString(16)}\n`);
    expect(await outcomeOfOpening()).toBe(WHOLE);
  });
});

describe('what LMDB says', () => {
  it.each([
    [-30_797, 'damaged'],
    [-30_796, 'damaged'],
    [-30_793, 'damaged'],
    [-30_792, 'io'],
    [28, 'io'],
  ])('with number %i is told as %s', (code, told) => {
    const error = Object.assign(new Error('as it says'), { code });
    expect(databaseFailure('/data', 'write to', error)).toMatchObject({ code: told, cause: error });
  });

  it('is not mixed up with our own errors', () => {
    const error = new TypeError('a bug');
    expect(databaseFailure('/data', 'write to', error)).toBe(error);
  });
});

describe('verification', () => {
  async function withStore(check: (store: Store) => Promise<void>): Promise<void> {
    const store = await Store.open({ directory, params: REGTEST });
    try {
      await check(store);
    } finally {
      await store.close();
    }
  }

  /** Changes a table behind the store's back: what a bug would leave, with right checksums. */
  async function tamper(change: (tables: Tables['tables']) => void): Promise<void> {
    const tables = Tables.open(join(directory, 'chain'), directory, { durable: true });
    tables.transact(() => change(tables.tables));
    await tables.close();
  }

  it('passes a whole folder, quickly and in full', async () => {
    take(cleanCopy);
    await withStore(async (store) => {
      expect(verifyQuick(store, REGTEST)).toEqual({ mode: 'quick', checkedBlocks: tip.height + 1, ok: true });
      const seen: number[] = [];
      const report = await verifyFull(store, REGTEST, ({ done, total }) => seen.push(done / total));
      expect(report).toEqual({ mode: 'full', checkedBlocks: tip.height + 1, ok: true });
      expect(seen.at(-1)).toBe(1);
    });
  });

  it('ends when it is told to', async () => {
    take(cleanCopy);
    const signal = AbortSignal.abort(new Error('told to stop'));
    await withStore(async (store) => {
      await expect(verifyFull(store, REGTEST, undefined, undefined, signal)).rejects.toThrow('told to stop');
    });
  });

  const height = Buffer.from([0, 0, 0, 20]);
  const blockHash = Buffer.from(pathTo(tip)[19]!.block.hash, 'hex');
  const quick: [string, RegExp, (tables: Tables['tables']) => void][] = [
    ['a missing body', /body of block 20 is missing/, (tables) => tables.bodies.delete(blockHash)],
    ['another body', /body of block 20 is another block's/, (t) => t.bodies.put(blockHash, fork.block.raw)],
    ['a missing undo record', /undo record of block 20 is missing/, (tables) => tables.undo.delete(blockHash)],
    ['a gap in the height index', /no block at height 20/, (tables) => tables.heights.delete(height)],
    [
      'a missing root of the state tree',
      /root of the state tree is missing/,
      (tables) => tables.stateNodes.delete(Buffer.from(tip.state.stateRoot, 'hex')),
    ],
  ];

  it.each(quick)('finds %s quickly', async (_, message, change) => {
    take(killedCopy);
    await tamper(change);
    await withStore(async (store) => {
      expect(() => verifyQuick(store, REGTEST)).toThrow(message);
      expect(() => verifyQuick(store, REGTEST)).toThrow(StoreError);
    });
  });

  it('finds a wrong balance in full', async () => {
    take(killedCopy);
    await tamper((tables) => {
      tables.accounts.put(Buffer.from(alice.address, 'hex'), new Uint8Array(16));
    });
    await withStore(async (store) => {
      verifyQuick(store, REGTEST);
      await expect(verifyFull(store, REGTEST)).rejects.toThrow(`account ${alice.address} is not what a replay gives`);
    });
  });

  it('finds a signature that is not valid in full', async () => {
    take(killedCopy);
    await withStore(async (store) => {
      const none = async (checks: readonly unknown[]) => checks.map(() => false);
      await expect(verifyFull(store, REGTEST, undefined, none)).rejects.toThrow(
        /signature of transaction .* is not valid/,
      );
    });
  });
});

describe('reindex', () => {
  /** The folder is whole again: same tip, by full replay, and nothing of the rest is lost. */
  async function expectRebuilt(): Promise<void> {
    const store = await Store.open({ directory, params: REGTEST });
    expect(store.tip).toBe(tip.block.hash);
    await verifyFull(store, REGTEST);
    expect(new Map(store.accounts())).toEqual(tip.state.accounts);
    expect(store.journal()).toEqual([{ txid: pending.txid, raw: pending.raw, receivedMs: 1, unbroadcast: true }]);
    expect([store.addresses().length, store.discouraged().length]).toEqual([1, 1]);
    expect(store.block(fork.block.hash)).toEqual(fork.block);
    expect([...store.headers()].length).toBe(1 + tip.height + 3);
    await store.close();
  }

  it('rebuilds a folder that is whole', async () => {
    take(cleanCopy);
    const report = await reindex({ directory, params: REGTEST });
    expect(report).toEqual({
      tip: tip.block.hash,
      height: tip.height,
      blocks: BLOCKS,
      dropped: [],
      droppedCount: 0,
      ...NOTHING_LOST,
    });
    await expectRebuilt();
  });

  it('rebuilds accounts that are damaged', async () => {
    take(killedCopy);
    // The miner's address is in accounts and in the account index, but in no header.
    const pattern = Buffer.from('f'.padStart(40, 'a'), 'hex');
    damage((bytes) => {
      const at = bytes.lastIndexOf(pattern);
      bytes[at + 20 + 5]! ^= 0x10;
    });
    expect(await outcomeOfOpening()).toBe('damaged');
    expect(await reindex({ directory, params: REGTEST })).toMatchObject(NOTHING_LOST);
    await expectRebuilt();
  });

  it('rebuilds a folder whose database has lost both start pages', async () => {
    take(cleanCopy);
    damage((bytes) => bytes.fill(0, 0, 2 * PAGE_BYTES));
    expect(await outcomeOfOpening()).toBe('damaged');
    expect(await reindex({ directory, params: REGTEST })).toMatchObject(NOTHING_LOST);
    await expectRebuilt();
  });

  it('rebuilds a folder that does not say its network, unless it holds none of its blocks', async () => {
    take(cleanCopy);
    writeFileSync(join(directory, 'chain', 'network.json'), 'x');
    expect(await outcomeOfOpening()).toBe('damaged');
    await expect(reindex({ directory, params: LAB })).rejects.toThrow('does not show that it belongs to network lab');
    await reindex({ directory, params: REGTEST });
    await expectRebuilt();
  });

  it("refuses another network's folder", async () => {
    take(cleanCopy);
    await expect(reindex({ directory, params: LAB })).rejects.toMatchObject({ code: 'foreign' });
    await reindex({ directory, params: REGTEST });
    await expectRebuilt();
  });

  it('leaves out what is damaged and stands on the best of the rest', async () => {
    take(killedCopy);
    const lost = pathTo(tip)[9]!;
    const coinbase = Buffer.from(lost.block.transactions[0]!.raw);
    flipBehind(coinbase, 40);
    const report = await reindex({ directory, params: REGTEST });
    expect(report).toMatchObject({ height: 9, blocks: BLOCKS - 1, ...NOTHING_LOST, lostBlocks: 1 });
    const store = await Store.open({ directory, params: REGTEST });
    expect(store.tip).toBe(pathTo(tip)[8]!.block.hash);
    expect(store.body(lost.block.hash)).toBeUndefined();
    // Its header is known, so that its body can be asked for.
    expect(store.header(10, lost.block.hash)).toMatchObject({ bodyBytes: 0, arrival: 0 });
    verifyQuick(store, REGTEST);
    await store.close();
  });

  it('counts the transfers of a block that is lost, and pending transactions', async () => {
    take(killedCopy);
    const lost = pathTo(tip)[2]!;
    flipBehind(Buffer.from(lost.block.transactions[0]!.raw), 40);
    flipBehind(Buffer.from(pending.raw), 20);
    expect(await reindex({ directory, params: REGTEST })).toMatchObject({
      height: 2,
      blocks: BLOCKS - 1,
      heightBefore: 30,
      lostBlocks: 1,
      lostTransactions: 40,
      lostPending: 1,
    });
    // What is lost is told once: the new chain has never had it.
    const again = await reindex({ directory, params: REGTEST });
    expect(again).toMatchObject({ ...NOTHING_LOST, heightBefore: 2, blocks: BLOCKS - 1 });
  });

  it('tells of a loss wherever the file was cut off and something was lost, and only there', async () => {
    const { length } = readFileSync(join(killedCopy, 'chain', 'data.mdb'));
    const seen = { whole: 0, partial: 0 };
    for (let size = 9 * PAGE_BYTES; size < length; size += 7 * PAGE_BYTES + 77) {
      take(killedCopy);
      truncateSync(databaseFile(), size);
      const report = await reindex({ directory, params: REGTEST });
      const store = await Store.open({ directory, params: REGTEST });
      const isWhole = report.blocks === BLOCKS && store.journal().length === 1;
      await store.close();
      expect({ size, isAllKept: isAllKept(report) }).toEqual({ size, isAllKept: isWhole });
      expect(report.blocks + report.lostBlocks).toBeLessThanOrEqual(BLOCKS);
      seen[isWhole ? 'whole' : 'partial']++;
      rmSync(directory, { recursive: true });
    }
    expect(seen).toEqual({ whole: expect.toSatisfy((n) => n > 0), partial: expect.toSatisfy((n) => n > 1) });
  });

  it('ends when it is told to, and leaves the old chain as it was', async () => {
    take(killedCopy);
    const signal = AbortSignal.abort(new Error('told to stop'));
    await expect(reindex({ directory, params: REGTEST, signal })).rejects.toThrow('told to stop');
    expect(readdirSync(directory).filter((name) => name.startsWith('chain'))).toEqual(['chain']);
    expect(await outcomeOfOpening()).toBe(WHOLE);
  });

  // genesis - a1 (with a transfer)    where the node stood when it was killed
  //        \ b1 - b2                  the bodies that had just come
  it('gives back what was confirmed only on the branch that it leaves', async () => {
    const transfer = transferAt(GENESIS, alice, 'cd'.repeat(20), { amount: 7n });
    const left = mineBlock(GENESIS, { transfers: [transfer] });
    const better = mineChain(GENESIS, 2, { extraNonce: 7 });
    const store = await Store.open({ directory, params: REGTEST });
    store.transaction((apply) => {
      apply(writesToConnect(left));
      for (const point of pathTo(better)) {
        apply([
          { kind: 'header', record: headerRecordOf(point, { validity: 'unknown', arrival: 10 + point.height }) },
          { kind: 'body', blockHash: point.block.hash, raw: point.block.raw },
        ]);
      }
    });
    await store.close();
    const report = await reindex({ directory, params: REGTEST });
    expect(report).toMatchObject({ tip: better.block.hash, ...NOTHING_LOST, heightBefore: 1 });
    const rebuilt = await Store.open({ directory, params: REGTEST });
    expect(rebuilt.journal()).toMatchObject([{ txid: transfer.txid, raw: transfer.raw, unbroadcast: true }]);
    await rebuilt.close();
  });

  it('does not take over a block that breaks a rule, and keeps what an operator said', async () => {
    const store = await Store.open({ directory, params: REGTEST });
    const best = mineChain(GENESIS, 4);
    const bad = mineUnchecked(best, { coinbase: { reward: 1n } });
    const banned = mineBlock(best);
    const record = headerRecordOf(banned);
    store.transaction((apply) => {
      for (const point of pathTo(best)) apply(writesToConnect(point));
      apply([
        { kind: 'header', record: { ...record, validity: 'operator-invalid' } },
        { kind: 'body', blockHash: banned.block.hash, raw: banned.block.raw },
        { kind: 'header', record: { ...record, hash: bad.hash, header: bad.header, validity: 'unknown', arrival: 50 } },
        { kind: 'body', blockHash: bad.hash, raw: bad.raw },
      ]);
    });
    await store.close();
    const report = await reindex({ directory, params: REGTEST });
    expect(report).toMatchObject({ tip: best.block.hash, ...NOTHING_LOST, heightBefore: 4 });
    expect(report.dropped).toEqual([expect.stringMatching(`block 5 ${bad.hash}: coinbase-wrong-reward`)]);
    const rebuilt = await Store.open({ directory, params: REGTEST });
    expect(rebuilt.header(5, bad.hash)).toMatchObject({ validity: 'invalid', invalidReason: 'coinbase-wrong-reward' });
    expect(rebuilt.header(5, banned.block.hash)?.validity).toBe('operator-invalid');
    await rebuilt.close();
  });

  it('of equal branches chooses the one that arrived first', async () => {
    const base = mineChain(GENESIS, 2);
    const [first, second] = [1, 2].map((extraNonce) => mineBlock(base, { extraNonce })) as [typeof base, typeof base];
    for (const [winner, loser] of [
      [first, second],
      [second, first],
    ] as const) {
      rmSync(directory, { recursive: true, force: true });
      const store = await Store.open({ directory, params: REGTEST });
      for (const point of pathTo(winner)) store.transaction((apply) => apply(writesToConnect(point)));
      store.transaction((apply) =>
        apply([
          { kind: 'header', record: headerRecordOf(loser, { arrival: 9, validity: 'unknown' }) },
          { kind: 'body', blockHash: loser.block.hash, raw: loser.block.raw },
        ]),
      );
      await store.close();
      expect((await reindex({ directory, params: REGTEST })).tip).toBe(winner.block.hash);
    }
  });

  it('can be killed at any step and started again', async () => {
    for (let lines = 1; lines <= 3; lines++) {
      rmSync(directory, { recursive: true, force: true });
      take(killedCopy);
      damage((bytes) => bytes.fill(0, 0, PAGE_BYTES));
      const child = program.start(['reindex', directory]);
      await child.saidLines(lines);
      child.process.kill('SIGKILL');
      await child.ended;
      expect(['damaged', WHOLE]).toContain(await outcomeOfOpening());
      await reindex({ directory, params: REGTEST });
      await expectRebuilt();
    }
  });

  it('does nothing in a new folder', async () => {
    expect((await reindex({ directory, params: REGTEST })).height).toBe(0);
    await (await Store.open({ directory, params: REGTEST })).close();
  });
});
