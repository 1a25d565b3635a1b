/**
 * Calls `listener` when the signal is aborted, at once where it is already.
 * @returns a function that removes the listener: a signal may outlive many operations
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
