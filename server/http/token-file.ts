import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openRuntimeDirectory, runtimeDirectory } from '../discovery/runtime-directory.ts';
import { defaultTokenFile } from '../files/data-home.ts';
import { makeFolder } from '../files/make-folder.ts';
import type { NodeOptions } from '../node/node-options.ts';

/** Name of the token's file in the runtime folder. */
const TOKEN_FILE = 'admin-token';
/** Mode of missing parent folders of the token file: owner only. */
const FOLDER_MODE = 0o700;

/**
 * Path of a node's token: the given file, or else a file per network and port in the user's home; for an ephemeral node,
 * and if the home is not writable, a file in the runtime folder. Never in the data folder: sharing a chain would share
 * control of the node, and a chain from somebody else could come with a known token.
 *
 * @throws PrivateFileError when other users can access the runtime folder
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

/** Null if there is no writable home, as in many containers. */
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
