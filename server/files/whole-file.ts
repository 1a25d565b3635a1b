import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hasCode } from '../process/has-code.ts';

const DRAFT_RANDOM_BYTES = 8;

/** Writes a file, or replaces it, whole: a crash leaves the old one or the new one. Throws what the system says. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  withDraft(path, bytes, (draft) => renameSync(draft, path));
}

/**
 * Writes a file whole where there is none. Throws what the system says.
 * @returns whether there was none
 */
export function writeWholeIfMissing(path: string, bytes: Uint8Array): boolean {
  return withDraft(path, bytes, (draft) => {
    try {
      // Unlike a rename, it leaves a file that another process has just put there.
      linkSync(draft, path);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    }
  });
}

function withDraft<T>(path: string, bytes: Uint8Array, use: (draft: string) => T): T {
  const draft = `${path}.${randomBytes(DRAFT_RANDOM_BYTES).toString('hex')}.draft`;
  try {
    writeNewFile(draft, bytes);
    return use(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Writes a new file, and returns when it is on the disk. Throws what the system says, also where there is one. */
export function writeNewFile(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'wx');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
