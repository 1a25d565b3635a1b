import { MAX_LINE_BYTES } from './stratum-limits.ts';

const LINE_FEED = 0x0a;

/** A line is longer than a mining program may send. */
export class LineTooLongError extends Error {}

/** Cuts a stream of bytes into lines, and keeps at most one that is not complete. */
export class LineReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * Takes the next bytes.
   * @returns the lines that they complete, without their ends, in order
   * @throws LineTooLongError for a line of more than `MAX_LINE_BYTES`, complete or not
   */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED)) {
      if (end > MAX_LINE_BYTES) throw new LineTooLongError();
      lines.push(bytes.toString('utf8', 0, end));
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > MAX_LINE_BYTES) throw new LineTooLongError();
    this.#rest = bytes;
    return lines;
  }
}
