import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { type GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { DecodeError } from '../../consensus/codec.ts';
import { InvariantError } from '../../consensus/errors.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { isPeerUrl } from '../../protocol/messages.ts';
import { entryName, type NodeEntry, readEntries } from '../../server/discovery/node-entry.ts';
import { ScalarError } from '../../server/graphql/scalars.ts';
import { schema } from '../../server/graphql/schema.ts';
import { checkNetwork, hasNetworkLabel, readFileChecksum } from '../../server/store/folder.ts';
import { lockFolder } from '../../server/store/folder-lock.ts';
import {
  decodeBlockReceipts,
  decodeStoredReceipt,
  encodeBlockReceipts,
  encodeStoredReceipt,
} from '../../server/store/receipt-records.ts';
import { sealValue, unsealValue } from '../../server/store/record-checksum.ts';
import {
  decodeAccount,
  decodeAddress,
  decodeDiscouragement,
  decodeHeaderRecord,
  decodeJournalEntry,
  decodePosition,
  decodeSlot,
  decodeTip,
  encodeAccount,
  encodeAddress,
  encodeDiscouragement,
  encodeHeaderRecord,
  encodeJournalEntry,
  encodePosition,
  encodeSlot,
  encodeTip,
} from '../../server/store/records.ts';
import { StoreError } from '../../server/store/store-error.ts';
import { genesisPoint, headerRecordOf, mineBlock } from '../../testing/chain-builder.ts';
import { account, bytesOf, hexOf, u32, u64 } from '../consensus/arbitraries.ts';
import { mutated, mutations } from './byte-mutations.ts';
import { foreignBytes } from './byte-targets.ts';
import { scratchFolder } from './command-line-targets.ts';
import { outcomeOf } from './judgement.ts';
import { type FuzzTarget, slowTarget, target } from './target.ts';
import { hostileText, jsonValue, nearly, nearlyJson } from './text-mutations.ts';

const TXID = 'ab'.repeat(32);
const KEY = new TextEncoder().encode('http://127.0.0.1:5000');

const failure = fc.record({
  code: fc.constantFrom('required', 'out-of-gas'),
  message: fc.string({ maxLength: 20 }),
  contract: hexOf(20),
  position: fc.option(fc.record({ line: u32, column: u32 }), { nil: undefined }),
});

const payment = fc.record({ from: hexOf(20), to: hexOf(20), amount: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }) });

/** What the disk gives back. Records carry checksums, so a wrong one is rare: it must be told, and as what it is. */
const RECORDS: Readonly<
  Record<string, readonly [valid: fc.Arbitrary<Uint8Array>, decode: (bytes: Uint8Array) => unknown]>
> = {
  tip: [fc.record({ hash: hexOf(32), height: u32, stateRoot: hexOf(32) }).map(encodeTip), decodeTip],
  account: [account.map(encodeAccount), decodeAccount],
  position: [fc.record({ height: u32, index: u32 }).map(encodePosition), decodePosition],
  journal: [
    fc
      .record({ raw: bytesOf(9), receivedMs: fc.nat(), unbroadcast: fc.boolean() })
      .map((entry) => encodeJournalEntry({ ...entry, txid: TXID })),
    (bytes) => decodeJournalEntry(TXID, bytes),
  ],
  address: [
    fc.record({ lastSuccessMs: fc.nat(), failures: u32 }).map((entry) => encodeAddress({ ...entry, url: 'x' })),
    (bytes) => decodeAddress(KEY, bytes),
  ],
  slot: [fc.record({ path: hexOf(9), value: bytesOf(12) }).map(encodeSlot), decodeSlot],
  receipt: [
    fc
      .record({
        bytes: bytesOf(5),
        failure: fc.option(failure),
        payments: fc.option(fc.array(payment, { maxLength: 3 })),
      })
      .map(encodeStoredReceipt),
    decodeStoredReceipt,
  ],
  'block-receipts': [
    fc
      .record({ count: u32, gasUsed: u32, root: hexOf(32), siblings: fc.array(hexOf(32), { maxLength: 4 }) })
      .map(encodeBlockReceipts),
    decodeBlockReceipts,
  ],
  discouragement: [
    fc.nat().map((untilMs) => encodeDiscouragement({ key: 'x', untilMs })),
    (bytes) => decodeDiscouragement(KEY, bytes),
  ],
};

const recordTargets = Object.entries(RECORDS).map(([name, [valid, decode]]) =>
  target(
    `record-${name}`,
    foreignBytes(valid, decode),
    (bytes) => void outcomeOf(bytes.length, [DecodeError], () => decode(bytes)),
    { notation: 'bytes', shortRuns: 60 },
  ),
);

const headerRecord = headerRecordOf(mineBlock(genesisPoint(REGTEST)), { invalidReason: 'bad-signature' });
/** Sizes of the fields of a header's record, which is not read field by field. */
const HEADER_RECORD_FIELDS = [80, 4, 32, 4, 4, 1, 4, 4, 4, 8, 2, 13, 2];

function headerRecordParts(): Uint8Array[] {
  let rest = encodeHeaderRecord(headerRecord);
  const parts: Uint8Array[] = [];
  for (const size of HEADER_RECORD_FIELDS) {
    parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return [...parts, rest];
}

const headerRecordTarget = target(
  'record-header',
  mutations.map((changes) => mutated(headerRecordParts(), [], changes)),
  (bytes) => void outcomeOf(bytes.length, [InvariantError], () => decodeHeaderRecord(headerRecord.hash, bytes)),
  { notation: 'bytes' },
);

const sealed = target(
  'record-seal',
  fc.record({ value: fc.uint8Array({ maxLength: 40 }), changes: mutations }),
  ({ value, changes }) => {
    const stored = sealValue('table', KEY, value);
    const read = Uint8Array.from(mutated([stored.subarray(0, 4), stored.subarray(4)], [], changes));
    const opened = unsealValue('table', KEY, read);
    if (opened) assert.equal(bytesToHex(read), bytesToHex(stored), 'damage that is not noticed');
    assert.equal(unsealValue('table', Uint8Array.of(1), stored), undefined);
  },
  { notation: 'json' },
);

const entry: NodeEntry = {
  url: 'http://127.0.0.1:5000',
  pid: process.pid,
  genesisHash: REGTEST.genesis.hash,
  runId: null,
  startedAt: '2026-01-01T00:00:00.000Z',
};

/** Files of a folder where any program of the user may write. */
const discovery = slowTarget(
  'discovery-entry',
  nearlyJson({
    url: fc.constantFrom('"http://127.0.0.1:5000"', '"HTTP://localhost:5000/"', '"http://[::1]:5000"'),
    pid: fc.constantFrom(String(process.pid), '0', '-1', '1e3', '4194305', 'null'),
    genesisHash: fc.constantFrom(`"${entry.genesisHash}"`, '"00"'),
    runId: fc.constantFrom('null', '"a"', '1', '{}'),
    startedAt: fc.oneof(fc.constant('"2026-01-01T00:00:00.000Z"'), jsonValue),
  }),
  async (text) => {
    const folder = join(scratchFolder(), 'nodes');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, entryName(entry)), text);
    for (const { entry: found } of await readEntries(folder)) {
      assert.ok(isPeerUrl(found.url) && Number.isSafeInteger(found.pid) && found.pid > 0);
      assert.equal(entryName(found), entryName(entry));
    }
  },
  { notation: 'text', shortRuns: 80 },
);

const sealedJson = fc
  .tuple(
    nearlyJson({
      format: fc.constantFrom('1', '2', '-1', '"1"'),
      network: fc.oneof(
        fc.constant('"regtest"'),
        hostileText.map((text) => JSON.stringify(text)),
      ),
      genesis: fc.constantFrom(`"${REGTEST.genesis.hash}"`, '"00"'),
      transaction: fc.constant('"5"'),
      sizeBytes: fc.constantFrom('4096', '1e400'),
      crc32: fc.constantFrom('1', '"1"'),
    }),
    fc.nat(9),
  )
  .map(([json, kind]) => (kind === 0 ? json : `${json}\n${crc32(json).toString(16)}\n`));

/** The small files of a data folder, which may come from another machine. */
const folderFiles = slowTarget(
  'data-folder-files',
  fc.record({
    name: fc.constantFrom('network.json', 'checksum.json', 'folder.lock'),
    content: fc.oneof(sealedJson, jsonValue),
  }),
  async ({ name, content }) => {
    const folder = join(scratchFolder(), 'data');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'chain'), { recursive: true });
    writeFileSync(join(folder, name === 'folder.lock' ? '' : 'chain', name), content);
    outcomeOf(content.length, [], () => hasNetworkLabel(folder));
    outcomeOf(content.length, [], () => readFileChecksum(folder));
    outcomeOf(content.length, [StoreError], () => checkNetwork(folder, REGTEST));
    outcomeOf(content.length, [StoreError], () => lockFolder(folder))?.value.release();
  },
  { notation: 'json', shortRuns: 80 },
);

const scalarText = nearly(
  fc.oneof(hexOf(32), u64.map(String), fc.constantFrom('0.5', '10', '2026-01-01T00:00:00.000Z', '00ff', 'rlore1qqqq')),
);
const literal: fc.Arbitrary<ValueNode> = fc.oneof(
  scalarText.map((value): ValueNode => ({ kind: Kind.STRING, value })),
  scalarText.map((value): ValueNode => ({ kind: Kind.INT, value })),
  scalarText.map((value): ValueNode => ({ kind: Kind.FLOAT, value })),
  fc.constantFrom<ValueNode>({ kind: Kind.NULL }, { kind: Kind.BOOLEAN, value: true }, { kind: Kind.LIST, values: [] }),
);
const SCALARS = ['Hash', 'Address', 'Amount', 'Hex', 'BigInt', 'DateTime', 'Cursor'] as const;
/** What is accepted means the same when it comes back the way it goes out. */
const PLAIN = new Set<string>(['Hash', 'Amount', 'Hex', 'BigInt', 'DateTime']);

const scalars = target(
  'graphql-scalars',
  fc.record({
    name: fc.constantFrom(...SCALARS),
    given: fc.oneof(
      fc.record({ literal }),
      fc.record({
        variable: fc.oneof(
          scalarText,
          fc.jsonValue({ maxDepth: 1 }),
          fc.double(),
          fc.maxSafeInteger(),
          fc.constant({ toString: 1 }),
        ),
      }),
    ),
  }),
  ({ name, given }) => {
    const scalar = schema.getType(name) as GraphQLScalarType;
    const read = (): unknown =>
      'literal' in given ? scalar.parseLiteral(given.literal) : scalar.parseValue(given.variable);
    const outcome = outcomeOf(0, [ScalarError], read);
    if (!outcome || !PLAIN.has(name)) return;
    const shown = scalar.serialize(outcome.value);
    assert.deepEqual(scalar.parseValue(shown), outcome.value);
    assert.equal(typeof shown, 'string');
  },
  { notation: 'json', shortRuns: 400 },
);

/** What files, records and callers of the API give the server. */
export const SERVER_TARGETS: readonly FuzzTarget[] = [
  ...recordTargets,
  headerRecordTarget,
  sealed,
  discovery,
  folderFiles,
  scalars,
];
