import { lstatSync } from 'node:fs';
import { writeNewFile, writeWhole } from '../files/whole-file.ts';
import { hasCode } from '../process/has-code.ts';
import { systemProblem } from '../process/system-problem.ts';
import { encodeStateFile, type StateFile, StateFileError } from './state-file.ts';

/** Whether a file that exists is replaced, and how the user says that, for messages. */
export interface Overwriting {
  readonly overwrite: boolean;
  /** Such as `--overwrite`. */
  readonly option: string;
}

/**
 * Writes what several state files hold, in their order, into one file. One that exists could be the only copy of another
 * state: it is replaced only where that is wanted, and whole, so that a crash leaves the old one or the new one. Throws
 * {@link StateFileError}, also where the files are of several networks.
 * @returns its bytes
 */
export function writeStateFile(
  path: string,
  files: readonly [StateFile, ...StateFile[]],
  { overwrite, option }: Overwriting,
): number {
  const [{ network, genesisHash }] = files;
  if (files.some((file) => file.genesisHash !== genesisHash)) {
    throw new StateFileError('the nodes are of several networks; a state file is of one');
  }
  const states = files.flatMap((file) => file.states);
  const bytes = encodeStateFile({ name: network, genesis: { hash: genesisHash } }, states);
  try {
    if (overwrite) replaceFile(path, bytes);
    else writeNewFile(path, bytes);
  } catch (error) {
    const remedy = !overwrite && hasCode(error, 'EEXIST') ? `; ${option} replaces it` : '';
    const problem = error instanceof StateFileError ? error.message : systemProblem(error);
    throw new StateFileError(`it cannot be written (${problem}); nothing was overwritten${remedy}`);
  }
  return bytes.length;
}

/** Only an ordinary file is replaced: a link or a device would be gone. */
function replaceFile(path: string, bytes: Uint8Array): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    throw new StateFileError('it is not an ordinary file');
  }
  writeWhole(path, bytes);
}
