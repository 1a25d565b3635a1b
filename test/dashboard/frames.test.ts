import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Frames } from '../../dashboard/state/frames.ts';

// Without frames, as on a page that is hidden: only the fallback calls back.
describe('updates of the page', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('come once for all that was asked since the last one', () => {
    let updates = 0;
    const frames = new Frames(() => updates++);
    for (let index = 0; index < 100; index++) frames.request();
    vi.advanceTimersByTime(10_000);
    expect(updates).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that ask for another one while they happen get one, later', () => {
    const times: number[] = [];
    const frames = new Frames(() => {
      times.push(performance.now());
      if (times.length < 5) frames.request();
    });
    frames.request();
    vi.advanceTimersByTime(10_000);
    expect(times).toHaveLength(5);
    expect(times.slice(1).every((time, index) => time - (times[index] as number) >= 50)).toBe(true);
  });

  it('follow the frames where there are some, and keep apart', () => {
    const frame = (callback: () => void) => setTimeout(callback, 16);
    vi.stubGlobal('requestAnimationFrame', frame);
    vi.stubGlobal('document', { hidden: false });
    const times: number[] = [];
    const frames = new Frames(() => {
      times.push(performance.now());
      frames.request();
    });
    frames.request();
    vi.advanceTimersByTime(1_000);
    vi.unstubAllGlobals();
    // Fifty milliseconds and the frame after them.
    expect(times.length).toBeGreaterThan(10);
    expect(times.length).toBeLessThanOrEqual(20);
  });
});
