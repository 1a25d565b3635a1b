import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { loadUserKey } from '../../server/files/user-key.ts';
import { hasCode } from '../../server/process/has-code.ts';
import { isLockFile } from '../../server/store/folder-lock.ts';
import { verifyFull } from '../../server/store/integrity.ts';
import { Store } from '../../server/store/store.ts';
import { VerificationPool } from '../../server/verification/verification-pool.ts';
import { CommandError, EXIT_CODES } from '../cli-errors.ts';
import { showProgress } from '../output/progress.ts';
import type { VerifyOptions } from '../settings/node-settings.ts';

/**
 * `forklore verify`: replays a data folder from genesis and reports. The folder must exist and no node may use it.
 * @returns the exit code of the program
 * @throws CommandError, StoreError
 */
export async function runVerify({ dataDir, network }: VerifyOptions): Promise<number> {
  // The store would create what is missing, and an empty chain is always whole.
  if (isMissing(dataDir)) throw new CommandError(`there is no chain in ${dataDir}; name its folder with --data-dir`);
  const key = loadUserKey();
  const store = await Store.open({ directory: dataDir, params: network, key, audit: true, isInspection: true });
  // Only now: if the folder cannot be opened, nothing is left to close.
  const pool = new VerificationPool({ threads: availableParallelism() });
  const progress = showProgress();
  try {
    const { checkedBlocks } = await verifyFull(store, network, progress.show, (checks) => pool.verify(checks));
    progress.clear();
    process.stdout.write(`${dataDir} is whole: ${checkedBlocks} blocks of ${network.name}, tip ${store.tip}\n`);
    const missing = countMissingBlocks(store);
    if (missing > 0) {
      process.stderr.write(
        `warning: of ${missing} more blocks only the headers are stored; peers have to give the rest\n`,
      );
    }
    return EXIT_CODES.ok;
  } finally {
    progress.clear();
    await Promise.all([store.close(), pool.close()]);
  }
}

/** Number of blocks without a stored body: not received yet, or lost in a rebuild. */
function countMissingBlocks(store: Store): number {
  let count = 0;
  for (const { bodyBytes, validity } of store.headers()) if (bodyBytes === 0 && validity !== 'invalid') count++;
  return count;
}

/** Whether the folder is missing or empty. The store reports any other problem. */
function isMissing(directory: string): boolean {
  try {
    return readdirSync(directory).every(isLockFile);
  } catch (error) {
    return hasCode(error, 'ENOENT');
  }
}
