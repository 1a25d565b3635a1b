import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { quotable } from '../../consensus/quotable.ts';
import { settingName } from '../process/setting-name.ts';
import { StoreError } from './store-error.ts';

/** Root, whose files are as good as one's own: it can do anything anyway. */
const ROOT_UID = 0;

/**
 * Rejects a folder if any of these entries is not a plain file or folder: in a folder made by another user, a link could
 * lead opening and writing to any file of this user, and opening a pipe would block. Must be called before anything in it
 * is opened. Throws `StoreError` `foreign`.
 */
export function refuseLinks(directory: string, names: readonly string[]): void {
  for (const name of names) {
    const stats = statsOf(join(directory, name));
    if (stats && !(stats.isFile() || stats.isDirectory())) throw untrusted(directory, name, kindOf(stats));
  }
}

/**
 * Refuses a chain's folder, where it is there, unless it and all that is in it are plain and of this user or root: LMDB
 * opens its files by name, follows links, and writes to what it finds. A file with two names is none of the folder's
 * alone, so that writing to it would change what lies elsewhere. Root may use what belongs to others, such as a folder
 * that it verifies for them. Who owns the data folder around it is not asked: one that was made for a container belongs
 * to somebody else. Windows has no such owners. Throws `StoreError` `foreign`.
 */
export function refuseForeignChain(directory: string, chain: string): void {
  const stats = statsOf(join(directory, chain));
  if (stats === undefined) return;
  if (!stats.isDirectory()) throw untrusted(directory, chain, kindOf(stats));
  refuseOwner(directory, chain, stats);
  for (const name of readdirSync(join(directory, chain))) {
    const path = join(chain, name);
    const inside = lstatSync(join(directory, path));
    // Folders that a system puts everywhere are never opened.
    if (!(inside.isFile() || inside.isDirectory())) throw untrusted(directory, path, kindOf(inside));
    refuseOwner(directory, path, inside);
    if (inside.isFile() && inside.nlink > 1)
      throw untrusted(directory, path, 'has a second name elsewhere (a hard link)');
  }
}

function refuseOwner(directory: string, name: string, { uid }: Stats): void {
  const self = process.getuid?.() ?? ROOT_UID;
  if (self !== ROOT_UID && uid !== self && uid !== ROOT_UID)
    throw untrusted(directory, name, 'belongs to another user');
}

/** Undefined where there is nothing of that name. */
function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function kindOf(stats: Stats): string {
  return stats.isSymbolicLink() ? 'is a link' : 'is not a plain file or folder';
}

function untrusted(directory: string, name: string, problem: string): StoreError {
  const message = `data folder ${directory} cannot be trusted: ${quotable(name)} ${problem}; copy only plain files into a folder of your own, or choose another one with ${settingName('dataDir')}`;
  return new StoreError('foreign', message);
}
