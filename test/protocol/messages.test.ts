import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../consensus/codec.ts';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import type { Coinbase } from '../../consensus/transaction.ts';
import {
  MAX_ADDRESSES_PER_MESSAGE,
  MAX_BLOCKS_PER_REQUEST,
  MAX_FRAME_BYTES,
  MAX_HEADERS_PER_MESSAGE,
  MAX_INV_TXIDS,
  MAX_LOCATOR_HASHES,
  MAX_TRANSACTIONS_PER_MESSAGE,
} from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage, type Message } from '../../protocol/messages.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';
import { sampleMessages } from '../../testing/sample-messages.ts';

const genesis = genesisPoint(REGTEST);
const transfer = transferAt(genesis, keysOf('Alice'), keysOf('Bob').address);
const { block } = mineBlock(genesis, { transfers: [transfer] });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex);
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const url = fc.integer({ min: 1, max: 65_535 }).map((port) => `http://127.0.0.1:${port}`);

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    version: fc.integer({ min: 0, max: 65_535 }),
    genesisHash: hash,
    nonce: u64,
    tipHash: hash,
    height: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    chainWork: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    listenUrl: fc.option(url),
    userAgent: fc.string({ maxLength: 30 }),
  }),
  fc.record({ type: fc.constantFrom('ping' as const, 'pong' as const), nonce: u64 }),
  fc.constant({ type: 'getAddresses' as const }),
  fc.record({ type: fc.constant('addresses' as const), urls: fc.array(url, { maxLength: 5 }) }),
  fc.record({ type: fc.constant('getHeaders' as const), locator: fc.array(hash, { maxLength: 5 }), stop: hash }),
  fc.record({
    type: fc.constantFrom('inv' as const, 'getTransactions' as const),
    txids: fc.array(hash, { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('getBlocks' as const), blockHashes: fc.array(hash, { maxLength: 5 }) }),
  fc.record({
    type: fc.constant('notFound' as const),
    what: fc.constantFrom('transaction' as const, 'block' as const),
    hashes: fc.array(hash, { maxLength: 5 }),
  }),
  fc.record({
    type: fc.constant('bye' as const),
    code: fc.integer({ min: 0, max: 65_535 }),
    reason: fc.string({ maxLength: 40 }),
  }),
);

const repeat = <T>(value: T, count: number): T[] => Array.from({ length: count }, () => value);
const ZERO = '0'.repeat(64);

describe('messages', () => {
  it('decode to what was encoded', () => {
    const roundTrip = fc.property(message, (value) => {
      expect(decodeMessage(encodeMessage(value))).toEqual(value);
    });
    fc.assert(roundTrip, { seed: 1 });
  });

  it.each(sampleMessages().map((sample) => [sample.type, sample] as const))(
    '%s survives the way there and back',
    (_, sample) => {
      const frame = encodeMessage(sample);
      expect(decodeMessage(frame)).toEqual(sample);
      expect(encodeMessage(decodeMessage(frame))).toEqual(frame);
    },
  );

  it.each(sampleMessages().map((sample) => [sample.type, sample] as const))(
    '%s is refused when it is cut anywhere or has one byte more',
    (type, sample) => {
      const frame = encodeMessage(sample);
      // A block is whatever bytes follow its kind; its own decoder judges them.
      if (type === 'block') return;
      for (let length = 0; length < frame.length; length++) {
        expect(() => decodeMessage(frame.subarray(0, length)), `cut to ${length}`).toThrow(DecodeError);
      }
      expect(() => decodeMessage(new Uint8Array([...frame, 0]))).toThrow(DecodeError);
    },
  );

  it.each<[string, number, (count: number) => Message]>([
    ['headers', MAX_HEADERS_PER_MESSAGE, (count) => ({ type: 'headers', headers: repeat(block.header, count) })],
    ['locator', MAX_LOCATOR_HASHES, (count) => ({ type: 'getHeaders', locator: repeat(ZERO, count), stop: ZERO })],
    ['inv', MAX_INV_TXIDS, (count) => ({ type: 'inv', txids: repeat(ZERO, count) })],
    [
      'transactions',
      MAX_TRANSACTIONS_PER_MESSAGE,
      (count) => ({ type: 'transactions', transactions: repeat(transfer, count) }),
    ],
    ['getBlocks', MAX_BLOCKS_PER_REQUEST, (count) => ({ type: 'getBlocks', blockHashes: repeat(ZERO, count) })],
    [
      'addresses',
      MAX_ADDRESSES_PER_MESSAGE,
      (count) => ({ type: 'addresses', urls: repeat('http://127.0.0.1:1', count) }),
    ],
  ])('list-limits: %s take exactly %i, not one more', (_, limit, make) => {
    expect(decodeMessage(encodeMessage(make(limit)))).toEqual(make(limit));
    expect(() => decodeMessage(encodeMessage(make(limit + 1)))).toThrow(DecodeError);
  });

  it.each([
    ['an empty frame', new Uint8Array()],
    ['an unknown kind', new Uint8Array([17])],
    ['the last kind there can be', new Uint8Array([255])],
    ['more bytes than a frame may have', new Uint8Array(MAX_FRAME_BYTES + 1)],
  ])('refuse %s', (_, bytes) => {
    expect(() => decodeMessage(bytes)).toThrow(DecodeError);
  });

  it('refuse a coinbase among transactions, and a compact block that begins with a transfer', () => {
    const coinbase = block.transactions[0] as Coinbase;
    const asTransfer = { ...transfer, raw: coinbase.raw };
    expect(() => decodeMessage(encodeMessage({ type: 'transactions', transactions: [asTransfer] }))).toThrow(
      DecodeError,
    );
    const compact = { type: 'compactBlock', header: block.header, nonce: 1n, shortIds: [], prefilled: [] } as const;
    const wrong = { ...compact, coinbase: { ...coinbase, raw: transfer.raw } };
    expect(() => decodeMessage(encodeMessage(wrong))).toThrow(DecodeError);
  });

  it('refuse positions that do not ascend, and addresses that are no URL of a peer', () => {
    const positions = encodeMessage({ type: 'getBlockTransactions', blockHash: ZERO, positions: [2, 2] });
    expect(() => decodeMessage(positions)).toThrow(DecodeError);
    for (const bad of [
      'ftp://x:1',
      'http://x',
      'http://x:0',
      'http://x:70000',
      'http://user@x:1',
      'http://x:1/graphql',
      'HTTP://x:1',
    ]) {
      expect(() => decodeMessage(encodeMessage({ type: 'addresses', urls: [bad] })), bad).toThrow(DecodeError);
    }
  });

  it('have the bytes of the published vectors', () => {
    const file = new URL('../vectors/messages.json', import.meta.url);
    const vectors = JSON.parse(readFileSync(file, 'utf8')) as { type: string; frame: string }[];
    expect(vectors.map(({ type }) => type)).toEqual(sampleMessages().map(({ type }) => type));
    for (const [i, sample] of sampleMessages().entries()) {
      expect(bytesToHex(encodeMessage(sample)), sample.type).toBe(vectors[i]?.frame);
      expect(decodeMessage(hexToBytes(vectors[i]?.frame ?? ''))).toEqual(sample);
    }
  });
});
