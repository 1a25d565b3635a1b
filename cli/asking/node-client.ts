import { printable } from '../../consensus/quotable.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { misshapen, type Shape, type Shaped } from './answer-shape.ts';
import { fetchText, LateAnswerError, LongAnswerError, type TextAnswer } from './bounded-fetch.ts';
import { unreachable } from './node-problem.ts';

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
/** Largest answer that is read, over HTTP or a socket: far above a page of a hundred transactions, the largest that is asked for. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const BYTES_PER_MIB = 1024 * 1024;
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
    const { status, text } = await ask(node, JSON.stringify({ query: document, variables }), timeoutMs);
    return dataOf(node, parseAnswer(node, status, text), shape);
  };
}

async function ask(node: NodeAddress, body: string, timeoutMs: number): Promise<TextAnswer> {
  const headers = { 'content-type': 'application/json', accept: 'application/json', ...authorization(node) };
  const request: RequestInit = { method: 'POST', headers, body, redirect: 'error' };
  try {
    return await fetchText(`${node.url}/graphql`, request, { timeoutMs, maxBytes: MAX_ANSWER_BYTES });
  } catch (error) {
    if (error instanceof LateAnswerError) {
      throw new CommandError(`the node at ${node.url} did not answer within ${timeoutMs / 1000} s`);
    }
    if (error instanceof LongAnswerError) {
      throw new CommandError(`the node at ${node.url} answers with more than ${MAX_ANSWER_BYTES / BYTES_PER_MIB} MiB`);
    }
    throw unreachable(node.url, error);
  }
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
  if (Array.isArray(answer.errors) && answer.errors.length > 0) throw refusal(node, answer.errors);
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

/** What the node says is wrong. What it would refuse of anybody is wrong usage here, as if it had been seen here. */
export function refusal({ adminToken }: NodeAddress, errors: readonly unknown[]): CommandError | UsageError {
  const message = [...new Set(errors.map(messageOf))].join('; ');
  const codes = errors.map(codeOf);
  if (codes.every((code) => code === 'BAD_INPUT')) return new UsageError(message);
  if (!codes.includes('FORBIDDEN')) return new CommandError(message);
  return new CommandError(
    adminToken === null
      ? 'controlling this node needs its token: name the file that holds it with --admin-token-file'
      : 'the node does not take this token; --admin-token-file must name the file that the node made',
  );
}

function codeOf(error: unknown): unknown {
  const extensions = typeof error === 'object' && error !== null && 'extensions' in error ? error.extensions : null;
  return typeof extensions === 'object' && extensions !== null && 'code' in extensions ? extensions.code : undefined;
}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return typeof message === 'string' ? printable(message) : 'the node reports an error without a message';
}
