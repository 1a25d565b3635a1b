import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arriveInOrder, depart, drawDelayMs, isLost, makeLine } from '../../protocol/line.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';

describe('a line', () => {
  it('is taken until a message has left', () => {
    const line = makeLine();
    const slow = { bytesPerSecond: 1_000 };
    expect(depart(line, slow, 500, 10)).toBe(510);
    expect(depart(line, slow, 250, 20)).toBe(760);
    expect(depart(line, slow, 250, 5_000)).toBe(5_250);
    expect(depart(line, { bytesPerSecond: null }, 1_000_000, 5_100)).toBe(5_100);
  });

  it('keeps the order, and delays each message by what is in the range', () => {
    const sends = fc.array(fc.record({ waitMs: fc.nat(50), sizeBytes: fc.nat(2_000) }), { maxLength: 50 });
    fc.assert(
      fc.property(sends, fc.nat(100), fc.nat(100), fc.integer(), (messages, least, spread, seed) => {
        const [line, random] = [makeLine(), new SeededRandom(seed)];
        let [nowMs, lastMs] = [0, 0];
        for (const { waitMs, sizeBytes } of messages) {
          nowMs += waitMs;
          const leftMs = depart(line, { bytesPerSecond: 10_000 }, sizeBytes, nowMs);
          const arrivalMs = arriveInOrder(line, leftMs + drawDelayMs([least, least + spread], random));
          expect(arrivalMs).toBeGreaterThanOrEqual(Math.max(lastMs, leftMs + least));
          expect(arrivalMs).toBeLessThanOrEqual(Math.max(lastMs, leftMs + least + spread));
          lastMs = arrivalMs;
        }
      }),
    );
  });

  it('loses none, some or all, and draws only where it may lose some', () => {
    const random = new SeededRandom(1);
    expect(isLost({ loss: 0 }, { u32: () => expect.fail('drawn') })).toBe(false);
    const lost = (loss: number): number =>
      Array.from({ length: 1_000 }, () => isLost({ loss }, random)).filter(Boolean).length;
    expect(lost(1)).toBe(1_000);
    expect(lost(0.1)).toBeGreaterThan(50);
    expect(lost(0.1)).toBeLessThan(200);
  });
});
