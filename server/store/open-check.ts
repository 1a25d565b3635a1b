import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { databasePath, readFileChecksum, removeFileChecksum, writeFileChecksum } from './folder.ts';
import { auditPages } from './page-audit.ts';
import { PageError, PageFile } from './page-file.ts';
import { damagedFolder, diskFailure, StoreError } from './store-error.ts';

/** The file is read in pieces of this size. */
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Proves that a database file is safe to be mapped: after a clean stop by one checksum of the whole file, otherwise page
 * by page. Needed because LMDB trusts what it maps, and a damaged file could end the process without a word.
 * Throws `StoreError` `damaged` or `io`.
 */
export function checkDatabaseFile(directory: string): void {
  try {
    const file = PageFile.open(databasePath(directory));
    try {
      const noted = readFileChecksum(directory);
      if (noted === undefined || noted.transaction !== String(file.newestMeta.transaction)) auditPages(file);
      else if (file.sizeBytes !== noted.sizeBytes) throw new PageError('its database file changed since the last stop');
      else if (fileCrc32(directory) !== noted.crc32)
        throw new PageError('its database file changed since the last stop');
    } finally {
      file.close();
    }
  } catch (error) {
    throw asStoreError(directory, error);
  }
}

/**
 * Notes the checksum of a database file that nobody has open any more. Where the disk refuses, the next start checks
 * page by page instead.
 */
export function noteFileChecksum(directory: string): void {
  try {
    const file = PageFile.open(databasePath(directory));
    try {
      const transaction = String(file.newestMeta.transaction);
      writeFileChecksum(directory, { transaction, sizeBytes: file.sizeBytes, crc32: fileCrc32(directory) });
    } finally {
      file.close();
    }
  } catch {
    removeFileChecksum(directory);
  }
}

function fileCrc32(directory: string): number {
  const fd = openSync(databasePath(directory), 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let sum = 0;
    for (;;) {
      const count = readSync(fd, piece, 0, PIECE_BYTES, null);
      if (count === 0) return sum;
      sum = crc32(piece.subarray(0, count), sum);
    }
  } finally {
    closeSync(fd);
  }
}

function asStoreError(directory: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof PageError) return damagedFolder(directory, error.message, error);
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return damagedFolder(directory, 'its database file is missing', error);
  }
  return diskFailure(directory, 'read', error);
}
