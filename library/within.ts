import { NodeError } from './node-error.ts';
import type { Limits } from './types.ts';

/**
 * The outcome of `work` within limits. Throws {@link NodeError} `timeout` or `aborted`; the work is then left to itself.
 * @param what is done, for messages, such as `startNode`
 * @param byDefaultMs the time limit where the caller gives none
 */
export async function within<T>(what: string, limits: Limits, byDefaultMs: number, work: Promise<T>): Promise<T> {
  const { signal, timeoutMs = byDefaultMs } = limits;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let giveUp = () => {};
  const ended = new Promise<never>((_, reject) => {
    giveUp = () => reject(new NodeError('aborted', `${what} was given up`, { cause: signal?.reason }));
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) giveUp();
    const late = () => reject(new NodeError('timeout', `${what} took longer than ${timeoutMs} ms`));
    if (Number.isFinite(timeoutMs)) timer = setTimeout(late, timeoutMs);
  });
  // After the limit, a failure of the work is no unhandled rejection.
  work.catch(() => {});
  try {
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
