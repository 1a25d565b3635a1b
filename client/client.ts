import { Client, fetchExchange, type OperationContext, subscriptionExchange } from '@urql/core';
import type { Client as SocketClient } from 'graphql-ws';
import { Failure } from './failure.ts';

/**
 * Largest answer that is read: many times the longest honest one, of a hundred blocks or transactions. What is longer
 * fails the question.
 */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** An answer is longer than any that is honest. */
const TOO_LONG = 'answer-too-long';

/**
 * A GraphQL client of one node, without a cache: what the page knows is in its own state.
 * @param socket carries subscriptions
 */
export function createClient(nodeUrl: string, socket?: SocketClient): Client {
  return new Client({
    url: `${nodeUrl}/graphql`,
    // The node answers POST only, so that no page of another site can ask it anything.
    preferGetMethod: false,
    requestPolicy: 'network-only',
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => {
            const unsubscribe = socket?.subscribe({ query: query ?? '', variables: variables ?? {} }, sink as never);
            return { unsubscribe: () => unsubscribe?.() };
          },
        }),
      }),
    ],
  });
}

/** What a single operation needs besides its document: how it is given up, and the token of whoever asks. */
export function contextOf(signal: AbortSignal, token: string | null): Partial<OperationContext> {
  // As plain JSON, in which a refusal is an answer like any other, and no failed request.
  const accept = 'application/json';
  const headers = token === null ? { accept } : { accept, authorization: `Bearer ${token}` };
  return {
    fetchOptions: { headers },
    // urql has a signal of its own, and takes no other.
    fetch: async (input, init) =>
      bounded(
        await fetch(input, { ...init, signal: AbortSignal.any([signal, ...(init?.signal ? [init.signal] : [])]) }),
      ),
  };
}

/** The same answer, which fails as soon as it turns out to be too long. */
function bounded(response: Response): Response {
  if (!response.body) return response;
  let bytes = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES) controller.error(new Failure(TOO_LONG, 'the answer is too long to be read'));
      else controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counting), response);
}
