import { describe, expect, it } from 'vitest';
import { cutSides } from '../../dashboard/model/cut-sides.ts';

/** Pairs as `12 23`; the letters as `1A 2B`. */
const pairs = (text: string): [string, string][] =>
  text.split(' ').flatMap((pair): [string, string][] => (pair === '' ? [] : [[pair.charAt(0), pair.charAt(1)]]));
const sides = (ids: string, joined: string, cut: string): string | null => {
  const letters = cutSides([...ids], pairs(joined), pairs(cut));
  return letters && [...ids].map((id) => `${id}${letters.get(id) ?? '-'}`).join(' ');
};

describe('the sides of a network that is cut in two', () => {
  it('begin with the first node, whichever end a pair begins with', () => {
    expect(sides('123', '12', '13 23')).toBe('1A 2A 3B');
    expect(sides('123', '32', '31 21')).toBe('1A 2B 3B');
  });

  it('hold nodes that no link joins to others of their side', () => {
    // 1 – 2, and 3, 4 that were only connected over the first two.
    expect(sides('1234', '12', '13 24')).toBe('1A 2A 3B 4B');
  });

  it('leave out who has nothing to do with the cut', () => {
    expect(sides('0123', '12', '23')).toBe('0- 1A 2A 3B');
  });

  it('are none where nothing is cut, or a way around the cut is left', () => {
    expect(sides('123', '12', '')).toBeNull();
    expect(sides('123', '12 23', '13')).toBeNull();
  });

  it('are none where the cuts make more than two sides, or two cuts that say nothing of each other', () => {
    expect(sides('123', '', '12 23 13')).toBeNull();
    expect(sides('1234', '', '12 34')).toBeNull();
  });
});
