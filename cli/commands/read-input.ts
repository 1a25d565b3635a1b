import { textOf } from '../../server/settings/read-text-file.ts';
import { UsageError } from '../cli-errors.ts';
import type { InputStream } from './client-context.ts';

/** All of a piped input. Throws `UsageError` when it is longer than `what` may be. */
export async function readInput(stdin: InputStream, what: string, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of stdin) {
    const bytes = Buffer.from(part);
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) throw new UsageError(`standard input is too long to be ${what}`);
    parts.push(bytes);
  }
  return textOf('standard input', Buffer.concat(parts));
}
