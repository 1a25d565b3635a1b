import { describe, expect, it } from 'vitest';
import type { NodeEvent } from '../../../protocol/events.ts';
import { EventQueue, MAX_WAITING_BYTES, MAX_WAITING_FRAMES } from '../../../server/node/event-queue.ts';

const frame = (peer: string, mark: number, length = 1): NodeEvent => {
  const bytes = new Uint8Array(length);
  bytes[0] = mark;
  return { type: 'peer-message', peer, bytes };
};
const TIMER: NodeEvent = { type: 'timer' };

function queue() {
  const paused: [string, boolean][] = [];
  return { paused, events: new EventQueue((peer, isPaused) => paused.push([peer, isPaused])) };
}

/** What is taken, in short. */
function drain(events: EventQueue, count = Number.POSITIVE_INFINITY): string[] {
  const taken: string[] = [];
  while (taken.length < count) {
    const event = events.shift();
    if (!event) break;
    taken.push(event.type === 'peer-message' ? `${event.peer}${event.bytes[0]}` : event.type);
  }
  return taken;
}

describe('events that wait for the core', () => {
  it('are taken in turns from each peer and from the node itself, in order within each', () => {
    const { events } = queue();
    for (let i = 1; i <= 3; i++) events.push(frame('a', i));
    events.push(TIMER);
    events.push(frame('b', 1));
    events.push(TIMER);
    expect(drain(events)).toEqual(['a1', 'timer', 'b1', 'a2', 'timer', 'a3']);
    expect(events.isEmpty).toBe(true);
  });

  it('of a peer that sends much are not read on until half of them are done', () => {
    const { events, paused } = queue();
    for (let i = 0; i < MAX_WAITING_FRAMES; i++) events.push(frame('a', i));
    events.push(frame('b', 1));
    expect(paused).toEqual([['a', true]]);
    drain(events, MAX_WAITING_FRAMES / 2 + 1);
    expect(paused).toEqual([['a', true]]);
    drain(events, 1);
    expect(paused).toEqual([
      ['a', true],
      ['a', false],
    ]);
  });

  it('of a peer are bounded by their bytes, too', () => {
    const { events, paused } = queue();
    events.push(frame('a', 1, MAX_WAITING_BYTES));
    expect(paused).toEqual([['a', true]]);
    drain(events);
    expect(paused.at(-1)).toEqual(['a', false]);
  });

  it('of a peer that is gone are few: nobody reads the answers', () => {
    const { events } = queue();
    for (let i = 0; i < 10 * MAX_WAITING_FRAMES; i++) events.push(frame('a', i % 250));
    events.push({ type: 'peer-closed', peer: 'a', reason: '' });
    expect(drain(events)).toHaveLength(MAX_WAITING_FRAMES + 1);
  });

  it('can all be dropped', () => {
    const { events } = queue();
    events.push(TIMER);
    events.clear();
    expect(events.shift()).toBeUndefined();
  });
});
