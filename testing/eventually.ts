import { vi } from 'vitest';

/** Far above the time that any check needs: the machine may be busy. */
const WAIT_LIMIT_MS = 60_000;
const INTERVAL_MS = 20;

/** Resolves once the check no longer throws. For state that gives no event when it changes. */
export async function eventually(check: () => unknown): Promise<void> {
  await vi.waitFor(check, { timeout: WAIT_LIMIT_MS, interval: INTERVAL_MS });
}
