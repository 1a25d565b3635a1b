import { describe, expect, it } from 'vitest';
import { edgesOf, layOut } from '../../dashboard/model/peer-graph.ts';

const BOX = { width: 300, height: 200 };

describe('the peer graph', () => {
  it('has each connection once, and none to whom nobody knows', () => {
    const nodes = [
      { id: 'a', peers: ['b', 'c', 'a', 'stranger'] },
      { id: 'b', peers: ['a'] },
      { id: 'c', peers: [] },
    ];
    expect(edgesOf(nodes)).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ]);
  });

  it('places every node within its box, and no two on one spot', () => {
    const ids = Array.from({ length: 16 }, (_, index) => String(index));
    const edges = ids.slice(1).map((id, index) => [ids[index] as string, id] as const);
    const places = [...layOut(ids, edges, new Map(), BOX).values()];
    for (const { x, y } of places) {
      expect(Math.abs(x)).toBeLessThanOrEqual(BOX.width / 2 + 0.01);
      expect(Math.abs(y)).toBeLessThanOrEqual(BOX.height / 2 + 0.01);
    }
    expect(new Set(places.map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`)).size).toBe(ids.length);
  });

  it('stands in a ring where everybody is connected to everybody', () => {
    const ids = Array.from({ length: 8 }, (_, index) => String(index));
    const edges = edgesOf(ids.map((id) => ({ id, peers: ids })));
    for (const { x, y } of layOut(ids, edges, new Map(), BOX).values()) {
      expect((x / BOX.width) ** 2 + (y / BOX.height) ** 2).toBeCloseTo(0.25);
    }
  });

  it('is the same every time', () => {
    const edges = [['a', 'b'] as const];
    expect(layOut(['a', 'b'], edges, new Map(), BOX)).toEqual(layOut(['a', 'b'], edges, new Map(), BOX));
    expect(layOut([], [], new Map(), BOX).size).toBe(0);
  });
});
