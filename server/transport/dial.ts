import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { isCertificateProblem, isNoTls, isTlsFailure, systemProblem } from '../process/system-problem.ts';
import { PeerUrlError, peerSocketUrl } from './peer-url.ts';
import { PEER_SUBPROTOCOL, SOCKET_OPTIONS } from './socket-limits.ts';

/** From the first packet to an open WebSocket. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;
const HTTP_UNAVAILABLE = 503;

/** Exactly one of the two is called, unless the dial is aborted: then none. */
export interface DialHandlers {
  /** Called before any frame is read, so that none is missed. */
  opened(socket: WebSocket, tcp: Socket): void;
  failed(reason: string): void;
}

/** Opens a WebSocket to the node at `url`. */
export function dialPeer(url: string, signal: AbortSignal, handlers: DialHandlers): void {
  let socket: WebSocket;
  try {
    socket = new WebSocket(peerSocketUrl(url), PEER_SUBPROTOCOL, SOCKET_OPTIONS);
  } catch (error) {
    if (!(error instanceof PeerUrlError)) throw error;
    queueMicrotask(() => handlers.failed(error.message));
    return;
  }
  let tcp: Socket | null = null;
  const onUpgrade = (response: IncomingMessage): void => {
    tcp = response.socket;
  };
  const onOpen = (): void => {
    settle();
    if (tcp) handlers.opened(socket, tcp);
  };
  const fail = (reason: string): void => {
    settle();
    socket.terminate();
    handlers.failed(reason);
  };
  const onResponse = (_request: unknown, response: IncomingMessage): void => fail(refusal(response.statusCode ?? 0));
  const onError = (error: NodeJS.ErrnoException): void => fail(errorReason(error));
  const onAbort = (): void => {
    settle();
    socket.terminate();
  };
  const timer = setTimeout(
    () => fail(`handshake timed out after ${HANDSHAKE_TIMEOUT_MS / 1000} s`),
    HANDSHAKE_TIMEOUT_MS,
  );
  function settle(): void {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    socket.off('upgrade', onUpgrade).off('open', onOpen).off('unexpected-response', onResponse).off('error', onError);
  }
  signal.addEventListener('abort', onAbort);
  socket.on('upgrade', onUpgrade).on('open', onOpen).on('unexpected-response', onResponse).on('error', onError);
  // Terminating an unfinished handshake emits an error that is no longer of interest.
  socket.on('error', () => {});
}

function refusal(status: number): string {
  return status === HTTP_UNAVAILABLE ? 'the node has no room for another peer' : `not a Forklore node: HTTP ${status}`;
}

function errorReason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'connection reset';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'host name not found';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'host unreachable';
    case 'ETIMEDOUT':
      return 'connection timed out';
    default:
      return otherReason(error.code ?? '', error);
  }
}

function otherReason(code: string, error: Error): string {
  // The HTTP parser's codes begin so: whatever answered does not speak HTTP.
  if (code.startsWith('HPE_')) return 'not a Forklore node: no HTTP';
  if (isNoTls(code)) return 'no HTTPS there: use http://';
  if (isCertificateProblem(code)) return 'its certificate is not trusted';
  if (isTlsFailure(code)) return 'no common version of HTTPS';
  if (code.startsWith('WS_ERR_')) return 'not a Forklore node: no WebSocket';
  return code === '' ? `not a Forklore node: ${error.message}` : `connection failed: ${systemProblem(error)}`;
}
