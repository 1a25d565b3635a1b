import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hasCode } from '../process/has-code.ts';

const DRAFT_RANDOM_BYTES = 8;
/** How file systems without hard links refuse one: FAT and exFAT, network shares, some that a program provides. */
const NO_LINK_CODES = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Writes a file, or replaces it, whole: a crash leaves the old one or the new one. Throws what the system says. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  withDraft(path, bytes, (draft) => renameSync(draft, path));
}

/**
 * Writes a file whole where there is none. Of processes that do this in the same moment one writes it, and the others leave
 * it; where the file system has no hard links the last one does. Throws what the system says.
 * @param link makes a hard link, or throws as the system does
 * @returns whether there was none
 */
export function writeWholeIfMissing(
  path: string,
  bytes: Uint8Array,
  link: (draft: string, path: string) => void = linkSync,
): boolean {
  return withDraft(path, bytes, (draft) => {
    try {
      // Unlike a rename, it leaves a file that another process has just put there.
      link(draft, path);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      if (!NO_LINK_CODES.some((code) => hasCode(error, code))) throw error;
      if (existsSync(path)) return false;
      renameSync(draft, path);
      return true;
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
