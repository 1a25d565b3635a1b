import type { CallError } from './contract-types.ts';

/**
 * Why an operation has no result: what the caller gives cannot be meant (`bad-argument`), and was not sent; nothing answers at the URL (`unreachable`); the answer took too long (`timeout`) or is
 * too long (`too-long`); the connection ended before it came (`lost`); what answers is no node (`not-a-node`); the caller
 * gave up (`aborted`); the program that runs the node says that it has ended (`ended`); the node has dropped the transaction
 * that was waited for (`dropped`); or the node refused (`failed`), and `code` says why.
 */
export type ClientErrorKind =
  | 'bad-argument'
  | 'unreachable'
  | 'timeout'
  | 'too-long'
  | 'lost'
  | 'not-a-node'
  | 'aborted'
  | 'ended'
  | 'dropped'
  | 'failed';

/** An error of the API, as the node gave it. Its message must be made printable before it is shown. */
export interface ApiError {
  readonly code: string;
  readonly message: string;
}

/** Further facts about a {@link ClientError}. */
export interface ClientErrorDetails {
  /** The code that the node gave, in place of that of the kind. */
  readonly code?: string;
  /** What `fetch` threw, or the event that ended a WebSocket: its codes are those of the platform. */
  readonly cause?: unknown;
  /** The limit that was passed: milliseconds of `timeout`, bytes of `too-long`. */
  readonly limit?: number;
  /** HTTP status and body of an answer that is no node's. */
  readonly answer?: { readonly status: number; readonly text: string };
  /** Why a dry run failed; nothing was sent. */
  readonly callError?: CallError;
  /** All errors of an operation that failed; undefined where its result says that it did. */
  readonly apiErrors?: readonly ApiError[];
}

/** The code to show and to match: the kinds differ more finely, for programs that word errors themselves. */
const CODES: Readonly<Record<ClientErrorKind, string>> = {
  'bad-argument': 'bad-argument',
  unreachable: 'unreachable',
  timeout: 'unreachable',
  lost: 'unreachable',
  'too-long': 'answer-too-long',
  'not-a-node': 'no-node',
  aborted: 'aborted',
  ended: 'ended',
  dropped: 'dropped',
  failed: 'unknown',
};

/** An operation did not succeed: the reason in words, its kind, and a code that the documentation of the API knows. */
export class ClientError extends Error {
  readonly kind: ClientErrorKind;
  /** That of the API where the node refused, such as `FORBIDDEN` or `insufficient-balance`. */
  readonly code: string;
  readonly details: ClientErrorDetails;

  constructor(kind: ClientErrorKind, message: string, details: ClientErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.name = 'ClientError';
    this.kind = kind;
    this.code = details.code ?? CODES[kind];
    this.details = details;
  }
}

/** {@link ClientError.code} of a node that does not answer. */
export const UNREACHABLE = CODES.unreachable;
/** {@link ClientError.code} of an operation that the caller gave up. */
export const ABORTED = CODES.aborted;

/** Codes and HTTP statuses of a failure that says nothing of the next attempt. */
const UNAVAILABLE = 'UNAVAILABLE';
const PASSING_CODES: readonly string[] = ['INTERNAL_SERVER_ERROR', UNAVAILABLE, 'REVERTED'];
const SERVICE_UNAVAILABLE = 503;
const PASSING_STATUSES: readonly number[] = [429, 502, SERVICE_UNAVAILABLE, 504];

/** Whether a node that answered like this may answer the same operation a moment later. */
export function isPassing({ kind, code, details }: ClientError): boolean {
  if (kind === 'failed') return PASSING_CODES.includes(code);
  return details.answer !== undefined && PASSING_STATUSES.includes(details.answer.status);
}

/** Whether a node that is about to end fails like this. */
export function mayHaveEnded({ kind, code, details }: ClientError): boolean {
  if (kind === 'failed') return code === UNAVAILABLE;
  return kind === 'lost' || kind === 'unreachable' || details.answer?.status === SERVICE_UNAVAILABLE;
}

/** A call that would fail. @param what comes before the reason @param contract the one that was called */
export function callFailed(what: string, error: CallError, contract: string): ClientError {
  const place = error.line === null ? '' : ` (line ${error.line} of ${error.contract ?? contract})`;
  return new ClientError('failed', `${what}: ${error.message}${place}`, { code: error.code, callError: error });
}

/** Any error as a {@link ClientError}. */
export function clientErrorOf(error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  return new ClientError('failed', error instanceof Error ? error.message : String(error), { cause: error });
}

/** Why an operation ended whose signal was aborted: what the signal says, where that is a {@link ClientError}. */
export function abortionOf(signal: AbortSignal): ClientError {
  const { reason } = signal;
  return reason instanceof ClientError ? reason : new ClientError('aborted', 'given up', { cause: reason });
}

/** Why no call to a node succeeds any more whose owner has aborted this signal: the words of the owner. */
export function closureOf(closed: AbortSignal): ClientError {
  const { reason } = closed;
  if (reason instanceof ClientError) return reason;
  return new ClientError('ended', reason instanceof Error ? reason.message : String(reason), { cause: reason });
}

/** Narrows the result of a mutation to its success. Throws a {@link ClientError} where it is the failure, or no result. */
export function succeeded<Result extends { __typename: string }>(
  result: Result,
): Exclude<Result, { code: string; message: string }> {
  if (!isObject(result)) throw new ClientError('not-a-node', 'the result is not that of a node');
  if ('code' in result && 'message' in result) {
    throw new ClientError('failed', textOf(result.message), { code: textOf(result.code) });
  }
  return result as Exclude<Result, { code: string; message: string }>;
}

/** Whether a value that came from a node has fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}
