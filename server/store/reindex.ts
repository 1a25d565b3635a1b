import { existsSync, rmSync } from 'node:fs';
import { failpoint } from '../process/failpoint.ts';
import {
  checkNetwork,
  databasePath,
  hasNetworkLabel,
  installNewChain,
  newChainPath,
  prepareFolder,
  settleFolder,
} from './folder.ts';
import { lockFolder } from './folder-lock.ts';
import { NO_LOSSES } from './losses.ts';
import { Rebuild, type ReindexOptions, type ReindexReport } from './rebuild.ts';
import { hashKey } from './records.ts';
import { SalvagedFile } from './salvage.ts';
import { Store } from './store.ts';
import { damagedFolder, diskFailure, StoreError } from './store-error.ts';

/**
 * Rebuilds a folder from the blocks that can still be read, however damaged the rest: every block is checked by every
 * rule from genesis up, and headers, accounts, state tree, indexes and undo records are rebuilt. Pending transactions,
 * known peers and the operator's verdicts on blocks are kept. The old chain is replaced when the new one is whole.
 * Throws `StoreError` `locked`, `foreign`, `version`, `io`, or `damaged` if not even the network can be identified.
 */
export async function reindex(options: ReindexOptions): Promise<ReindexReport> {
  const { directory, params } = options;
  prepareFolder(directory);
  const lock = lockFolder(directory);
  try {
    if (!settleFolder(directory))
      return { tip: params.genesis.hash, height: 0, blocks: 1, dropped: [], droppedCount: 0, ...NO_LOSSES };
    if (hasNetworkLabel(directory)) checkNetwork(directory, params);
    const salvage = openSalvage(directory);
    failpoint('salvage-opened');
    try {
      // Without its label, only the genesis block shows whose chain it is.
      if (!hasNetworkLabel(directory) && salvage.value('bodies', hashKey(params.genesis.hash)) === undefined) {
        throw damagedFolder(directory, `it does not show that it belongs to network ${params.name}`);
      }
      return await rebuild(salvage, options);
    } finally {
      salvage.close();
    }
  } catch (error) {
    throw isFileSystemError(error) ? diskFailure(directory, 'rebuild', error) : error;
  } finally {
    lock.release();
  }
}

function openSalvage(directory: string): SalvagedFile {
  if (!existsSync(databasePath(directory))) {
    throw new StoreError(
      'damaged',
      `data folder ${directory} has lost its database file; remove the folder to start with a new chain`,
    );
  }
  return SalvagedFile.open(databasePath(directory), [
    'meta',
    'headers',
    'bodies',
    'heights',
    'journal',
    'addresses',
    'discouraged',
  ]);
}

function isFileSystemError(error: unknown): boolean {
  return error instanceof Error && !(error instanceof StoreError) && 'syscall' in error;
}

async function rebuild(salvage: SalvagedFile, options: ReindexOptions): Promise<ReindexReport> {
  const { directory, params } = options;
  const path = newChainPath(directory);
  const store = Store.createAt(path, directory, params, { durable: true });
  try {
    failpoint('rebuild-created');
    const rebuilding = new Rebuild(salvage, store, options);
    await rebuilding.readBlocks();
    failpoint('rebuild-read');
    await rebuilding.connectBest();
    rebuilding.finish();
    await store.close();
    failpoint('rebuild-closed');
    installNewChain(directory, params);
    return rebuilding.report();
  } catch (error) {
    await store.close();
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
}
