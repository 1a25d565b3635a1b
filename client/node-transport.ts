import { Client, type CombinedError, fetchExchange, type TypedDocumentNode } from '@urql/core';
import { answerData } from './answer-data.ts';
import { type BytesAnswer, type Fetch, fetchBytes } from './bounded-fetch.ts';
import { answerTimedOut, withinLimits } from './call-limits.ts';
import { type ApiError, ClientError, isObject } from './client-error.ts';
import type { CallOptions, WebSocketClass } from './client-options.ts';

/** Longest wait for an answer over HTTP; mining, whose length is not known, goes over a socket or without it. */
const ANSWER_TIMEOUT_MS = 10_000;
/**
 * Largest answer that is read: many times the longest honest one, of a hundred blocks or transactions. A longer one
 * fails the operation.
 */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** How a node is reached. */
export interface TransportOptions {
  /** Base URL without a slash at its end, see `parseNodeUrl`. */
  readonly url: string;
  /** Token that a node demands before it is controlled from another machine; null: none. */
  readonly adminToken?: string | null;
  /** Undefined: the platform's own, which Node.js 20 does not have. */
  readonly webSocket?: WebSocketClass | undefined;
  readonly fetch?: Fetch;
  readonly answerTimeoutMs?: number;
  readonly maxAnswerBytes?: number;
  /** Aborted when the node has ended for good, see `NodeClientOptions`. */
  readonly closed?: AbortSignal | undefined;
}

/** A request for bytes, or with bytes. */
export interface PlainRequest {
  /** Below the URL of the node. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly body?: Uint8Array;
  /** Largest answer that is read. */
  readonly maxBytes: number;
}

type Variables = Record<string, unknown>;

/** Operations on one node over HTTP, with limits, because what answers may be hostile. */
export class NodeTransport {
  readonly url: string;
  readonly webSocket: WebSocketClass | undefined;
  readonly closed: AbortSignal | undefined;
  /** Sent from the next operation on. */
  adminToken: string | null;
  #hasAnswered = false;
  readonly #fetch: Fetch;
  readonly #answerTimeoutMs: number;
  readonly #maxAnswerBytes: number;

  constructor(options: TransportOptions) {
    this.url = options.url;
    this.webSocket = options.webSocket;
    this.closed = options.closed;
    this.adminToken = options.adminToken ?? null;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#answerTimeoutMs = options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
    this.#maxAnswerBytes = options.maxAnswerBytes ?? MAX_ANSWER_BYTES;
  }

  /** Whether anything has ever answered at the URL, over HTTP or a socket. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Something has answered at the URL. */
  markAnswered(): void {
    this.#hasAnswered = true;
  }

  /** The token as headers, or as connection parameters of a WebSocket. */
  get authorization(): Record<string, string> {
    return this.adminToken === null ? {} : { authorization: `Bearer ${this.adminToken}` };
  }

  /** Asks the node. Throws {@link ClientError}. */
  query<Data, Asked extends Variables>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    options: CallOptions = {},
  ): Promise<Data> {
    return this.#ask('query', document, variables, options);
  }

  /** Tells the node to do something. Throws {@link ClientError}. */
  mutate<Data, Asked extends Variables>(
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    options: CallOptions = {},
  ): Promise<Data> {
    return this.#ask('mutation', document, variables, options);
  }

  /** Asks the node for something that is no operation of its API. Throws {@link ClientError}. */
  request(
    { path, method, body, maxBytes }: PlainRequest,
    { signal, timeoutMs = this.#answerTimeoutMs }: CallOptions = {},
  ): Promise<BytesAnswer> {
    const type = body && { 'content-type': 'application/octet-stream' };
    const headers = { ...type, ...this.authorization };
    const init: RequestInit = { method, headers, ...(body && { body: body as Uint8Array<ArrayBuffer> }) };
    const limits = { signal, closed: this.closed, timeoutMs, timedOut: () => answerTimedOut(this.url, timeoutMs) };
    return withinLimits(limits, (signal) => this.#fetchBytes(`${this.url}${path}`, init, maxBytes, signal));
  }

  async #fetchBytes(url: string, init: RequestInit, maxBytes: number, signal: AbortSignal): Promise<BytesAnswer> {
    const request = { url, init: { ...init, redirect: 'error' } } as const;
    const answer = await fetchBytes(this.#fetch, request, maxBytes, signal);
    this.markAnswered();
    return answer;
  }

  #ask<Data, Asked extends Variables>(
    kind: 'query' | 'mutation',
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    { signal, timeoutMs = this.#answerTimeoutMs }: CallOptions,
  ): Promise<Data> {
    const limits = { signal, closed: this.closed, timeoutMs, timedOut: () => answerTimedOut(this.url, timeoutMs) };
    return withinLimits(limits, (signal) => this.#exchange(kind, document, variables, signal));
  }

  async #exchange<Data, Asked extends Variables>(
    kind: 'query' | 'mutation',
    document: TypedDocumentNode<Data, Asked>,
    variables: Asked,
    signal: AbortSignal,
  ): Promise<Data> {
    let answer: { readonly status: number; readonly text: string } | undefined;
    const readAnswer: typeof globalThis.fetch = async (input, init = {}) => {
      const { status, bytes } = await this.#fetchBytes(String(input), init, this.#maxAnswerBytes, signal);
      answer = { status, text: new TextDecoder().decode(bytes) };
      // As plain JSON, whatever its own content type: a streamed answer or another page is not from a node.
      return jsonResponse(answer.text);
    };
    // A client for each operation: a shared one would merge two equal operations, and give both up together.
    const result = await new Client({
      url: `${this.url}/graphql`,
      // The node answers POST only, so that no page of another site can ask it anything.
      preferGetMethod: false,
      requestPolicy: 'network-only',
      exchanges: [fetchExchange],
      fetchOptions: { headers: { accept: 'application/json', ...this.authorization } },
      fetch: readAnswer,
    })[kind](document, variables);
    return dataOf(document, result, this.url, answer);
  }
}

/** What is read of a response that holds JSON. To make a `Response` would load all of `fetch` in Node.js. */
function jsonResponse(text: string): Response {
  const headers = { get: () => 'application/json' };
  return { status: 200, headers, text: async () => text } as unknown as Response;
}

/**
 * The data of an answer. Throws {@link ClientError}: `failed` with the node's own errors, `not-a-node` where there is
 * neither an error nor what was asked for.
 */
function dataOf<Data, Asked extends Variables>(
  document: TypedDocumentNode<Data, Asked>,
  { data, error }: { readonly data?: Data | null | undefined; readonly error?: CombinedError | undefined },
  url: string,
  answer?: { readonly status: number; readonly text: string },
): Data {
  if (error?.networkError instanceof ClientError) throw error.networkError;
  if (error && error.graphQLErrors.length > 0) throw operationFailed(error.graphQLErrors);
  if (error) {
    throw new ClientError('not-a-node', `${url} answers, but not as a node does`, answer ? { answer } : {});
  }
  return answerData(document, data, url);
}

/** The error of an operation that failed; what its errors hold is the node's choice and may be anything. */
export function operationFailed(errors: readonly unknown[]): ClientError {
  const apiErrors = errors.map(apiErrorOf);
  const [first] = apiErrors;
  const [code, message] = [first?.code ?? 'graphql-error', first?.message ?? ''];
  return new ClientError('failed', message, { code, apiErrors });
}

function apiErrorOf(error: unknown): ApiError {
  const { message, extensions } = isObject(error) ? error : {};
  const { code } = isObject(extensions) ? extensions : {};
  return {
    code: typeof code === 'string' ? code : 'graphql-error',
    message: typeof message === 'string' && message !== '' ? message : 'the node reports an error without a message',
  };
}
