import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../consensus/codec.ts';
import { encodeValue } from '../../consensus/contract/encoding.ts';
import { hashToBytes } from '../../consensus/hash.ts';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import {
  decodeReceipt,
  encodeReceipt,
  hashOfReceipts,
  RECEIPTS_KEY,
  type Receipt,
  receiptLeaf,
  receiptsHashOf,
  receiptsRoot,
} from '../../consensus/receipt.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { stateProof, verifyStateProof } from '../../consensus/state-tree.ts';
import { hexOf, u32 } from './arbitraries.ts';
import { argsOf, call, connect, contractBlock, deploy } from './contract-fixtures.ts';
import { alice, bob, genesisState, pay } from './fixtures.ts';

const values = fc.array(
  fc.oneof(
    fc.boolean().map((value) => encodeValue(value)),
    fc.maxSafeInteger().map((value) => encodeValue(value)),
    fc.bigInt({ min: -(2n ** 255n) + 1n, max: 2n ** 255n - 1n }).map((value) => encodeValue(value)),
    fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => encodeValue(value)),
    fc.array(fc.maxSafeInteger(), { maxLength: 4 }).map((value) => encodeValue(value)),
  ),
  { maxLength: 16 },
);
const events = fc
  .record({ contract: hexOf(20), name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,63}$/), values })
  .map(({ values: some, ...event }) => ({ ...event, count: some.length, values: concatBytes(...some) }));
const receipts: fc.Arbitrary<Receipt> = fc.oneof(
  fc.record({
    ok: fc.constant(true),
    gasUsed: u32,
    result: fc.uint8Array({ maxLength: 50 }),
    events: fc.array(events, { maxLength: 4 }),
  }),
  u32.map((gasUsed) => ({ ok: false, gasUsed, result: new Uint8Array(), events: [] })),
);

describe('the encoding of a receipt', () => {
  it('is undone by decoding, and the other way round', () => {
    fc.assert(
      fc.property(receipts, (receipt) => {
        const bytes = encodeReceipt(receipt);
        expect(decodeReceipt(bytes)).toEqual(receipt);
        expect(encodeReceipt(decodeReceipt(bytes))).toEqual(bytes);
      }),
    );
  });

  it('has its fields in the order of the specification', () => {
    const failed = { ok: false, gasUsed: 0x0102, result: new Uint8Array(), events: [] };
    expect(bytesToHex(encodeReceipt(failed))).toBe('0002010000');
    const event = { contract: 'c0'.repeat(20), name: 'Hi', count: 2, values: argsOf(true, 'x') };
    const receipt = { ok: true, gasUsed: 3, result: argsOf(false), events: [event] };
    expect(bytesToHex(encodeReceipt(receipt))).toBe(
      `0103000000${'0100'}00${'01'}${'c0'.repeat(20)}02486902${'01'}${'04010078'}`,
    );
  });

  it('canonical-bytes: every cut, every further byte and every other flag is refused', () => {
    const event = { contract: 'c0'.repeat(20), name: 'Hi', count: 1, values: argsOf(7) };
    const bytes = encodeReceipt({ ok: true, gasUsed: 3, result: argsOf(1n), events: [event] });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeReceipt(bytes.subarray(0, length))).toThrow(DecodeError);
    }
    expect(() => decodeReceipt(concatBytes(bytes, Uint8Array.of(0)))).toThrow(DecodeError);
    const flagged = bytes.slice();
    flagged[0] = 2;
    expect(() => decodeReceipt(flagged)).toThrow(DecodeError);
    flagged[0] = 0;
    expect(() => decodeReceipt(flagged)).toThrow(DecodeError);
  });
});

describe('the tree of receipts', () => {
  const leaf = (n: number) => receiptLeaf(`${n}`.repeat(64), Uint8Array.of(n));
  const inner = (left: Uint8Array, right: Uint8Array) => sha256(concatBytes(Uint8Array.of(1), left, right));

  it('has leaves of the id in internal order and the receipt', () => {
    const txid = '01'.padStart(64, '0');
    const receipt = Uint8Array.of(5, 6);
    expect(receiptLeaf(txid, receipt)).toEqual(sha256(concatBytes(Uint8Array.of(0), hashToBytes(txid), receipt)));
    expect(hashToBytes(txid)[0]).toBe(1);
  });

  it('has the shape of RFC 6962: a node without a neighbour moves up', () => {
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map(leaf) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    expect(receiptsRoot([a])).toEqual(a);
    expect(receiptsRoot([a, b])).toEqual(inner(a, b));
    expect(receiptsRoot([a, b, c])).toEqual(inner(inner(a, b), c));
    expect(receiptsRoot([a, b, c, d, e])).toEqual(inner(inner(inner(a, b), inner(c, d)), e));
  });

  it('is committed to with the number of its leaves, and not at all without any', () => {
    const leaves = [1, 2, 3].map(leaf);
    const preimage = concatBytes(Uint8Array.of(3, 0, 0, 0), receiptsRoot(leaves));
    expect(hashOfReceipts(leaves)).toBe(bytesToHex(sha256(preimage)));
    expect(hashOfReceipts([])).toBeNull();
  });

  it('differs where receipts have changed places or transactions', () => {
    const [first, second] = ['aa'.repeat(32), 'bb'.repeat(32)];
    const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];
    const roots = [
      [receiptLeaf(first, one), receiptLeaf(second, two)],
      [receiptLeaf(second, two), receiptLeaf(first, one)],
      [receiptLeaf(first, two), receiptLeaf(second, one)],
    ].map((leaves) => hashOfReceipts(leaves));
    expect(new Set(roots).size).toBe(3);
  });
});

describe('the leaf of the receipts in the state', () => {
  it('has a key that is no account’s, because its preimage has no 20 bytes, and no slot’s', () => {
    const preimage = utf8ToBytes('receipts');
    expect(RECEIPTS_KEY).toEqual(sha256(preimage));
    expect(preimage.length).toBeLessThan(20);
  });

  it('is there in blocks with contracts alone, and gone in the next', () => {
    const state = genesisState();
    const deployed = deploy(alice);
    expect(receiptsHashOf(state)).toBeNull();
    const first = connect(state, 1, deployed, pay(bob, alice.address));
    const leaves = first.receipts.map(({ txid, bytes }) => receiptLeaf(txid, bytes));
    expect(leaves).toHaveLength(1);
    expect(receiptsHashOf(state)).toBe(hashOfReceipts(leaves));
    connect(state, 2, pay(bob, alice.address, { nonce: 1n }));
    expect(receiptsHashOf(state)).toBeNull();
    connect(state, 3, call(bob, deployed.contract, 'none', { nonce: 2n }));
    const ofThird = receiptsHashOf(state);
    connect(state, 4, call(bob, deployed.contract, 'none', { nonce: 3n }));
    expect(receiptsHashOf(state)).not.toBe(ofThird);
    connect(state, 5);
    expect(receiptsHashOf(state)).toBeNull();
  });

  it('can be proven, and so can its absence', () => {
    const state = genesisState();
    const absent = { key: RECEIPTS_KEY, valueHash: undefined };
    expect(verifyStateProof(state.stateRoot, absent, stateProof(state, state.stateRoot, RECEIPTS_KEY))).toBe(true);
    connect(state, 1, deploy(alice), call(bob, alice.address, 'add'));
    const proof = stateProof(state, state.stateRoot, RECEIPTS_KEY);
    const valueHash = hexToBytes(receiptsHashOf(state)!);
    expect(verifyStateProof(state.stateRoot, { key: RECEIPTS_KEY, valueHash }, proof)).toBe(true);
    expect(verifyStateProof(state.stateRoot, absent, proof)).toBe(false);
    expect(verifyStateProof(state.stateRoot, { key: RECEIPTS_KEY, valueHash: sha256(valueHash) }, proof)).toBe(false);
  });

  it('makes the state of a failing call another than that of a transfer to nobody', () => {
    const state = genesisState();
    const { networkId } = deploy(alice);
    const block = contractBlock(state, 1, [call(alice, bob.address, 'add', { networkId })]);
    const plain = contractBlock(state, 1, [pay(alice, bob.address, { amount: 0n })]);
    const roots = [block, plain].map(
      ({ transactions }) => 'stateRoot' in transactions[0]! && transactions[0].stateRoot,
    );
    expect(roots[0]).not.toBe(roots[1]);
  });
});
