import { describe, expect, it } from 'vitest';
import { fillOf } from '../../dashboard/model/block-fill.ts';

const SIDE = 200;
const areaOf = ({ width, height }: { readonly width: number; readonly height: number }): number => width * height;

describe('the drawing of a block', () => {
  it.each([0.01, 0.1, 0.4, 0.75, 1])('fills as much of its square as its bytes do: %d', (share) => {
    const { filled } = fillOf(share, SIDE);
    expect(areaOf(filled) / SIDE ** 2).toBeCloseTo(share);
    expect(filled.y + filled.height).toBe(SIDE);
  });

  it('has its transactions in what is full, where that is large enough to see them', () => {
    const { filled, drawn, magnification } = fillOf(0.5, SIDE);
    expect(drawn).toEqual(filled);
    expect(magnification).toBe(1);
  });

  it('magnifies them elsewhere in the square, and says how much', () => {
    const { filled, drawn, magnification } = fillOf(0.01, SIDE);
    expect(drawn.y + drawn.height).toBeLessThan(filled.y);
    expect(magnification).toBeCloseTo(areaOf(drawn) / areaOf(filled));
  });

  it('can be seen however little there is, but is empty for nothing', () => {
    expect(fillOf(0.000_001, SIDE).filled.height).toBeGreaterThan(1);
    expect(fillOf(0, SIDE).filled.height).toBe(0);
    expect(fillOf(3, SIDE).filled.height).toBe(SIDE);
  });
});
