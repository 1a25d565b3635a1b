import { closeSync, openSync, readSync } from 'node:fs';
import { UsageError } from './cli-errors.ts';

/** Largest file that the command line reads, in bytes; longer ones are refused. */
const MAX_FILE_BYTES = 1024 * 1024;

/** UTF-8 text of a file that the user named by `label`. Throws `UsageError` that names both. */
export function readTextFile(label: string, path: string): string {
  const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
  const length = readInto(buffer, label, path);
  if (length > MAX_FILE_BYTES) throw new UsageError(`${label}: ${path} is larger than 1 MiB`);
  return buffer.toString('utf8', 0, length);
}

/** Why a file operation failed, in words. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EEXIST') return 'it exists already';
  return error instanceof Error ? error.message : String(error);
}

/** A bounded read rather than a look at the size first: pipes and devices have no size. */
function readInto(buffer: Buffer, label: string, path: string): number {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    return length;
  } catch (error) {
    throw new UsageError(`${label}: cannot read ${path} (${fileProblem(error)})`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
