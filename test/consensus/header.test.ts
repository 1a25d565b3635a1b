import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../consensus/codec.ts';
import { InvariantError, RULES } from '../../consensus/errors.ts';
import {
  blockHash,
  checkHeaderContext,
  checkHeaderSanity,
  decodeHeader,
  encodeHeader,
  type HeaderContext,
  medianTimePast,
} from '../../consensus/header.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { bitsToTarget, hashToInteger, workOfBits } from '../../consensus/target.ts';
import bitcoinHeaders from '../vectors/bitcoin-headers.json' with { type: 'json' };
import { bytesOf, header as headers } from './arbitraries.ts';
import { brokenRule } from './fixtures.ts';

describe('header encoding', () => {
  it('is undone by decoding, and the other way round', () => {
    fc.assert(
      fc.property(headers, (header) => {
        expect(decodeHeader(encodeHeader(header))).toEqual(header);
      }),
    );
    fc.assert(
      fc.property(bytesOf(80), (bytes) => {
        expect(encodeHeader(decodeHeader(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each([0, 79, 81])('has exactly 80 bytes, not %i', (length) => {
    expect(() => decodeHeader(new Uint8Array(length))).toThrow(DecodeError);
  });
});

describe('headers of Bitcoin', () => {
  it.each(bitcoinHeaders)('block $height has its known hash, bits, target and work', (vector) => {
    const header = decodeHeader(hexToBytes(vector.raw));
    expect(blockHash(header)).toBe(vector.hash);
    expect(header.prevHash).toBe(vector.prevHash);
    expect(header.bits).toBe(Number(vector.bits));
    expect(bitsToTarget(header.bits).toString(16).padStart(64, '0')).toBe(vector.target);
    expect(workOfBits(header.bits)).toBe(BigInt(vector.work));
    expect(hashToInteger(vector.hash)).toBeLessThanOrEqual(bitsToTarget(header.bits));
    checkHeaderSanity(header, vector.hash, REGTEST);
  });
});

describe('header sanity', () => {
  const { header, hash } = LAB.genesis;
  const sanityOf = (changes: Partial<typeof header>, blockHashText = hash) =>
    brokenRule(() => checkHeaderSanity({ ...header, ...changes }, blockHashText, LAB));

  it('accepts a hash at the target, and any version', () => {
    const target = bitsToTarget(header.bits).toString(16).padStart(64, '0');
    expect(sanityOf({}, target)).toBeUndefined();
    expect(sanityOf({ version: -1 })).toBeUndefined();
  });

  it('rejects a hash above the target', () => {
    const aboveTarget = (bitsToTarget(header.bits) + 1n).toString(16).padStart(64, '0');
    expect(sanityOf({}, aboveTarget)).toBe('high-hash');
  });

  it('rejects bits above the network’s limit, and bits that are none', () => {
    expect(sanityOf({ bits: 0x1e040000 })).toBe('bits-above-limit');
    expect(sanityOf({ bits: 0x1e0000ff })).toBe('bad-bits');
  });
});

describe('header context', () => {
  const { header } = LAB.genesis;
  const now = header.time + 1_000;
  const context: HeaderContext = { height: 1, requiredBits: header.bits, medianTimePast: header.time };
  const contextOf = (changes: Partial<typeof header>) =>
    brokenRule(() => checkHeaderContext({ ...header, time: header.time + 1, ...changes }, context, now, LAB));

  it('time-rules: rejects a header whose time is at the median', () => {
    expect(contextOf({ time: context.medianTimePast })).toBe('time-too-old');
    expect(contextOf({ time: context.medianTimePast + 1 })).toBeUndefined();
  });

  it('time-rules: ignores for now a header that is further ahead than the future limit', () => {
    expect(contextOf({ time: now + LAB.futureLimitSeconds })).toBeUndefined();
    expect(contextOf({ time: now + LAB.futureLimitSeconds + 1 })).toBe('time-too-new');
    expect(RULES['time-too-new']).toMatchObject({ fault: 'none', marksInvalid: false });
  });

  it('difficulty-field-wrong: rejects bits other than the schedule’s, harder ones as well', () => {
    expect(contextOf({ bits: 0x1e03fffe })).toBe('bad-difficulty-bits');
    expect(contextOf({ bits: 0x1d03ffff })).toBe('bad-difficulty-bits');
  });

  it('names a lasting fault even when the header is also too new', () => {
    expect(contextOf({ time: now + 1_000, bits: 0x1d03ffff })).toBe('bad-difficulty-bits');
  });
});

describe('median time past', () => {
  it('is the middle one of the times in any order', () => {
    expect(medianTimePast([30, 10, 20])).toBe(20);
    expect(medianTimePast([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])).toBe(6);
  });

  it('is the upper of the middle two near genesis', () => {
    expect(medianTimePast([7])).toBe(7);
    expect(medianTimePast([10, 20])).toBe(20);
  });

  it('is asked for 1 to 11 ancestors', () => {
    expect(() => medianTimePast([])).toThrow(InvariantError);
    expect(() => medianTimePast(new Array(12).fill(1))).toThrow(InvariantError);
  });
});
