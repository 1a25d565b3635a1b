import type { Terminal } from '../output/output.ts';
import { onSignal } from '../signals.ts';

/**
 * Does work that is told when the program is asked to stop, so that it can print its figures so far. The second time ends
 * the program at once.
 */
export async function interruptible<T>(terminal: Terminal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stopListening = onSignal(() => {
    terminal.printError('\ninterrupted: what there is so far follows; press Ctrl-C again to end at once');
    controller.abort();
  });
  try {
    return await work(controller.signal);
  } finally {
    stopListening();
  }
}
