import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../protocol/notices.ts';
import {
  EventLog,
  MAX_CONTRACT_EVENT_BYTES,
  MAX_LOGGED_EVENTS,
  SlowSubscriberError,
  type StreamedEvent,
} from '../../../server/events/event-log.ts';

const block = (height: number): Notice => ({ kind: 'block', blockHash: String(height), height });

function logOf(count: number): EventLog {
  const log = new EventLog();
  for (let height = 1; height <= count; height++) log.append(block(height), height);
  return log;
}

const lastCursorOf = (log: EventLog): string => log.since(null, MAX_LOGGED_EVENTS, 0)?.at(-1)?.cursor ?? '';

const heights = (events: readonly StreamedEvent[] | null) =>
  events?.map(({ notice }) => (notice.kind === 'block' ? notice.height : notice.kind));

async function take(stream: AsyncIterator<StreamedEvent, undefined> | null, count: number): Promise<StreamedEvent[]> {
  const taken: StreamedEvent[] = [];
  while (taken.length < count) {
    const result = await stream?.next();
    if (!result || result.done) break;
    taken.push(result.value);
  }
  return taken;
}

describe('the log of events', () => {
  it('gives what is kept, oldest first, and goes on behind a cursor without a miss or a repeat', () => {
    const log = logOf(5);
    const first = log.since(null, 3, 0) ?? [];
    expect(heights(first)).toEqual([1, 2, 3]);
    expect(heights(log.since(first.at(-1)?.cursor ?? '', 10, 0))).toEqual([4, 5]);
    expect(log.since(lastCursorOf(log), 10, 0)).toEqual([]);
  });

  it('begins with a gap that counts what is not kept any more', () => {
    const log = logOf(1);
    const lastCursor = lastCursorOf(log);
    for (let height = 2; height <= MAX_LOGGED_EVENTS + 8; height++) log.append(block(height), height);
    const [gap, next] = log.since(lastCursor, 2, 77) ?? [];
    expect(gap).toMatchObject({ atMs: 77, notice: { kind: 'gap', missed: 7 } });
    expect(next?.notice).toEqual(block(9));
    // The gap's own cursor leads to what is kept.
    expect(heights(log.since(gap?.cursor ?? '', 1, 0))).toEqual([9]);
  });

  it('goes on with a reset, whose voided events nobody misses; once it is not kept itself, with a gap', () => {
    const log = logOf(5);
    const [old] = log.since(null, 1, 0) ?? [];
    log.reset({ kind: 'reset' }, 0);
    expect(heights(log.since(old?.cursor ?? '', 10, 0))).toEqual(['reset']);
    for (let height = 1; height < MAX_LOGGED_EVENTS; height++) log.append(block(height), height);
    expect(heights(log.since(old?.cursor ?? '', 1, 0))).toEqual(['reset']);
    for (const height of [7, 8, 9]) log.append(block(height), height);
    expect(log.since(old?.cursor ?? '', 1, 0)).toMatchObject([{ notice: { kind: 'gap', missed: 3 } }]);
  });

  it('keeps what contracts emit beside other events, up to a limit of its own', () => {
    const log = logOf(3);
    const place = { kind: 'contract', takenBack: false, blockHash: 'b', height: 3 } as const;
    const receipt = new Uint8Array(100);
    const emit = (count: number) => {
      for (let i = 0; i < count; i++) log.append({ ...place, txid: String(i), receipt }, 0);
    };
    emit(2 * MAX_LOGGED_EVENTS);
    expect(heights(log.since(null, 4, 0))).toEqual([1, 2, 3, 'contract']);
    expect(log.latest(3, ({ notice }) => notice.kind === 'block')).toHaveLength(3);
    const [first] = log.since(null, 1, 0) ?? [];
    emit(MAX_CONTRACT_EVENT_BYTES / receipt.length);
    expect(log.since(first?.cursor ?? '', 2, 0)).toMatchObject([
      { notice: { kind: 'gap', missed: expect.any(Number) } },
      { notice: { kind: 'contract' } },
    ]);
    const kept = log.latest(Number.POSITIVE_INFINITY).length;
    expect(kept * receipt.length).toBeLessThan(MAX_CONTRACT_EVENT_BYTES);
    log.append(block(4), 0);
    expect(log.latest(1).map(({ notice }) => notice)).toEqual([block(4)]);
  });

  it('answers the cursor of an earlier run with a gap of unknown size, and all that it has', () => {
    const foreign = lastCursorOf(logOf(2));
    const log = logOf(2);
    expect(log.since(foreign, 10, 0)).toMatchObject([{ notice: { kind: 'gap', missed: null } }, {}, {}]);
    expect(heights(log.since(foreign, 10, 0))).toEqual(['gap', 1, 2]);
  });

  it('answers a cursor that it has not given yet with a gap of unknown size, and all that it has', () => {
    const log = logOf(2);
    const future = log.lastCursor.replace(/\d+$/, '7');
    expect(heights(log.since(future, 10, 0))).toEqual(['gap', 1, 2]);
    expect(log.since(log.lastCursor, 10, 0)).toEqual([]);
  });

  it.each(['', 'x', '12345678', '12345678-', '12345678--1', '12345678-1e3', `12345678-${'9'.repeat(16)}`])(
    'knows that %j is no cursor',
    (text) => {
      const log = logOf(1);
      expect(log.since(text, 10, 0)).toBeNull();
      expect(log.subscribe(text, 0)).toBeNull();
    },
  );
});

describe('a stream of events', () => {
  it('starts with what comes after the cursor, and goes on with what happens, in order', async () => {
    const log = logOf(3);
    const [first] = log.since(null, 1, 0) ?? [];
    const stream = log.subscribe(first?.cursor ?? '', 0);
    log.append(block(4), 4);
    const taken = take(stream, 4);
    log.append(block(5), 5);
    expect(heights(await taken)).toEqual([2, 3, 4, 5]);
  });

  it('without a cursor has only what happens from now on', async () => {
    const log = logOf(3);
    const stream = log.subscribe(null, 0);
    log.append(block(4), 4);
    expect(heights(await take(stream, 1))).toEqual([4]);
  });

  it('gives every reader the same object, so that what is made of it is made once', async () => {
    const log = logOf(0);
    const streams = [log.subscribe(null, 0), log.subscribe(null, 0)];
    log.append(block(1), 1);
    const [one, other] = await Promise.all(streams.map((stream) => take(stream, 1)));
    expect(one).toHaveLength(1);
    expect(one?.[0]).toBe(other?.[0]);
  });

  it('is closed with the reason when the log overtakes its reader, and others are not', async () => {
    const log = logOf(0);
    const slow = log.subscribe(null, 0);
    const fast = log.subscribe(null, 0);
    for (let height = 1; height <= MAX_LOGGED_EVENTS + 1; height++) {
      log.append(block(height), height);
      expect(heights(await take(fast, 1))).toEqual([height]);
    }
    await expect(slow?.next()).rejects.toThrow(SlowSubscriberError);
    expect(await slow?.next()).toEqual({ value: undefined, done: true });
    expect(log.subscriberCount).toBe(1);
  });

  it('gives all of a long series that is published at once', async () => {
    const log = logOf(0);
    const stream = log.subscribe(null, 0);
    for (let height = 1; height <= 5_000; height++) log.append(block(height), height);
    expect(heights(await take(stream, 5_000))).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1));
  });

  it('is not overtaken by what its reader does not want', async () => {
    const log = logOf(0);
    const stream = log.subscribe(null, 0, ({ notice }) => notice.kind === 'miner');
    const waiting = take(stream, 1);
    for (let height = 1; height <= 2 * MAX_LOGGED_EVENTS; height++) log.append(block(height), height);
    log.append({ kind: 'miner' }, 0);
    expect(heights(await waiting)).toEqual(['miner']);
  });

  it('ends at once when its reader leaves while waiting', async () => {
    const log = logOf(0);
    const stream = log.subscribe(null, 0);
    const waiting = stream?.next();
    await stream?.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(log.subscriberCount).toBe(0);
  });

  it('ends when the log is closed, after what is still in its queue; later ones end at once', async () => {
    const log = logOf(0);
    const stream = log.subscribe(null, 0);
    log.append(block(1), 1);
    log.close();
    expect(heights(await take(stream, 2))).toEqual([1]);
    expect(await log.subscribe(null, 0)?.next()).toEqual({ value: undefined, done: true });
    expect(log.subscriberCount).toBe(0);
  });

  it('gives the latest events that are wanted, oldest first', () => {
    const log = logOf(6);
    expect(heights(log.latest(2))).toEqual([5, 6]);
    expect(heights(log.latest(2, ({ notice }) => notice.kind === 'block' && notice.height % 2 === 1))).toEqual([3, 5]);
    expect(new EventLog().latest(3)).toEqual([]);
  });

  it('has a cursor for where it stands, also before the first event', async () => {
    const log = new EventLog();
    const stream = log.subscribe(log.lastCursor, 0);
    log.append(block(1), 1);
    expect(heights(await take(stream, 1))).toEqual([1]);
    expect(log.lastCursor).toBe(lastCursorOf(log));
  });

  it('tells what is not kept to those who wait for it, with the cursor of what they have', async () => {
    const log = logOf(2);
    const waiting = log.subscribe(null, 0);
    const behind = log.subscribe(log.since(null, 1, 0)?.[0]?.cursor ?? '', 0);
    const indifferent = log.subscribe(null, 0, ({ notice }) => notice.kind === 'block');
    const first = waiting?.next();
    const other = indifferent?.next();
    log.broadcast({ kind: 'miner' }, 7);
    expect(await first).toEqual({ done: false, value: { cursor: log.lastCursor, atMs: 7, notice: { kind: 'miner' } } });
    // Whoever is still taking what is kept gets that, and nothing else.
    expect(heights(await take(behind, 1))).toEqual([2]);
    log.append(block(3), 3);
    expect(heights(await take(behind, 1))).toEqual([3]);
    expect((await other)?.value).toMatchObject({ notice: block(3) });
    expect(log.latest(10)).toHaveLength(3);
  });
});
