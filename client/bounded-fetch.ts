import { onAbort } from './abort-listener.ts';
import { abortionOf, ClientError } from './client-error.ts';

/** What is read of an answer; a `ReadableStreamDefaultReader` is one. */
export interface AnswerReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<unknown>;
}

/** As much of a `Response` as is read here. */
export interface FetchedAnswer {
  readonly status: number;
  readonly body: { getReader(): AnswerReader } | null;
}

/** As much of `fetch` as is used here: a program may have a lighter one. */
export type Fetch = (url: string, init: RequestInit) => Promise<FetchedAnswer>;

/** An answer that has been read. */
export interface BytesAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/**
 * Fetches bytes from a node that may be hostile: no more than `maxBytes` are read, and when the signal is aborted it is
 * over, whether an answer has begun or not. Throws {@link ClientError} `too-long` or `unreachable`, and for the signal
 * what {@link abortionOf} says.
 *
 * The end does not rest on fetch's signal alone: undici follows it from an object that may be collected once the headers
 * are there. The listener here holds the reader, and ends it.
 */
export async function fetchBytes(
  fetch: Fetch,
  request: Request,
  maxBytes: number,
  signal: AbortSignal,
): Promise<BytesAnswer> {
  const abort = new AbortController();
  let reader: AnswerReader | undefined;
  const work = async (): Promise<BytesAnswer> => {
    const response = await fetch(request.url, { ...request.init, signal: abort.signal });
    reader = response.body?.getReader();
    return { status: response.status, bytes: reader ? await readBytes(reader, maxBytes) : new Uint8Array() };
  };
  let forget = () => {};
  const givenUp = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(abortionOf(signal)));
  });
  try {
    const answer = work();
    // Once it is given up, its failure is no unhandled rejection.
    answer.catch(() => {});
    return await Promise.race([answer, givenUp]);
  } catch (error) {
    abort.abort();
    reader?.cancel().catch(() => {});
    if (error instanceof ClientError) throw error;
    throw new ClientError('unreachable', `${baseOf(request.url)} does not answer`, { cause: error });
  } finally {
    forget();
  }
}

/** Where to, and with what. */
export interface Request {
  readonly url: string;
  readonly init: RequestInit;
}

async function readBytes(reader: AnswerReader, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return joined(parts, sizeBytes);
    sizeBytes += value.length;
    if (sizeBytes > maxBytes) {
      throw new ClientError('too-long', 'the answer is too long to be read', { limit: maxBytes });
    }
    parts.push(value);
  }
}

function joined(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The node that an endpoint is of. */
function baseOf(url: string): string {
  return new URL(url).origin;
}
