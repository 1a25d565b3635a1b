import { type StateFile, StateFileError } from '../server/snapshots/state-file.ts';
import { writeStateFile } from '../server/snapshots/write-state-file.ts';
import { NodeError } from './node-error.ts';

/** Writes the states of nodes into one file, in their order. Throws {@link NodeError} `bad-option`. */
export function saveStates(path: string, overwrite: boolean, states: readonly [StateFile, ...StateFile[]]): void {
  if (typeof path !== 'string' || path === '') throw new NodeError('bad-option', 'saveState needs the path of a file');
  if (typeof overwrite !== 'boolean') throw new NodeError('bad-option', 'saveState: overwrite must be true or false');
  try {
    writeStateFile(path, states, { overwrite, option: 'overwrite: true' });
  } catch (error) {
    if (!(error instanceof StateFileError)) throw error;
    throw new NodeError('bad-option', `saveState ${path}: ${error.message}`);
  }
}
