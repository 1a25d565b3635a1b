import { ClientError, isObject } from '../../client/client-error.ts';
import { MAX_STATE_FILE_BYTES } from '../../server/snapshots/state-file.ts';
import type { AskedNode } from './node-problem.ts';

/** The state file of a snapshot that the node keeps. Throws {@link ClientError}. */
export async function downloadSnapshot(node: AskedNode, id: string): Promise<Uint8Array> {
  const response = await request(node, `/snapshots/${encodeURIComponent(id)}`, { method: 'GET' });
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of response.body ?? []) {
    sizeBytes += part.length;
    if (sizeBytes > MAX_STATE_FILE_BYTES) {
      throw new ClientError('too-long', 'the state file is too long to be read', { limit: MAX_STATE_FILE_BYTES });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Gives the node a state file of one node. @returns the id of the snapshot that it is there. Throws {@link ClientError}. */
export async function uploadSnapshot(node: AskedNode, file: Uint8Array): Promise<string> {
  const response = await request(node, '/snapshots', { method: 'POST', body: Buffer.from(file) });
  const answer: unknown = await response.json().catch(() => null);
  if (isObject(answer) && typeof answer.id === 'string') return answer.id;
  throw new ClientError('not-a-node', `${node.url} answers, but not as a node does`);
}

async function request({ url, adminToken }: AskedNode, path: string, init: RequestInit): Promise<Response> {
  const headers = {
    ...(init.method === 'POST' ? { 'content-type': 'application/octet-stream' } : {}),
    ...(adminToken === null ? {} : { authorization: `Bearer ${adminToken}` }),
  };
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, { ...init, headers, redirect: 'error' });
  } catch (error) {
    throw new ClientError('unreachable', `${url} does not answer`, { cause: error });
  }
  if (response.ok) return response;
  throw refusalOf(url, response.status, await response.json().catch(() => null));
}

/** A node's answer has the form of the API's errors; that of anything else is no node's. */
function refusalOf(url: string, status: number, answer: unknown): ClientError {
  const [first] = isObject(answer) && Array.isArray(answer.errors) ? answer.errors : [];
  const { message, extensions } = isObject(first) ? first : {};
  const code = isObject(extensions) ? extensions.code : undefined;
  if (typeof message !== 'string' || typeof code !== 'string') {
    return new ClientError('not-a-node', `${url} answers, but not as a node does`, { answer: { status, text: '' } });
  }
  // A missing token is told as for every operation; what else is wrong is a refusal with reason and code.
  const details = code === 'FORBIDDEN' ? { code, apiErrors: [{ code, message }] } : { code };
  return new ClientError('failed', message, details);
}
