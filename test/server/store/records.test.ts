import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntry, StoredHeader, Validity } from '../../../protocol/store-writes.ts';
import { sealValue, unsealValue } from '../../../server/store/record-checksum.ts';
import {
  accountPositionKey,
  decodeAccount,
  decodeAddress,
  decodeDiscouragement,
  decodeHeaderRecord,
  decodeJournalEntry,
  decodePosition,
  decodeTip,
  encodeAccount,
  encodeAddress,
  encodeDiscouragement,
  encodeHeaderRecord,
  encodeJournalEntry,
  encodePosition,
  encodeTip,
  hashKey,
  hashOfHeaderKey,
  hashOfKey,
  headerKey,
  positionOfKey,
  textKey,
} from '../../../server/store/records.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const timeMs = fc.integer({ min: 0, max: 2 ** 50 });
const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const hexOf = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString('hex'));
const hash = hexOf(32);
const position = fc.record({ height: u32, index: u32 });

const headerRecord: fc.Arbitrary<StoredHeader> = fc.record({
  hash,
  header: fc.record({
    version: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    prevHash: hash,
    merkleRoot: hash,
    time: u32,
    bits: u32,
    nonce: u32,
  }),
  height: u32,
  chainWork: fc.oneof(u64, fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })),
  clock: u32,
  active: u32,
  validity: fc.constantFrom<Validity>('unknown', 'valid', 'invalid', 'operator-invalid'),
  invalidReason: fc.option(fc.constantFrom('wrong-nonce', 'bad-merkle-root')),
  arrival: u32,
  bodyBytes: u32,
  transactionCount: u32,
  firstSeenMs: timeMs,
  firstSeenFrom: text,
});

function holds<T>(values: fc.Arbitrary<T>, roundTrip: (value: T) => T): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(roundTrip(value)).toEqual(value);
    }),
  );
}

describe('what is stored is what was given, for', () => {
  it('header records', () =>
    holds(headerRecord, (record) => decodeHeaderRecord(record.hash, encodeHeaderRecord(record))));

  it('header records of any length but theirs, which are refused', () => {
    fc.assert(
      fc.property(headerRecord, fc.integer({ min: -300, max: 5 }), (record, change) => {
        const bytes = encodeHeaderRecord(record);
        const other = new Uint8Array(Math.max(0, bytes.length + change));
        other.set(bytes.subarray(0, other.length));
        if (other.length !== bytes.length) expect(() => decodeHeaderRecord(record.hash, other)).toThrow();
      }),
    );
  });

  it('tips', () => holds(fc.record({ hash, height: u32, stateRoot: hash }), (tip) => decodeTip(encodeTip(tip))));

  it('accounts', () =>
    holds(fc.record({ balance: u64, nonce: u64 }), (account) => decodeAccount(encodeAccount(account))));

  it('positions', () => holds(position, (value) => decodePosition(encodePosition(value))));

  it('journal entries', () =>
    holds<JournalEntry>(
      fc.record({ txid: hash, raw: fc.uint8Array(), receivedMs: timeMs, unbroadcast: fc.boolean() }),
      (entry) => decodeJournalEntry(entry.txid, encodeJournalEntry(entry)),
    ));

  it('addresses', () =>
    holds(fc.record({ url: text, lastSuccessMs: timeMs, failures: u32 }), (address) =>
      decodeAddress(textKey(address.url), encodeAddress(address)),
    ));

  it('discouragements', () =>
    holds(fc.record({ key: text, untilMs: timeMs }), (entry) =>
      decodeDiscouragement(textKey(entry.key), encodeDiscouragement(entry)),
    ));

  it('keys', () => {
    holds(hash, (value) => hashOfKey(hashKey(value)));
    holds(hash, (value) => hashOfHeaderKey(headerKey(7, value)));
    holds(position, (value) => positionOfKey(accountPositionKey('ab'.repeat(20), value)));
  });
});

it('keys stand in the order of their positions', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const order = Buffer.compare(accountPositionKey('ab'.repeat(20), a), accountPositionKey('ab'.repeat(20), b));
      expect(order).toBe(Math.sign(a.height - b.height || a.index - b.index));
    }),
  );
});

it('a sealed value shows every flipped bit, and a wrong key or table', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), fc.nat(7), (key, value, at, bit) => {
      const stored = sealValue('accounts', key, value);
      expect(unsealValue('accounts', key, stored)).toEqual(value);
      expect(unsealValue('undo', key, stored)).toBeUndefined();
      expect(unsealValue('accounts', Uint8Array.of(...key, 0), stored)).toBeUndefined();
      stored[at % stored.length]! ^= 1 << bit;
      expect(unsealValue('accounts', key, stored)).toBeUndefined();
    }),
  );
});
