import { ClientError, isObject } from './client-error.ts';
import type { CallOptions } from './client-options.ts';
import { type NodeTransport, operationFailed } from './node-transport.ts';

/** Where a node gives and takes state files. */
const PATH = '/snapshots';
/** Largest state file that is read; a node makes none above it. */
const MAX_STATE_FILE_BYTES = 256 * 1024 * 1024;
/** Longest that a state file may take in either direction where the caller names no limit: the node checks what it gets. */
const TRANSFER_LIMIT_MS = 60_000;
/** Largest answer to an upload, and to what is refused. */
const MAX_REPLY_BYTES = 64 * 1024;

/** The state file of a snapshot that the node keeps. Throws {@link ClientError}. */
export async function downloadSnapshot(
  transport: NodeTransport,
  id: string,
  { signal, timeoutMs = TRANSFER_LIMIT_MS }: CallOptions,
): Promise<Uint8Array> {
  const request = { path: `${PATH}/${encodeURIComponent(id)}`, method: 'GET', maxBytes: MAX_STATE_FILE_BYTES } as const;
  const answer = await transport.request(request, { signal, timeoutMs });
  if (!isSuccess(answer.status)) throw refusalOf(transport.url, answer);
  return answer.bytes;
}

/** Gives the node the state file of one node. @returns the id of the snapshot that it is there. Throws {@link ClientError}. */
export async function uploadSnapshot(
  transport: NodeTransport,
  file: Uint8Array,
  { signal, timeoutMs = TRANSFER_LIMIT_MS }: CallOptions,
): Promise<{ readonly id: string }> {
  const request = { path: PATH, method: 'POST', body: file, maxBytes: MAX_REPLY_BYTES } as const;
  const answer = await transport.request(request, { signal, timeoutMs });
  if (!isSuccess(answer.status)) throw refusalOf(transport.url, answer);
  const { id } = jsonOf(answer);
  if (typeof id === 'string') return { id };
  throw new ClientError('not-a-node', `${transport.url} answers, but not as a node does`);
}

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

function isSuccess(status: number): boolean {
  return status === 200 || status === 201;
}

/** A node's answer has the form of the API's errors; that of anything else is no node's. */
function refusalOf(url: string, answer: Answer): ClientError {
  const { errors } = jsonOf(answer);
  const failure = operationFailed(Array.isArray(errors) ? errors : []);
  const [first] = failure.details.apiErrors ?? [];
  if (first === undefined) {
    const details = { answer: { status: answer.status, text: new TextDecoder().decode(answer.bytes) } };
    return new ClientError('not-a-node', `${url} answers, but not as a node does`, details);
  }
  // A missing token is told as for every operation; what else is wrong is a refusal with reason and code.
  return first.code === 'FORBIDDEN' ? failure : new ClientError('failed', first.message, { code: first.code });
}

function jsonOf({ bytes }: Answer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
