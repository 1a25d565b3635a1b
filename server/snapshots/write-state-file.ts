import { closeSync, openSync, writeSync } from 'node:fs';
import { systemProblem } from '../process/system-problem.ts';
import { encodeStateFile, type StateFile, StateFileError } from './state-file.ts';

/**
 * Writes what several state files hold, in their order, into a new one: never over a file that exists, which could be the only
 * copy of another state. Throws {@link StateFileError}, also where the files are of several networks.
 * @returns its bytes
 */
export function writeStateFile(path: string, files: readonly [StateFile, ...StateFile[]]): number {
  const [{ network, genesisHash }] = files;
  if (files.some((file) => file.genesisHash !== genesisHash)) {
    throw new StateFileError('the nodes are of several networks; a state file is of one');
  }
  const states = files.flatMap((file) => file.states);
  const bytes = encodeStateFile({ name: network, genesis: { hash: genesisHash } }, states);
  try {
    const descriptor = openSync(path, 'wx');
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new StateFileError(`it cannot be written (${systemProblem(error)}); nothing was overwritten`);
  }
  return bytes.length;
}
