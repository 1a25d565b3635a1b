/** What a shell reports of a program that was interrupted. */
export const EXIT_INTERRUPTED = 130;

/**
 * A signal that is aborted when the program is asked to stop (SIGINT, SIGTERM, SIGHUP), so that it can print its figures so
 * far. The second time ends the program at once. To be called once.
 */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      process.stderr.write('\ninterrupted: the figures so far follow; press Ctrl-C again to end at once\n');
      controller.abort();
    });
  }
  return controller.signal;
}
