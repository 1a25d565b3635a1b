import { printable } from '../../consensus/quotable.ts';
import { isLoopbackHost } from '../../server/http/loopback.ts';
import {
  isCertificateProblem,
  isNoTls,
  isTlsFailure,
  systemCode,
  systemProblem,
} from '../../server/process/system-problem.ts';
import { CommandError } from '../cli-errors.ts';
import { ownCommand } from '../own-command.ts';

/** Why a connection to a node failed, in words. `error` is what fetch, undici or a WebSocket gave. */
export function connectionProblem(error: unknown): string {
  const cause = rootOf(error);
  const code = systemCode(cause) ?? '';
  if (isNoTls(code)) return 'it does not speak https';
  if (isCertificateProblem(code)) return 'its certificate is not trusted; NODE_EXTRA_CA_CERTS=FILE names one that is';
  if (isTlsFailure(code)) return 'no common version of https';
  // The HTTP parser's codes begin so.
  if (code.startsWith('HPE_')) return 'it does not speak http';
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return 'it closed the connection';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'no answer in time';
    case 'UND_ERR_HEADERS_OVERFLOW':
      return 'its answer is too large';
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
      return 'its answer is too large';
    default:
      if (code.startsWith('WS_ERR_')) return 'it does not speak WebSocket as agreed';
      return printable(systemProblem(cause));
  }
}

/** Nobody answers at a node's URL, or not as a node does; with what to do. */
export function unreachable(url: string, error: unknown): CommandError {
  const cause = rootOf(error);
  const code = systemCode(cause);
  const { protocol, hostname, port } = new URL(url);
  if (code === 'ECONNREFUSED') {
    const start = isLoopbackHost(hostname) && protocol === 'http:';
    const advice = start ? `start one with: ${ownCommand('node', `--port ${port || '80'}`)}` : 'check --node';
    return new CommandError(`no node answers at ${url} (connection refused); ${advice}`);
  }
  if (cause instanceof Error && cause.message === 'bad port') {
    return new CommandError(`port ${port} is one that web clients refuse to call; give the node another`);
  }
  if (cause instanceof Error && cause.message === 'unexpected redirect') {
    return new CommandError(`${url} sends callers elsewhere; name the node itself with --node`);
  }
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') {
    return new CommandError(`the node at ${url} closed the connection; is it a Forklore node?`);
  }
  if (isNoTls(code ?? '')) {
    return new CommandError(`${url} does not speak https; try --node ${url.replace('https:', 'http:')}`);
  }
  return new CommandError(`no node answers at ${url} (${connectionProblem(cause)}); check --node`);
}

/** The innermost cause that says something: fetch wraps it, and a name with several addresses gives a list. */
function rootOf(error: unknown): unknown {
  let at = error;
  // Causes may be nested, and nothing forbids that they form a ring.
  for (let depth = 0; depth < 5; depth++) {
    const inner = at instanceof AggregateError ? at.errors[0] : at instanceof Error ? at.cause : errorOfEvent(at);
    if (inner === undefined || inner === null) return at;
    at = inner;
  }
  return at;
}

/** The `error` event of a WebSocket is no Error, and holds one. */
function errorOfEvent(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'error' in event ? event.error : undefined;
}
