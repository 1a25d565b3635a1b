import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { printable } from '../../consensus/quotable.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import type { Shape, Shaped } from './answer-shape.ts';
import {
  authorization,
  dataOf,
  type GraphqlAnswer,
  MAX_ANSWER_BYTES,
  type NodeAddress,
  type RunOperation,
  refusal,
} from './node-client.ts';
import { connectionProblem } from './node-problem.ts';

/** Longest wait for the node to accept the connection. */
const ACCEPT_TIMEOUT_MS = 10_000;
/** A ping this often, so that a node that vanished is noticed. */
const KEEP_ALIVE_MS = 10_000;
/** A polite close that is not answered in time becomes an impolite one: nothing of ours waits for a node that is done. */
const CLOSE_TIMEOUT_MS = 2_000;
/** What close codes mean (RFC 6455, and the graphql-transport-ws protocol) where a reason would say less. */
const CLOSED: Readonly<Record<number, string>> = {
  // Without a closing frame: nobody is there any more.
  1006: 'the node is gone',
  1009: 'an answer is too large',
  4403: 'the node does not take this caller; --admin-token-file names the token of a node that wants one',
  4499: `the node did not answer a ping within ${KEEP_ALIVE_MS / 1000} s`,
  4504: `the node did not answer within ${ACCEPT_TIMEOUT_MS / 1000} s`,
};

/** Options of `ws`. */
const SOCKET_OPTIONS = {
  maxPayload: MAX_ANSWER_BYTES,
  handshakeTimeout: ACCEPT_TIMEOUT_MS,
  closeTimeout: CLOSE_TIMEOUT_MS,
  perMessageDeflate: false,
};

/** With limits: whoever answers may be hostile. */
class LimitedSocket extends WebSocket {
  constructor(url: string, protocols: string | string[]) {
    super(url, protocols, SOCKET_OPTIONS);
  }
}

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
    webSocketImpl: LimitedSocket,
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
      throw error instanceof CommandError || error instanceof UsageError ? error : failure(node, error);
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

function failure(node: NodeAddress, error: unknown): CommandError | UsageError {
  if (Array.isArray(error)) return refusal(node, error);
  return new CommandError(`the connection to ${node.url} was lost (${closeReason(error) ?? connectionProblem(error)})`);
}

/** Of a WebSocket's close event, which is no Error; undefined for anything else. */
function closeReason(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  if (typeof code !== 'number') return undefined;
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : '';
  return printable(CLOSED[code] ?? (reason === '' ? `code ${code}` : reason));
}
