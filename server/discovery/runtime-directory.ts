import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPrivateFolder } from '../files/private-files.ts';

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
 * Creates the folder, or checks that no other user controls it. Must be called before anything in it is read or written.
 *
 * @throws PrivateFileError that says what is wrong with it; Error of the file system
 */
export function openRuntimeDirectory(directory: string): void {
  openPrivateFolder(directory);
}
