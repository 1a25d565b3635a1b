import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../protocol/heap.ts';

describe('a heap', () => {
  it('gives at any time the least of what it holds', () => {
    const steps = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: 'pop' as const }), { maxLength: 100 });
    fc.assert(
      fc.property(steps, (each) => {
        const heap = new Heap<number>((a, b) => a < b);
        let held: number[] = [];
        for (const step of each) {
          if (step === 'pop') {
            expect(heap.pop()).toBe(held[0]);
            held = held.slice(1);
          } else {
            heap.push(step);
            held = [...held, step].sort((a, b) => a - b);
          }
          expect(heap.peek()).toBe(held[0]);
          expect(heap.size).toBe(held.length);
        }
      }),
    );
  });

  it('gives nothing when it is empty', () => {
    const heap = new Heap<number>((a, b) => a < b);
    expect(heap.pop()).toBeUndefined();
    expect(heap.peek()).toBeUndefined();
  });
});
