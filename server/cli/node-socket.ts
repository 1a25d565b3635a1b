import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Shape, Shaped } from './answer-shape.ts';
import { CommandError } from './cli-errors.ts';
import { authorization, dataOf, type GraphqlAnswer, type NodeAddress, type RunOperation } from './node-client.ts';
import { printable } from './output.ts';

/** Longest wait for the node to accept the connection. */
const ACCEPT_TIMEOUT_MS = 10_000;
/** A ping this often, so that a node that vanished is noticed. */
const KEEP_ALIVE_MS = 10_000;
/** Close code of a socket that was ended without a closing frame: nobody is there any more. */
const ABNORMAL_CLOSURE = 1006;

/** Operations over one WebSocket: streams, and mutations that take longer than an HTTP request may. */
export interface NodeSocket {
  readonly run: RunOperation;
  /** Ends when the node ends it. Throws `CommandError`. */
  stream<const S extends Shape>(
    document: string,
    shape: S,
    variables?: Readonly<Record<string, unknown>>,
  ): AsyncGenerator<Shaped<S>, void>;
  close(): Promise<void>;
}

/** Opens the socket at the first operation and does not try again: the caller knows what a lost answer means. */
export function openNodeSocket(node: NodeAddress): NodeSocket {
  let vanished: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: `${node.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: authorization(node),
    retryAttempts: 0,
    lazy: true,
    connectionAckWaitTimeout: ACCEPT_TIMEOUT_MS,
    keepAlive: KEEP_ALIVE_MS,
    on: {
      ping: (received) => {
        if (received) return;
        clearTimeout(vanished);
        vanished = setTimeout(() => client.terminate(), KEEP_ALIVE_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(vanished);
      },
      closed: () => clearTimeout(vanished),
    },
  });

  async function* stream<const S extends Shape>(
    document: string,
    shape: S,
    variables: Readonly<Record<string, unknown>> = {},
  ) {
    const answers = client.iterate({ query: document, variables: { ...variables } });
    try {
      for await (const answer of answers) yield dataOf(node, answer as GraphqlAnswer, shape);
    } catch (error) {
      throw error instanceof CommandError ? error : failure(node, error);
    }
  }

  async function run<const S extends Shape>(
    document: string,
    shape: S,
    variables?: Readonly<Record<string, unknown>>,
  ): Promise<Shaped<S>> {
    for await (const data of stream(document, shape, variables)) return data;
    throw new CommandError(`the node at ${node.url} ended the operation without an answer`);
  }

  return { run, stream, close: async () => client.dispose() };
}

function failure(node: NodeAddress, error: unknown): CommandError {
  if (Array.isArray(error)) {
    const messages = error.map((item) => (item instanceof Error ? item.message : String(item?.message ?? item)));
    return new CommandError(printable(messages.join('; ')));
  }
  const reason = closeReason(error) ?? (error instanceof Error ? error.message : String(error));
  return new CommandError(`the connection to ${node.url} was lost (${printable(reason)})`);
}

/** Of a WebSocket's close event, which is no Error. */
function closeReason(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : '';
  if (reason !== '') return reason;
  return error.code === ABNORMAL_CLOSURE ? 'the node is gone' : `code ${error.code}`;
}
