import { lstat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../make-folder.ts';

/** Nobody but the owner. */
const PRIVATE_DIRECTORY_MODE = 0o700;
/** Write permission of group and others: somebody else could plant entries. */
const OTHERS_WRITE_MASK = 0o022;

/**
 * The folder in which the nodes of one user find each other: `FORKLORE_RUNTIME_DIR`, or `forklore` in
 * `XDG_RUNTIME_DIR` (XDG Base Directory Specification), or a folder of the user's own among the temporary files.
 */
export function runtimeDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.FORKLORE_RUNTIME_DIR) return env.FORKLORE_RUNTIME_DIR;
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'forklore');
  return join(tmpdir(), `forklore-${process.getuid?.() ?? 'user'}`);
}

/**
 * Creates the folder, or makes sure that nobody else controls it: names among the temporary files can be taken by
 * other users first.
 *
 * @throws Error that says what is wrong with it
 */
export async function openRuntimeDirectory(directory: string): Promise<void> {
  makeFolder(directory, PRIVATE_DIRECTORY_MODE);
  const stats = await lstat(directory);
  if (!stats.isDirectory()) throw new Error(`${directory} is not a folder`);
  if (process.getuid === undefined) return;
  if (stats.uid !== process.getuid()) throw new Error(`${directory} belongs to another user`);
  if ((stats.mode & OTHERS_WRITE_MASK) !== 0) throw new Error(`${directory} can be written by other users`);
}
