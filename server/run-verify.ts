import { availableParallelism } from 'node:os';
import { EXIT_CODES } from './cli/cli-errors.ts';
import type { VerifyOptions } from './config.ts';
import { showProgress } from './open-checked.ts';
import { verifyFull } from './store/integrity.ts';
import { Store } from './store/store.ts';
import { VerificationPool } from './verification/verification-pool.ts';

/**
 * `forklore verify`: replays a data folder from genesis and reports. The folder must exist and no node may use it.
 * @returns the exit code of the program
 * @throws StoreError
 */
export async function runVerify({ dataDir, network }: VerifyOptions): Promise<number> {
  const progress = showProgress();
  const pool = new VerificationPool({ threads: availableParallelism() });
  const store = Store.open({ directory: dataDir, params: network });
  try {
    const { checkedBlocks } = await verifyFull(store, network, progress.show, (checks) => pool.verify(checks));
    progress.clear();
    process.stdout.write(`${dataDir} is whole: ${checkedBlocks} blocks of ${network.name}, tip ${store.tip}\n`);
    return EXIT_CODES.ok;
  } finally {
    progress.clear();
    await Promise.all([store.close(), pool.close()]);
  }
}
