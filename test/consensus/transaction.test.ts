import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../consensus/codec.ts';
import { InvariantError } from '../../consensus/errors.ts';
import { doubleSha256, hashFromBytes } from '../../consensus/hash.ts';
import { bytesToHex, concatBytes, utf8ToBytes } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import {
  COINBASE_EXTRA_NONCE_BYTES,
  COINBASE_EXTRA_NONCE_OFFSET,
  checkTransactionSanity,
  decodeTransaction,
  encodeCoinbase,
  encodeTransfer,
  MIN_TRANSACTION_BYTES,
  signingBytes,
  type Transaction,
} from '../../consensus/transaction.ts';
import { encodeAgain } from '../../testing/encode-again.ts';
import { coinbaseFields, transferFields } from './arbitraries.ts';
import { alice, bob, brokenRule, pay } from './fixtures.ts';

const transactions: fc.Arbitrary<Transaction> = fc.oneof(
  coinbaseFields.map(encodeCoinbase),
  transferFields.map(encodeTransfer),
);

describe('transaction encoding', () => {
  it('is undone by decoding', () => {
    fc.assert(
      fc.property(transactions, (transaction) => {
        expect(decodeTransaction(transaction.raw)).toEqual(transaction);
      }),
    );
  });

  it('canonical-bytes: whatever bytes decode are the one encoding of their value', () => {
    const bytes = fc
      .tuple(transactions, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }))
      .map(([{ raw }, edits]) => {
        const edited = raw.slice();
        for (const [position, value] of edits) edited[position % edited.length] = value;
        return edited;
      });
    fc.assert(
      fc.property(bytes, (raw) => {
        let decoded: Transaction;
        try {
          decoded = decodeTransaction(raw);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        const encoded = encodeAgain(decoded);
        expect(encoded).toEqual(decoded);
        expect(encoded.raw).toEqual(raw);
      }),
      { numRuns: 500 },
    );
  });

  it('canonical-bytes: neither a missing nor a further byte is accepted', () => {
    fc.assert(
      fc.property(transactions, fc.nat(), ({ raw }, n) => {
        expect(() => decodeTransaction(raw.subarray(0, n % raw.length))).toThrow(DecodeError);
        expect(() => decodeTransaction(concatBytes(raw, Uint8Array.of(n & 0xff)))).toThrow(DecodeError);
      }),
    );
  });

  it.each([4, 5, 127, 255])('reserves kind %i', (kind) => {
    const raw = pay(alice, bob.address).raw.slice();
    raw[0] = kind;
    expect(() => decodeTransaction(raw)).toThrow(
      new DecodeError(`transaction kind ${kind} is reserved`, 'reserved-kind'),
    );
  });

  it('never has the 64 bytes of an inner Merkle node', () => {
    expect(MIN_TRANSACTION_BYTES).toBeGreaterThan(64);
    fc.assert(
      fc.property(transactions, ({ raw }) => {
        expect(raw.length).toBeGreaterThanOrEqual(MIN_TRANSACTION_BYTES);
      }),
    );
  });

  it('has the double SHA-256 of all its bytes as id, signature included', () => {
    const transfer = pay(alice, bob.address);
    expect(transfer.txid).toBe(hashFromBytes(doubleSha256(transfer.raw)));
    const other = encodeTransfer({ ...transfer, signature: new Uint8Array(64) });
    expect(other.txid).not.toBe(transfer.txid);
  });

  it('takes a value that does not fit for our own bug', () => {
    const transfer = pay(alice, bob.address);
    expect(() => encodeTransfer({ ...transfer, amount: 2n ** 64n })).toThrow(InvariantError);
    expect(() => encodeTransfer({ ...transfer, recipient: '00' })).toThrow(InvariantError);
    expect(() => encodeTransfer({ ...transfer, signature: new Uint8Array(63) })).toThrow(InvariantError);
  });
});

describe('a coinbase', () => {
  it('splits cleanly around its extra nonce', () => {
    fc.assert(
      fc.property(coinbaseFields, (fields) => {
        const { raw } = encodeCoinbase(fields);
        const end = COINBASE_EXTRA_NONCE_OFFSET + COINBASE_EXTRA_NONCE_BYTES;
        expect(raw.subarray(COINBASE_EXTRA_NONCE_OFFSET, end)).toEqual(fields.extraNonce);
      }),
    );
  });
});

describe('a transfer', () => {
  it('is signed with its domain and all bytes before the signature', () => {
    const transfer = pay(alice, bob.address, { memo: utf8ToBytes('hi') });
    const message = concatBytes(utf8ToBytes('forklore/tx/v1'), transfer.raw.subarray(0, transfer.raw.length - 64));
    expect(signingBytes(transfer)).toEqual(message);
    expect(signingBytes(transfer.raw)).toEqual(message);
  });

  it('comes from the address of its key', () => {
    const transfer = pay(alice, bob.address);
    expect(transfer.senderKey).toBe(bytesToHex(alice.publicKey));
    expect(transfer.sender).toBe(alice.address);
  });
});

describe('transaction sanity', () => {
  const sanityOf = (transaction: Transaction) => brokenRule(() => checkTransactionSanity(transaction, REGTEST));

  it('accepts a memo alone, a payment to oneself, and the longest memo', () => {
    expect(sanityOf(pay(alice, bob.address, { amount: 0n, memo: new Uint8Array(256) }))).toBeUndefined();
    expect(sanityOf(pay(alice, alice.address))).toBeUndefined();
  });

  it('size-caps: rejects a longer memo and a longer tag', () => {
    expect(sanityOf(pay(alice, bob.address, { memo: new Uint8Array(257) }))).toBe('memo-too-long');
    const fields = { height: 1, recipient: bob.address, reward: 0n, stateRoot: '00'.repeat(32) };
    const coinbase = (tagBytes: number) =>
      encodeCoinbase({ ...fields, extraNonce: new Uint8Array(8), tag: new Uint8Array(tagBytes) });
    expect(sanityOf(coinbase(64))).toBeUndefined();
    expect(sanityOf(coinbase(65))).toBe('tag-too-long');
  });

  it('rejects a transfer that was signed for another network', () => {
    expect(sanityOf(pay(alice, bob.address, { networkId: '00000000' }))).toBe('wrong-network');
  });

  it('rejects keys and signatures that are not encoded strictly', () => {
    const transfer = pay(alice, bob.address);
    const smallOrderKey = `01${'00'.repeat(31)}`;
    expect(sanityOf(encodeTransfer({ ...transfer, senderKey: smallOrderKey }))).toBe('bad-public-key');
    const signature = transfer.signature.slice();
    signature[63] = 0xff;
    expect(sanityOf(encodeTransfer({ ...transfer, signature }))).toBe('bad-signature');
  });

  it('does not verify signatures', () => {
    expect(sanityOf(encodeTransfer({ ...pay(alice, bob.address), amount: 2n }))).toBeUndefined();
  });
});
