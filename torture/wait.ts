import { TortureFailure } from './failure.ts';

const POLL_MS = 15;

/** Resolves after this many milliseconds; at once where it is cancelled. */
export function pause(durationMs: number, cancelled?: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    cancelled?.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Asks again and again until `isDone` holds of the answer, and returns it. Throws `TortureFailure` after `limitMs`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  isDone: (answer: T) => boolean,
  limitMs: number,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (isDone(answer)) return answer;
    if (performance.now() > deadline) {
      throw new TortureFailure(`not within ${limitMs} ms: ${what}; the last answer was ${JSON.stringify(answer)}`);
    }
    await pause(POLL_MS);
  }
}
