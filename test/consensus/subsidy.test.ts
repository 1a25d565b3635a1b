import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COIN, MAX_AMOUNT } from '../../consensus/amount.ts';
import { LAB } from '../../consensus/networks.ts';
import { subsidyAt, totalSubsidy } from '../../consensus/subsidy.ts';
import './arbitraries.ts';

describe('subsidy', () => {
  it('is 50 coins, halved every 210,000 blocks until nothing is left', () => {
    expect(subsidyAt(1, LAB)).toBe(50n * COIN);
    expect(subsidyAt(209_999, LAB)).toBe(50n * COIN);
    expect(subsidyAt(210_000, LAB)).toBe(25n * COIN);
    expect(subsidyAt(420_000, LAB)).toBe((25n * COIN) / 2n);
    expect(subsidyAt(33 * 210_000, LAB)).toBe(0n);
    expect(subsidyAt(0xffff_ffff, LAB)).toBe(0n);
  });

  it('adds up over the blocks', () => {
    const schedule = fc.record({
      initialSubsidy: fc.bigInt({ min: 0n, max: 1_000n }),
      halvingInterval: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(schedule, fc.integer({ min: 0, max: 400 }), (changes, height) => {
        const params = { ...LAB, ...changes };
        let sum = 0n;
        for (let h = 1; h <= height; h++) sum += subsidyAt(h, params);
        expect(totalSubsidy(height, params)).toBe(sum);
      }),
    );
  });

  it('leaves the total supply within 64 bits for ever', () => {
    expect(LAB.allocationTotal + totalSubsidy(0xffff_ffff, LAB)).toBeLessThan(MAX_AMOUNT);
    expect(LAB.allocationTotal).toBe(10_000n * COIN);
  });
});
