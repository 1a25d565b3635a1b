import { checkTimeout } from '../client/call-limits.ts';
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
  const { signal, timeoutMs = byDefaultMs } = limits;
  try {
    checkTimeout(timeoutMs);
  } catch (error) {
    throw new NodeError('bad-option', `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
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
  const work = run(ending.signal);
  // After the limit, its failure is no unhandled rejection.
  work.catch(() => {});
  try {
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    ending.abort();
  }
}
