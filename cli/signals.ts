/** Signals that ask a program to end. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `onFirst` at the first signal to end. A second one ends the process at once, by the signal itself, which a shell
 * reports as 128 + its number (130 for Ctrl-C).
 *
 * `process.exit` would not do: it waits for every thread to be torn down, and threads that are themselves ending theirs
 * can then wait for each other for ever, or die in native code.
 * @returns gives the signals back to the system
 */
export function onSignal(onFirst: () => void): () => void {
  let count = 0;
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      count++;
      if (count > 1) die(signal);
      onFirst();
    };
    process.on(signal, listener);
    return { signal, listener };
  });
  const stopListening = (): void => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  };

  function die(by: NodeJS.Signals): void {
    // Without a listener the system's own handling is back, which runs no code of this process.
    stopListening();
    process.kill(process.pid, by);
  }

  return stopListening;
}

/** Resolves at the first signal to end; the second ends the process, as {@link onSignal} says. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    onSignal(resolve);
  });
}
