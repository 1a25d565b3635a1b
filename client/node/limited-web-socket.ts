import { type ClientOptions, WebSocket } from 'ws';
import type { WebSocketClass } from '../types.ts';

/** Longest wait for the node to accept the connection. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A polite close that is not answered in time becomes an impolite one: nothing of ours waits for a node that is done. */
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
      // An error that nobody listens to ends the process. What goes wrong while a socket is given up is of no interest,
      // and all else is told to other listeners too.
      this.on('error', () => {});
    }
  };
}
