import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import type { Transfer } from '../../consensus/transaction.ts';
import { completeBlock, fillCompactBlock, makeCompactBlock } from '../../protocol/compact.ts';
import { shortIdOf, sipKey } from '../../protocol/siphash.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../../testing/chain-builder.ts';

const genesis = genesisPoint(REGTEST);
const transfers = ['Alice', 'Bob', 'Carol', 'Dave'].map((name) =>
  transferAt(genesis, keysOf(name), keysOf('Erin').address),
);
const { block } = mineBlock(genesis, { transfers });

describe('SipHash-2-4', () => {
  it('gives the values of the reference implementation, cut to 48 bits', () => {
    // The reference implementation's vectors for 8, 16 and 32 bytes 00, 01, 02, … under the key 00…0f, as 64-bit words.
    const key = sipKey(Uint8Array.from({ length: 16 }, (_, i) => i));
    const message = (length: number) => Uint8Array.from({ length }, (_, i) => i);
    expect(shortIdOf(key, message(8))).toBe(Number(0x93f5f5799a932462n & 0xffff_ffff_ffffn));
    expect(shortIdOf(key, message(16))).toBe(Number(0x3f2acc7f57c29bdbn & 0xffff_ffff_ffffn));
    expect(shortIdOf(key, message(32))).toBe(Number(0x7127512f72f27ccen & 0xffff_ffff_ffffn));
  });
});

describe('compact blocks', () => {
  it('are filled from a mempool that has everything', () => {
    const partial = fillCompactBlock(
      makeCompactBlock(block, 7n, () => false),
      [...transfers].reverse(),
    );
    expect(partial?.missing).toEqual([]);
    expect(partial && completeBlock(partial, [])?.raw).toEqual(block.raw);
  });

  it('name what is missing, and are complete with it', () => {
    const partial = fillCompactBlock(
      makeCompactBlock(block, 7n, () => false),
      [transfers[0], transfers[3]] as Transfer[],
    );
    expect(partial?.missing).toEqual([1, 2]);
    expect(partial && completeBlock(partial, [transfers[1], transfers[2]] as Transfer[])?.raw).toEqual(block.raw);
    expect(partial && completeBlock(partial, [transfers[1]] as Transfer[])).toBeNull();
  });

  it('carry whole what the receiver will lack', () => {
    const lacking = transfers[2]?.txid;
    const compact = makeCompactBlock(block, 7n, (txid) => txid === lacking);
    expect(compact.prefilled.map(({ position }) => position)).toEqual([2]);
    expect(
      fillCompactBlock(
        compact,
        transfers.filter(({ txid }) => txid !== lacking),
      )?.missing,
    ).toEqual([]);
  });

  it('give up where two transactions share a short id: nobody is at fault', () => {
    const compact = makeCompactBlock(block, 7n, () => false);
    const shortIds = compact.shortIds.map((id, i) => (i === 1 ? (compact.shortIds[0] ?? 0) : id));
    expect(fillCompactBlock({ ...compact, shortIds }, transfers)).toBeNull();
  });
});
