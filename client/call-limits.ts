import { onAbort } from './abort-listener.ts';
import { abortionOf, ClientError, closureOf, isObject, mayHaveEnded } from './client-error.ts';
import { pause } from './pause.ts';

/** The longest time that timers of JavaScript can wait, in milliseconds: 24.8 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** What ends a call before it has a result. */
export interface CallLimits {
  /** Of the caller, who gives the call up. */
  readonly signal?: AbortSignal | undefined;
  /** Of the owner of the node, which has ended; see `NodeClientOptions.closed`. */
  readonly closed?: AbortSignal | undefined;
  /** Infinity: no limit. */
  readonly timeoutMs: number;
  /** What the call rejects with when the time is over. */
  readonly timedOut: () => ClientError;
}

/**
 * Runs a call until it has a result or one of its limits is passed, and rejects at that moment, whatever the call does.
 * Throws {@link ClientError} for a limit that is passed, and as {@link checkLimits}.
 * @param work gets a signal that is aborted with the error that the call ends with
 */
export async function withinLimits<Result>(
  { signal, closed, timeoutMs, timedOut }: CallLimits,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  checkLimits(signal, timeoutMs);
  const limit = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<never>((_, reject) => {
    onAbort(limit.signal, () => reject(limit.signal.reason));
  });
  const forgets = [
    // First: a caller's signal may be aborted because the node has ended.
    onAbort(closed, () => limit.abort(closed && closureOf(closed))),
    onAbort(signal, () => limit.abort(signal && abortionOf(signal))),
  ];
  if (Number.isFinite(timeoutMs)) timer = setTimeout(() => limit.abort(timedOut()), timeoutMs);
  try {
    if (limit.signal.aborted) return await passed;
    const result = closed ? lastWordsOf(work(limit.signal), limit.signal) : work(limit.signal);
    // Once a limit is passed, its failure is no unhandled rejection.
    result.catch(() => {});
    return await Promise.race([result, passed]);
  } finally {
    clearTimeout(timer);
    for (const forget of forgets) forget();
  }
}

/**
 * This result. Where a connection ends because its node does, that is known a moment before the reason is: the failure waits
 * for the signal, by which the call then ends.
 */
async function lastWordsOf<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof ClientError && mayHaveEnded(error)) await pause(signal);
    throw error;
  }
}

/** The limit of one answer of a node has passed. */
export function answerTimedOut(url: string, timeoutMs: number): ClientError {
  return new ClientError('timeout', `${url} took too long to answer`, { limit: timeoutMs });
}

/** Throws {@link ClientError} `bad-argument` for a `timeoutMs` or a `signal` that is none. */
export function checkLimits(signal: AbortSignal | undefined, timeoutMs: number): void {
  if (signal !== undefined) checkSignal('signal', signal);
  checkTimeout('timeoutMs', timeoutMs);
}

/** Throws {@link ClientError} `bad-argument` for what is no `AbortSignal`. */
export function checkSignal(label: string, signal: unknown): asserts signal is AbortSignal {
  // Not by its class: test runners have one for each of their contexts.
  if (isObject(signal) && typeof signal.addEventListener === 'function') return;
  throw new ClientError('bad-argument', `${label} must be an AbortSignal, such as the signal of an AbortController`);
}

/** Throws {@link ClientError} `bad-argument` for what is no time limit. */
export function checkTimeout(label: string, timeoutMs: unknown): asserts timeoutMs is number {
  const isNumber = typeof timeoutMs === 'number';
  if (isNumber && (timeoutMs === Number.POSITIVE_INFINITY || (timeoutMs >= 0 && timeoutMs <= MAX_TIMEOUT_MS))) return;
  throw new ClientError(
    'bad-argument',
    `${label} must be milliseconds from 0 to ${MAX_TIMEOUT_MS}, or Infinity for no limit${isNumber ? `, not ${timeoutMs}` : ''}`,
  );
}
