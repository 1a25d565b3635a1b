import { type ClientOptions, WebSocket } from 'ws';
import type { WebSocketClass } from '../client-options.ts';

/** Longest wait for the node to accept the connection. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Longest wait for the answer to a close, after which the connection is dropped. */
const CLOSE_TIMEOUT_MS = 2_000;

/** The WebSocket for Node.js, with limits: what answers may be hostile. */
export function limitedWebSocket(maxPayload: number): WebSocketClass {
  const options: ClientOptions & { closeTimeout: number } = {
    maxPayload,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    closeTimeout: CLOSE_TIMEOUT_MS,
    perMessageDeflate: false,
  };
  return class extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols, options);
      // An error event without a listener ends the process, also one of a socket that was given up. Errors that matter
      // have further listeners.
      this.on('error', () => {});
    }
  };
}
