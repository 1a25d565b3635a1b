/**
 * Options of `createServer` that bound what a client may take of a server before it has sent its request: the same for
 * every server of the program. Each server adds its own `requestTimeout`. Streams of ours are not limited by them.
 */
export const SLOW_CLIENT_LIMITS = {
  /** Milliseconds in which a client must have sent all its headers. */
  headersTimeout: 10_000,
  /** Milliseconds for which a connection without requests is kept. */
  keepAliveTimeout: 5_000,
  /** Milliseconds between two checks of the limits of time. */
  connectionsCheckingInterval: 5_000,
  /** Bytes of all headers together; more are answered with status 431. */
  maxHeaderSize: 8 * 1024,
} as const;
