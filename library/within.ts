import { checkLimits } from '../client/call-limits.ts';
import { NodeError } from './node-error.ts';
import type { Limits } from './types.ts';

/** A call that takes a while. */
export interface Work<T> {
  /** For messages, such as `startNode`. */
  readonly what: string;
  readonly limits: Limits;
  /** The time limit where the caller gives none. */
  readonly byDefaultMs: number;
  /** What is still missing, for the message of a call that took too long; nothing where that is clear. */
  state?(): string;
  /** @param signal aborted when the call has ended before the work */
  run(signal: AbortSignal): Promise<T>;
}

/** The outcome of a call within its limits. Throws {@link NodeError} `timeout`, `aborted`, or `bad-option` for a limit that is none. */
export async function within<T>({ what, limits, byDefaultMs, state, run }: Work<T>): Promise<T> {
  const { signal, timeoutMs } = checkedLimits(what, limits, byDefaultMs);
  const ending = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let giveUp = () => {};
  const ended = new Promise<never>((_, reject) => {
    giveUp = () => reject(new NodeError('aborted', `${what} was given up`, { cause: signal?.reason }));
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) giveUp();
    const late = () => {
      const rest = state?.();
      reject(new NodeError('timeout', `${what} took longer than ${timeoutMs} ms${rest ? `: ${rest}` : ''}`));
    };
    if (Number.isFinite(timeoutMs)) timer = setTimeout(late, timeoutMs);
  });
  // After the limit, a failure of either is no unhandled rejection.
  ended.catch(() => {});
  try {
    const work = run(ending.signal);
    work.catch(() => {});
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    ending.abort();
  }
}

/** The limits of a call. Throws {@link NodeError} `bad-option` for those that are none. */
export function checkedLimits(
  what: string,
  { signal, timeoutMs }: Limits,
  byDefaultMs: number,
): { readonly signal: AbortSignal | undefined; readonly timeoutMs: number } {
  const limitMs = timeoutMs ?? byDefaultMs;
  try {
    checkLimits(signal, limitMs);
  } catch (error) {
    throw new NodeError('bad-option', `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { signal, timeoutMs: limitMs };
}
