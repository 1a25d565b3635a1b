import { closeSync, openSync, readSync } from 'node:fs';
import { decodeText, TextEncodingError } from '../../consensus/text.ts';
import { OptionError } from '../process/expected-error.ts';
import { systemProblem } from '../process/system-problem.ts';

/** Largest file that the command line reads, in bytes; longer ones are refused. */
const MAX_FILE_BYTES = 1024 * 1024;

/** UTF-8 text of a file that the user gave as `label`, without a byte order mark. Throws `OptionError` that names both. */
export function readTextFile(label: string, path: string): string {
  const buffer = Buffer.alloc(MAX_FILE_BYTES + 1);
  const length = readInto(buffer, label, path);
  if (length > MAX_FILE_BYTES) throw new OptionError(`${label}: ${path} is larger than 1 MiB`);
  return textOf(`${label}: ${path}`, buffer.subarray(0, length));
}

/** The text of bytes that were given as `what`. Throws `OptionError` for another encoding than UTF-8. */
export function textOf(what: string, bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch (error) {
    throw error instanceof TextEncodingError ? new OptionError(`${what} ${error.message}`) : error;
  }
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
    throw new OptionError(`${label}: cannot read ${path} (${systemProblem(error)})`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
