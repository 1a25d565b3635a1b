import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { systemProblem } from '../process/system-problem.ts';
import { decodeStateFile, MAX_STATE_FILE_BYTES, type StateFile, StateFileError } from './state-file.ts';

/**
 * Reads a state file that anybody may have named and written. Only ordinary files are read, and no more of one than a state
 * file can have: a pipe or a device would block the caller, or never end. Throws {@link StateFileError}, of the kind `usage`
 * where there is nothing to decode.
 */
export function readStateFile(path: string): StateFile {
  return decodeStateFile(bytesOf(path));
}

function bytesOf(path: string): Buffer {
  let descriptor: number | undefined;
  try {
    // A pipe without a writer would block the call that opens it. Windows has no such flag, and no such pipes.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw unreadable(stats.isDirectory() ? 'it is a folder' : 'it is not an ordinary file');
    if (stats.size > MAX_STATE_FILE_BYTES) throw unreadable(`it has more than ${MAX_STATE_FILE_BYTES} bytes`);
    const buffer = Buffer.alloc(stats.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    // What was written meanwhile is missing or too much: the checksum tells.
    return buffer.subarray(0, length);
  } catch (error) {
    throw error instanceof StateFileError ? error : unreadable(systemProblem(error));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unreadable(why: string): StateFileError {
  return new StateFileError(`it cannot be read: ${why}`, { kind: 'usage' });
}
