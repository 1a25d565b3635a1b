/** The WebSocket of a platform: that of the browser, or that of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: string | string[]) => object;

/** How a node is reached. */
export interface NodeClientOptions {
  /** Such as `http://127.0.0.1:5000`; a port, or the URL of its API, names a node as well. */
  readonly url: string;
  /** Token that a node demands before it is controlled from another machine. */
  readonly adminToken?: string;
  /** Default: the browser's, or in Node.js one that reads no message above `maxAnswerBytes`. */
  readonly webSocket?: WebSocketClass;
  /** Default: the browser's, or in Node.js a lighter one on `node:http`, which keeps connections as well. */
  readonly fetch?: typeof fetch;
  /** Longest wait for an answer over HTTP, in milliseconds; default: 10,000. */
  readonly answerTimeoutMs?: number;
  /** Largest answer that is read; default: 32 MiB. */
  readonly maxAnswerBytes?: number;
  /**
   * For programs that run the node themselves. Aborted when the node has ended for good: every waiting and every later
   * call then rejects at once with a `ClientError` of the kind `ended` and the message of the reason, or with the reason
   * itself where that is a `ClientError`.
   */
  readonly closed?: AbortSignal;
}

/** A call that can be given up: it then rejects with a `ClientError` of the kind `aborted`. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** How long a call may take, and what ends it before. */
export interface CallOptions extends Abortable {
  /**
   * Milliseconds; Infinity is no limit. A call that takes longer rejects with a `ClientError` of the kind `timeout`.
   * Default: `answerTimeoutMs` of the client; 60,000 for what waits; no limit for `mine` and for a mutation of `query`.
   */
  readonly timeoutMs?: number | undefined;
}
