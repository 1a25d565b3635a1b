import { misshapen, type Shape, type Shaped } from './answer-shape.ts';
import { CommandError } from './cli-errors.ts';
import { printable } from './output.ts';

/** A node as a client command reaches it. */
export interface NodeAddress {
  /** Base URL without a slash at its end. */
  readonly url: string;
  /** What a node that is not on loopback asks for before it is controlled; null where none was given. */
  readonly adminToken: string | null;
}

/** Runs one operation, whose data must have this shape. Throws `CommandError`. */
export type RunOperation = <const S extends Shape>(
  document: string,
  shape: S,
  variables?: Readonly<Record<string, unknown>>,
) => Promise<Shaped<S>>;

/** Longest wait for an answer over HTTP. What may take longer goes over a socket. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Longest part of a foreign answer that is quoted in an error. */
const MAX_QUOTED_CHARACTERS = 200;

/** An answer as GraphQL over HTTP defines it, as far as it is trusted before it is looked at. */
export interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: unknown;
}

/** Client of a node's API over HTTP. */
export function nodeClient(node: NodeAddress, timeoutMs = ANSWER_TIMEOUT_MS): RunOperation {
  return async <const S extends Shape>(
    document: string,
    shape: S,
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<Shaped<S>> => {
    const signal = AbortSignal.timeout(timeoutMs);
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${node.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization(node) },
        body: JSON.stringify({ query: document, variables }),
        redirect: 'error',
        signal,
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw signal.aborted ? silence(node, timeoutMs) : unreachable(node, error);
    }
    return dataOf(node, parseAnswer(node, status, text), shape);
  };
}

/** The header, or connection parameter, that carries the token. */
export function authorization(node: NodeAddress): Record<string, string> {
  return node.adminToken === null ? {} : { authorization: `Bearer ${node.adminToken}` };
}

/**
 * The data of an answer. Throws `CommandError`: with the node's own messages when there are errors, and when the data is
 * not what was asked for.
 */
export function dataOf<const S extends Shape>(node: NodeAddress, answer: GraphqlAnswer, shape: S): Shaped<S> {
  const messages = Array.isArray(answer.errors) ? answer.errors.map(messageOf) : [];
  if (messages.length > 0) throw new CommandError(messages.join('; '));
  if (typeof answer.data !== 'object' || answer.data === null) {
    throw new CommandError(`${node.url} answers, but not like a Forklore node`);
  }
  const wrong = misshapen(answer.data, shape, '');
  if (wrong !== null) {
    throw new CommandError(`${node.url} answers, but not like a Forklore node: ${wrong} is missing or something else`);
  }
  return answer.data as Shaped<S>;
}

function parseAnswer(node: NodeAddress, status: number, text: string): GraphqlAnswer {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  const isAnswer = typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer);
  if (isAnswer) return answer as GraphqlAnswer;
  const detail = printable(text.trim()).slice(0, MAX_QUOTED_CHARACTERS);
  if (status === 401 || status === 403 || status === 503) {
    throw new CommandError(`${node.url} refuses the request (HTTP ${status}): ${detail}`);
  }
  throw new CommandError(`${node.url} answers, but not like a Forklore node (HTTP ${status})`);
}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return typeof message === 'string' ? printable(message) : 'the node reports an error without a message';
}

function silence(node: NodeAddress, timeoutMs: number): CommandError {
  return new CommandError(`the node at ${node.url} did not answer within ${timeoutMs / 1000} s`);
}

function unreachable(node: NodeAddress, error: unknown): CommandError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ECONNREFUSED') {
    const port = new URL(node.url).port || '5000';
    return new CommandError(
      `no node answers at ${node.url} (connection refused); start one with: npm run node -- --port ${port}`,
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new CommandError(`no node answers at ${node.url} (host name not found); check --node`);
  }
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') {
    return new CommandError(`the node at ${node.url} closed the connection; is it a Forklore node?`);
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (reason === 'bad port') {
    return new CommandError(
      `port ${new URL(node.url).port} is one that web clients refuse to call; give the node another`,
    );
  }
  return new CommandError(`no node answers at ${node.url} (${printable(reason)}); check --node`);
}
