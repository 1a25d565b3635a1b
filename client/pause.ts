import { onAbort } from './abort-listener.ts';

/** Time between two attempts to reach a node. */
const RETRY_MS = 1_000;

/** Waits before another attempt to reach a node; ends early when the signal is aborted. */
export async function pause(signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let forget = () => {};
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, RETRY_MS);
    forget = onAbort(signal, resolve);
  });
  clearTimeout(timer);
  forget();
}
