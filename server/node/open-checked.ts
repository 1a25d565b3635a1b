import type { Logger } from 'pino';
import { loadUserKey } from '../files/user-key.ts';
import { failpoint } from '../process/failpoint.ts';
import { settingName } from '../process/setting-name.ts';
import { type IntegrityReport, verifyFull, verifyQuick } from '../store/integrity.ts';
import { isAllKept } from '../store/losses.ts';
import type { Progress } from '../store/pace.ts';
import type { ReindexReport } from '../store/rebuild.ts';
import { reindex } from '../store/reindex.ts';
import { Store } from '../store/store.ts';
import type { VerificationPool } from '../verification/verification-pool.ts';
import type { NodeOptions } from './node-options.ts';

/** Display for the progress of long work. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  clear(): void;
}

/** Callbacks that report the opening of a data folder, and a way to end it. */
export interface OpeningWatch {
  /** Default: progress is not reported. */
  readonly progress?: ProgressDisplay | undefined;
  /** Cancels long work, which then rejects with the signal's reason. */
  readonly stopSignal?: AbortSignal | undefined;
}

export interface OpenedStore {
  readonly store: Store;
  readonly integrity: IntegrityReport;
}

/**
 * Opens the data folder and checks it as the options say, rebuilding it first if requested.
 * @throws StoreError, and the reason of `stopSignal` if that cancels long work
 */
export async function openChecked(
  options: NodeOptions,
  log: Logger,
  pool: VerificationPool,
  { stopSignal: signal, progress = NO_PROGRESS }: OpeningWatch = {},
): Promise<OpenedStore> {
  const { network, dataDir } = options;
  const verify: VerificationPool['verify'] = (checks) => pool.verify(checks);
  try {
    if (options.reindex && dataDir !== null) {
      const report = await reindex({ directory: dataDir, params: network, verify, onProgress: progress.show, signal });
      logRebuild(log, report);
    }
    const key = dataDir === null ? null : loadUserKey();
    const store = await Store.open({
      directory: dataDir,
      params: network,
      key,
      audit: options.verify === 'full',
      createdMs: options.deterministic === null ? undefined : network.genesisTime * MS_PER_SECOND,
    });
    try {
      const integrity =
        options.verify === 'full'
          ? await verifyFull(store, network, progress.show, verify, signal)
          : verifyQuick(store, network);
      failpoint('store-checked');
      return { store, integrity };
    } catch (error) {
      await store.close();
      throw error;
    }
  } finally {
    progress.clear();
  }
}

const MS_PER_SECOND = 1_000;
const NO_PROGRESS: ProgressDisplay = { show: () => {}, clear: () => {} };

/** At level `warn` if something was lost, which the operator has to know before relying on the node. */
function logRebuild(log: Logger, report: ReindexReport): void {
  const { height, blocks, droppedCount, heightBefore, lostBlocks, lostTransactions, lostPending } = report;
  if (isAllKept(report)) {
    log.info({ height, blocks, dropped: droppedCount }, 'rebuilt the data folder from its blocks');
    return;
  }
  const before = heightBefore === null ? 'the previous height cannot be read' : `previously ${heightBefore}`;
  log.warn(
    { height, heightBefore, blocks, lostBlocks, lostTransactions, lostPending, dropped: droppedCount },
    `rebuilt only a part of the data folder: kept ${blocks} blocks, lost at least ${lostBlocks} with ${lostTransactions} ` +
      `transactions, and at least ${lostPending} pending ones; the height is ${height}, ${before}. Blocks that no peer has are ` +
      `lost: connect to peers that have the chain (${settingName('peer')} URL), and resend transactions that they do not have`,
  );
}
