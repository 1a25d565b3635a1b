/** Nobody answered in time, or the answer was still coming. */
export class LateAnswerError extends Error {}
/** The answer is longer than what is read. */
export class LongAnswerError extends Error {}

/** How much is waited for and read. */
export interface AnswerBounds {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** An answer that has been read. */
export interface TextAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Fetches a text from somebody who may be hostile: no more than `maxBytes` are read, and after `timeoutMs` it is over,
 * whether an answer has begun or not. Rejects with {@link LateAnswerError}, {@link LongAnswerError}, or what fetch throws.
 *
 * The time limit does not rest on fetch's signal alone: undici follows it from an object that may be collected once the
 * headers are there. The timer here holds the reader, and ends it.
 */
export async function fetchText(url: string, init: RequestInit, bounds: AnswerBounds): Promise<TextAnswer> {
  const abort = new AbortController();
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new LateAnswerError());
      giveUp();
    }, bounds.timeoutMs);
  });
  const giveUp = (): void => {
    abort.abort();
    reader?.cancel().catch(() => {});
  };
  const work = async (): Promise<TextAnswer> => {
    const response = await fetch(url, { ...init, signal: abort.signal });
    reader = response.body?.getReader();
    return { status: response.status, text: reader ? await readText(reader, bounds.maxBytes) : '' };
  };
  const answer = work();
  // Once it is late, nobody waits for it any more.
  answer.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function readText(reader: ReadableStreamDefaultReader<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts).toString('utf8');
    sizeBytes += value.length;
    if (sizeBytes > maxBytes) throw new LongAnswerError();
    parts.push(value);
  }
}
