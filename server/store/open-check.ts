import { createHmac, timingSafeEqual } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { UserKey } from '../files/user-key.ts';
import { hasCode } from '../process/has-code.ts';
import { databasePath, readFileChecksum, removeFileChecksum, writeFileChecksum } from './folder.ts';
import { auditPages } from './page-audit.ts';
import { PageError, PageFile } from './page-file.ts';
import { damagedFolder, diskFailure, StoreError } from './store-error.ts';

/** The file is read in pieces of this size. */
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Proves that a database file is safe to be mapped: page by page, or by one checksum of the whole file where this user's own
 * node has left it at a clean stop. Needed because LMDB trusts what it maps, and a damaged or a crafted file could end the
 * process silently. Anyone can write a correct checksum; only the user's key proves who wrote it.
 *
 * @param key null: the pages are checked in any case
 * Throws `StoreError` `damaged` or `io`.
 */
export function checkDatabaseFile(directory: string, key: UserKey | null): void {
  try {
    const file = PageFile.open(databasePath(directory));
    try {
      const noted = readFileChecksum(directory);
      const isOwn = key !== null && noted?.keyId === key.id;
      if (!isOwn || noted.transaction !== String(file.newestMeta.transaction)) auditPages(file);
      else if (file.sizeBytes !== noted.sizeBytes || !isEqual(fileHmac(directory, key), noted.hmac))
        throw new PageError('its database file changed since the last stop');
    } finally {
      file.close();
    }
  } catch (error) {
    throw asStoreError(directory, error);
  }
}

/**
 * Writes the checksum of a closed database file. Without a key, or if the disk fails, the next start checks page by page
 * instead.
 */
export function noteFileChecksum(directory: string, key: UserKey | null): void {
  if (key === null) return;
  try {
    const file = PageFile.open(databasePath(directory));
    try {
      const transaction = String(file.newestMeta.transaction);
      const hmac = fileHmac(directory, key).toString('hex');
      writeFileChecksum(directory, { transaction, sizeBytes: file.sizeBytes, keyId: key.id, hmac });
    } finally {
      file.close();
    }
  } catch {
    removeFileChecksum(directory);
  }
}

function fileHmac(directory: string, key: UserKey): Buffer {
  const fd = openSync(databasePath(directory), 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    const hmac = createHmac('sha256', key.secret);
    for (;;) {
      const count = readSync(fd, piece, 0, PIECE_BYTES, null);
      if (count === 0) return hmac.digest();
      hmac.update(piece.subarray(0, count));
    }
  } finally {
    closeSync(fd);
  }
}

function isEqual(expected: Buffer, notedHex: string): boolean {
  const noted = Buffer.from(notedHex, 'hex');
  return noted.length === expected.length && timingSafeEqual(noted, expected);
}

function asStoreError(directory: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof PageError) return damagedFolder(directory, error.message, error);
  if (hasCode(error, 'ENOENT')) {
    return damagedFolder(directory, 'its database file is missing', error);
  }
  return diskFailure(directory, 'read', error);
}
