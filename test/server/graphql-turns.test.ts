import { describe, expect, it } from 'vitest';
import { Turns } from '../../server/graphql/turns.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('let one begin in each turn of the event loop, in the order in which they came', async () => {
    const turns = new Turns();
    const begun: number[] = [];
    for (let i = 0; i < 5; i++) turns.next().then(() => begun.push(i));
    await Promise.resolve();
    expect(begun).toEqual([]);
    for (let done = 1; done <= 5; done++) {
      await nextTurn();
      expect(begun).toEqual(Array.from({ length: done }, (_, i) => i));
    }
  });

  it('begin anew when nobody waits any more', async () => {
    const turns = new Turns();
    await turns.next();
    await nextTurn();
    await turns.next();
    const begun: string[] = [];
    turns.next().then(() => begun.push('first'));
    turns.next().then(() => begun.push('second'));
    await nextTurn();
    expect(begun).toEqual(['first']);
  });
});
