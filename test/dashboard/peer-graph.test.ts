import { describe, expect, it } from 'vitest';
import { connectedParts } from '../../dashboard/model/connected-parts.ts';
import { placeLabels } from '../../dashboard/model/graph-labels.ts';
import { areApart, hullOf, isInside } from '../../dashboard/model/hull.ts';
import { nearestTowards } from '../../dashboard/model/nearest.ts';
import { groupNodes } from '../../dashboard/model/node-groups.ts';
import { edgesOf, layOut } from '../../dashboard/model/peer-graph.ts';

const BOX = { width: 300, height: 200 };
const idsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `node-${index}`);

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

  it.each([1, 2, 3, 4, 5, 16, 32])('places each of %i nodes within its box, and no two on one spot', (count) => {
    const places = [...layOut(idsOf(count), BOX).values()];
    for (const { x, y } of places) {
      expect(Math.abs(x)).toBeLessThanOrEqual(BOX.width / 2 + 0.01);
      expect(Math.abs(y)).toBeLessThanOrEqual(BOX.height / 2 + 0.01);
    }
    expect(new Set(places.map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`)).size).toBe(count);
  });

  it('draws no mesh as a line', () => {
    for (const count of [3, 4, 5]) {
      const places = [...layOut(idsOf(count), BOX).values()];
      expect(hullOf(places)).toHaveLength(count);
    }
  });

  it('leads the arrow keys to the nearest node ahead, and nowhere beyond the last', () => {
    const places = layOut(['a', 'b', 'c'], BOX);
    expect(nearestTowards('a', 'ArrowRight', places)).toBe('c');
    expect(nearestTowards('a', 'ArrowDown', places)).toBe('b');
    expect(nearestTowards('c', 'ArrowRight', places)).toBeNull();
    expect(nearestTowards('a', 'Enter', places)).toBeNull();
  });
});

describe('labels', () => {
  const NAMES = 'Hazel Rowan Maple Spruce Elm Fir Holly Juniper Larch Linden Oak Olive Pine Sorrel Willow Yew'.split(
    ' ',
  );
  const texts = (names: readonly string[]) => names.map((text, index) => ({ id: `node-${index}`, text, more: '12%' }));

  it('of sixteen nodes all stand outside the ring', () => {
    const size = { width: 520, height: 560 };
    const places = layOut(idsOf(16), { width: size.width - 184, height: size.height - 128 });
    const labels = placeLabels(texts(NAMES), places, { room: 29, isRing: true, size, width: 70 });
    expect(labels.map(({ text }) => text)).toEqual(NAMES);
  });

  it('for which there is no room are left out, and long ones are cut', () => {
    const size = { width: 300, height: 300 };
    const places = layOut(idsOf(32), { width: 130, height: 190 });
    const long = idsOf(32).map((id) => ({ id, text: `${id} with a very long name`, more: '' }));
    const labels = placeLabels(long, places, { room: 20, isRing: true, size, width: 100 });
    expect(labels.length).toBeLessThan(32);
    for (const { text } of labels) expect(text).toMatch(/^node.*….*\S$/);
  });
});

describe('the ground of a side', () => {
  const square = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 10 },
    { x: 0, y: 10 },
  ];

  it('is the hull of its nodes', () => {
    expect(new Set(hullOf([...square, { x: 5, y: 5 }]))).toEqual(new Set(square));
    expect(isInside({ x: 5, y: 5 }, square)).toBe(true);
    expect(isInside({ x: 15, y: 5 }, square)).toBe(false);
  });

  it.each([
    [[{ x: 20, y: 5 }], true],
    [[{ x: 5, y: 5 }], false],
    [
      [
        { x: 20, y: -5 },
        { x: 20, y: 30 },
      ],
      true,
    ],
    [
      [
        { x: -5, y: 5 },
        { x: 30, y: 5 },
      ],
      false,
    ],
  ])('of others at %j is apart: %s', (others, isApart) => {
    expect(areApart(hullOf(square), hullOf(others))).toBe(isApart);
    expect(areApart(hullOf(others), hullOf(square))).toBe(isApart);
  });

  it('of single nodes is apart', () => {
    expect(areApart([{ x: 0, y: 0 }], [{ x: 5, y: 5 }])).toBe(true);
  });
});

describe('a network', () => {
  it('has parts between which there is no connection', () => {
    expect(
      connectedParts(
        ['a', 'b', 'c', 'd'],
        [
          ['a', 'c'],
          ['c', 'stranger'],
        ],
      ),
    ).toEqual([['a', 'c'], ['b'], ['d']]);
  });

  it('of 64 nodes has a few groups, with everybody in one of them, near to its hub', () => {
    const ids = idsOf(64);
    const ring = ids.map((id, index) => [id, ids[(index + 1) % 64] as string] as const);
    const groups = groupNodes(ids, ring);
    expect(groups.length).toBeGreaterThan(4);
    expect(groups.length).toBeLessThan(10);
    expect(groups.flatMap((group) => group.ids).sort()).toEqual([...ids].sort());
    for (const { hub, ids: members } of groups) {
      expect(members[0]).toBe(hub);
      for (const id of members) {
        const steps = Math.abs(ids.indexOf(id) - ids.indexOf(hub));
        expect(Math.min(steps, 64 - steps)).toBeLessThan(16);
      }
    }
  });
});
