import { type IncomingMessage, request as requestPlainly } from 'node:http';
import type { AnswerReader, Fetch, FetchedAnswer } from '../bounded-fetch.ts';

/** From here to below 400, an answer sends the caller elsewhere. */
const FIRST_REDIRECT = 300;
const FIRST_ERROR = 400;

/**
 * As much of `fetch` as a question to a node needs, on `node:http`: a program that asks once would spend more time on
 * loading Node's own `fetch` than on everything else. Follows no redirect: rejects with `unexpected redirect`.
 */
export const httpFetch: Fetch = async (url, { method = 'GET', headers, body, signal }) => {
  const request = url.startsWith('https:') ? (await import('node:https')).request : requestPlainly;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { method, headers: { ...(headers as Record<string, string>) }, signal: signal ?? undefined };
    const asking = request(url, options, resolve);
    asking.on('error', reject);
    asking.end(typeof body === 'string' || body instanceof Uint8Array ? body : undefined);
  });
  const { statusCode = 0 } = answer;
  if (statusCode >= FIRST_REDIRECT && statusCode < FIRST_ERROR) {
    answer.destroy();
    throw new Error('unexpected redirect');
  }
  return { status: statusCode, body: { getReader: () => readerOf(answer) } } satisfies FetchedAnswer;
};

function readerOf(answer: IncomingMessage): AnswerReader {
  const chunks: AsyncIterator<Uint8Array> = answer[Symbol.asyncIterator]();
  return {
    read: async () => {
      const { done, value } = await chunks.next();
      return done ? { done: true, value: undefined } : { done: false, value };
    },
    cancel: async () => {
      answer.destroy();
    },
  };
}
