import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openRuntimeDirectory, runtimeDirectory } from '../discovery/runtime-directory.ts';
import { defaultTokenFile } from '../files/data-home.ts';
import { makeFolder } from '../files/make-folder.ts';
import type { NodeOptions } from '../node/node-options.ts';

/** Name of the token's file in the runtime folder. */
const TOKEN_FILE = 'admin-token';
/** Folders above the token that are missing are made for the owner alone. */
const FOLDER_MODE = 0o700;

/**
 * Where a node keeps its token: in the file that was named, or else the user's own for this network and port, or for a
 * node that keeps nothing, and where the user has no home that can be written to, in the runtime folder. Never in the data
 * folder: whoever gives a chain away would give control of the node with it, and whoever takes one could be given a token.
 *
 * @throws PrivateFileError where the runtime folder is not the user's alone
 * @throws Error of the file system
 */
export function tokenFileOf(
  { adminTokenFile, dataDir, network, port }: NodeOptions,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  if (adminTokenFile !== null) return adminTokenFile;
  const kept = dataDir === null ? null : keptTokenFile(() => defaultTokenFile(network, port, environment));
  if (kept !== null) return kept;
  const directory = runtimeDirectory(environment);
  openRuntimeDirectory(directory);
  return join(directory, TOKEN_FILE);
}

/** Null where there is no home, or none that a file can be made in, as in many containers. */
function keptTokenFile(choose: () => string): string | null {
  try {
    const file = choose();
    if (existsSync(file)) return file;
    makeFolder(dirname(file), FOLDER_MODE);
    accessSync(dirname(file), constants.W_OK);
    return file;
  } catch {
    return null;
  }
}
