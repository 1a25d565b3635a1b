import { vi } from 'vitest';

/** Far above what anything takes that is waited for: the machine may be busy. */
const WAIT_LIMIT_MS = 60_000;
const INTERVAL_MS = 20;

/** Resolves when the check holds that first throws; for what tells nobody when it changes. */
export async function eventually(check: () => unknown): Promise<void> {
  await vi.waitFor(check, { timeout: WAIT_LIMIT_MS, interval: INTERVAL_MS });
}
