/** Signals that ask a program to end. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Exit status of a program that a second Ctrl-C forced to end: 128 + SIGINT, as shells report it. */
const FORCED_EXIT_CODE = 130;

/** Resolves at the first signal to end. A second one ends the process at once. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        count++;
        if (count > 1) process.exit(FORCED_EXIT_CODE);
        resolve();
      });
    }
  });
}
