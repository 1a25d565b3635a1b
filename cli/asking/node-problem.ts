import type { ClientError } from '../../client/client-error.ts';
import { printable } from '../../consensus/quotable.ts';
import { isLoopbackHost } from '../../server/http/loopback.ts';
import {
  isCertificateProblem,
  isNoTls,
  isTlsFailure,
  systemCode,
  systemProblem,
} from '../../server/process/system-problem.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { ownCommand } from '../own-command.ts';

/** Longest part of a foreign answer that is quoted in an error. */
const MAX_QUOTED_CHARACTERS = 200;
const BYTES_PER_MIB = 1024 * 1024;
const MS_PER_SECOND = 1_000;
/** What close codes mean (RFC 6455, and the graphql-transport-ws protocol) where a reason would say less. */
const CLOSED: Readonly<Record<number, string>> = {
  // Without a closing frame: nobody is there any more.
  1006: 'the node is gone',
  1009: 'an answer is too large',
  4403: 'the node does not take this caller; --admin-token-file names the token of a node that wants one',
};
/** Answers of HTTP by which a node, or what stands before it, refuses a caller. */
const REFUSING = [401, 403, 503];

/** The node that was asked. */
export interface AskedNode {
  readonly url: string;
  readonly adminToken: string | null;
}

/** What went wrong between this program and a node, for people. What a node would refuse of anybody is wrong usage. */
export function nodeProblem({ url, adminToken }: AskedNode, error: ClientError): CommandError | UsageError {
  const { limit = 0, answer, apiErrors } = error.details;
  switch (error.kind) {
    case 'unreachable':
      return unreachable(url, error.cause);
    case 'timeout':
      return new CommandError(`the node at ${url} did not answer within ${limit / MS_PER_SECOND} s`);
    case 'too-long':
      return new CommandError(`the node at ${url} answers with more than ${limit / BYTES_PER_MIB} MiB`);
    case 'lost':
      return new CommandError(
        `the connection to ${url} was lost (${closeReason(error.cause) ?? connectionProblem(error.cause)})`,
      );
    case 'not-a-node':
      return answer && REFUSING.includes(answer.status)
        ? new CommandError(`${url} refuses the request (HTTP ${answer.status}): ${quoted(answer.text)}`)
        : notLikeANode(url, answer?.status);
    default:
      return apiErrors ? refusal(apiErrors, adminToken) : new CommandError(printable(error.message));
  }
}

/** Something answers there that is no node, or lies. */
export function notLikeANode(url: string, status?: number): CommandError {
  return new CommandError(
    `${url} answers, but not like a Forklore node${status === undefined ? '' : ` (HTTP ${status})`}`,
  );
}

function refusal(errors: Exclude<ClientError['details']['apiErrors'], undefined>, adminToken: string | null) {
  const message = [...new Set(errors.map((error) => printable(error.message)))].join('; ');
  if (errors.every(({ code }) => code === 'BAD_INPUT')) return new UsageError(message);
  if (!errors.some(({ code }) => code === 'FORBIDDEN')) return new CommandError(message);
  return new CommandError(
    adminToken === null
      ? 'controlling this node needs its token: name the file that holds it with --admin-token-file'
      : 'the node does not take this token; --admin-token-file must name the file that the node made',
  );
}

function quoted(text: string): string {
  return printable(text.trim()).slice(0, MAX_QUOTED_CHARACTERS);
}

/** Of a WebSocket's close event, which is no Error; undefined for anything else. */
function closeReason(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  if (typeof code !== 'number') return undefined;
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : '';
  return printable(CLOSED[code] ?? (reason === '' ? `code ${code}` : reason));
}

/** Why a connection to a node failed, in words. `error` is what fetch, undici or a WebSocket gave. */
export function connectionProblem(error: unknown): string {
  const cause = rootOf(error);
  const code = systemCode(cause) ?? '';
  if (isNoTls(code)) return 'it does not speak https';
  if (isCertificateProblem(code)) return 'its certificate is not trusted; NODE_EXTRA_CA_CERTS=FILE names one that is';
  if (isTlsFailure(code)) return 'no common version of https';
  if (code === 'HPE_HEADER_OVERFLOW') return 'its answer is too large';
  // The HTTP parser's codes begin so.
  if (code.startsWith('HPE_')) return 'it does not speak http';
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return 'it closed the connection';
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
  if (code === 'ECONNRESET') {
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
