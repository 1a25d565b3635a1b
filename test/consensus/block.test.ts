import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLOCK_PREFIX_BYTES,
  type Block,
  checkBlockContext,
  checkBlockSanity,
  decodeBlock,
  encodeBlock,
  MAX_BLOCK_BYTES,
} from '../../consensus/block.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { InvariantError } from '../../consensus/errors.ts';
import { ZERO_HASH } from '../../consensus/hash.ts';
import { concatBytes } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { encodeCoinbase, encodeTransfer, type Transaction } from '../../consensus/transaction.ts';
import { coinbaseFields, header as headers, transferFields } from './arbitraries.ts';
import { alice, blockAt, blockOf, bob, brokenRule, carol, coinbaseFor, genesisState, pay } from './fixtures.ts';

const transactions: fc.Arbitrary<Transaction> = fc.oneof(
  coinbaseFields.map(encodeCoinbase),
  transferFields.map(encodeTransfer),
);
const blocks = fc
  .tuple(headers, fc.array(transactions, { maxLength: 8 }))
  .map(([header, list]) => encodeBlock(header, list));

const sanityOf = (block: Block) => brokenRule(() => checkBlockSanity(block, REGTEST));

describe('block encoding', () => {
  it('is undone by decoding, and the other way round', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        const decoded = decodeBlock(block.raw);
        expect(decoded).toEqual(block);
        expect(encodeBlock(decoded.header, decoded.transactions).raw).toEqual(block.raw);
      }),
    );
  });

  it('canonical-bytes: neither a missing nor a further byte is accepted', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), ({ raw }, n) => {
        expect(() => decodeBlock(raw.subarray(0, n % raw.length))).toThrow(DecodeError);
        expect(() => decodeBlock(concatBytes(raw, Uint8Array.of(0)))).toThrow(DecodeError);
      }),
    );
  });

  it('refuses a count that cannot be true before reading on', () => {
    const raw = REGTEST.genesis.raw.slice();
    raw.fill(0xff, 80, 84);
    expect(() => decodeBlock(raw)).toThrow(/4294967295 transactions cannot fit/);
  });
});

describe('block sanity', () => {
  const state = genesisState();
  const good = blockAt(state, 1, [pay(alice, bob.address), pay(bob, carol.address)]);
  const [coinbase, first, second] = good.transactions as [Transaction, Transaction, Transaction];

  it('accepts a correct block, and a coinbase alone', () => {
    expect(sanityOf(good)).toBeUndefined();
    expect(sanityOf(blockAt(state, 1, []))).toBeUndefined();
    expect(sanityOf(REGTEST.genesis)).toBeUndefined();
  });

  it('rejects a body that is not the header’s, whatever else is wrong with it', () => {
    expect(sanityOf(encodeBlock(good.header, [coinbase, second, first]))).toBe('bad-merkle-root');
    expect(sanityOf(encodeBlock(good.header, [first, first, coinbase]))).toBe('bad-merkle-root');
    expect(sanityOf(encodeBlock(good.header, []))).toBe('bad-merkle-root');
  });

  it('rejects no transactions, no coinbase at the front, and another coinbase', () => {
    expect(sanityOf(encodeBlock({ ...good.header, merkleRoot: ZERO_HASH }, []))).toBe('no-transactions');
    expect(sanityOf(blockOf([first, coinbase]))).toBe('first-not-coinbase');
    const another = coinbaseFor(state, 2, []);
    expect(sanityOf(blockOf([coinbase, first, another]))).toBe('multiple-coinbases');
  });

  it('duplicate-transaction-in-block: rejects the same transaction twice', () => {
    expect(sanityOf(blockOf([coinbase, first, first]))).toBe('duplicate-transaction');
    expect(sanityOf(blockOf([coinbase, first, second, first]))).toBe('duplicate-transaction');
  });

  it('duplicate-transaction-in-block: rejects two transfers of one sender with the same nonce', () => {
    expect(sanityOf(blockOf([coinbase, first, pay(alice, carol.address)]))).toBe('duplicate-nonce');
  });

  it('rejects a transaction that is not sane', () => {
    const foreign = pay(alice, bob.address, { networkId: 'ffffffff' });
    expect(sanityOf(blockOf([coinbase, foreign]))).toBe('wrong-network');
  });

  it('size-caps: accepts a block of exactly 1,000,000 bytes and no byte more', () => {
    // The nonces make the transfers differ; whether the one signature fits them is not looked at here.
    const base = pay(alice, bob.address, { memo: new Uint8Array(256) });
    const bare = coinbaseFor(state, 1, []);
    const bytesLeft = MAX_BLOCK_BYTES - BLOCK_PREFIX_BYTES - bare.raw.length;
    const emptyMemoBytes = base.raw.length - 256;
    const count = Math.floor((bytesLeft - emptyMemoBytes) / base.raw.length);
    const fill = Array.from({ length: count }, (_, n) => encodeTransfer({ ...base, nonce: BigInt(n) }));
    const lastMemoBytes = bytesLeft - count * base.raw.length - emptyMemoBytes;
    const full = (memoBytes: number) => {
      const last = encodeTransfer({ ...base, nonce: BigInt(count), memo: new Uint8Array(memoBytes) });
      return blockOf([bare, ...fill, last]);
    };
    const exact = full(lastMemoBytes);
    expect(exact.raw.length).toBe(MAX_BLOCK_BYTES);
    expect(sanityOf(exact)).toBeUndefined();
    expect(sanityOf(full(lastMemoBytes + 1))).toBe('block-too-large');
  });
});

describe('block context', () => {
  it('rejects a coinbase of another height', () => {
    const block = blockAt(genesisState(), 1, []);
    expect(brokenRule(() => checkBlockContext(block, 1))).toBeUndefined();
    expect(brokenRule(() => checkBlockContext(block, 2))).toBe('coinbase-wrong-height');
  });

  it('is for blocks that passed sanity', () => {
    expect(() => checkBlockContext(blockOf([pay(alice, bob.address)]), 1)).toThrow(InvariantError);
  });
});
