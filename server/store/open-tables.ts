import type { StoredTip } from '../../protocol/stored-tip.ts';
import { TIP_KEY } from './apply-write.ts';
import { isCopy, notePlace } from './folder.ts';
import { decodeTip } from './records.ts';
import { damagedFolder, diskFailure, StoreError } from './store-error.ts';
import type { Tables } from './tables.ts';

/**
 * A copy of a data folder is another node: it keeps the chain, but forgets the peers of the original, so that it does not
 * join that network by itself. Its operator names its peers.
 */
export function takePlace(tables: Tables, directory: string): void {
  const { addresses } = tables.tables;
  if (isCopy(directory)) {
    tables.transact(() => {
      for (const { key } of [...addresses.entries()]) addresses.delete(key);
    });
  }
  notePlace(directory);
}

/** Why a folder cannot be opened. System errors concern the disk. Any other error comes from a record that cannot be decoded. */
export function openFailure(directory: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof Error && !('code' in error)) return damagedFolder(directory, error.message, error);
  return diskFailure(directory, 'open', error);
}

/** The tip of a chain. Throws `StoreError` `damaged` where there is none. */
export function readTip(tables: Tables, directory: string): StoredTip {
  const value = tables.tables.meta.get(TIP_KEY);
  if (value === undefined) throw damagedFolder(directory, 'it has no tip');
  return decodeTip(value);
}
