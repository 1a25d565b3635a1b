import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Network } from '../../consensus/genesis.ts';
import { controlsRefusal } from '../../protocol/controls.ts';
import { NEEDS_TOKEN } from '../graphql/require-control.ts';
import { errorBody } from '../http/error-body.ts';
import type { Caller } from '../http/guard.ts';
import { SNAPSHOTS_PATH } from '../http/http-server.ts';
import type { DevelopmentControls } from '../node/development-controls.ts';
import type { VerifySignatures } from '../store/verify-signatures.ts';
import { decodeStateFile, encodeStateFile, MAX_STATE_FILE_BYTES, StateFileError } from './state-file.ts';
import { verifiedStates } from './verified-state.ts';

const STATE_FILE_TYPE = 'application/octet-stream';

export interface SnapshotRoutesOptions {
  readonly params: Network;
  readonly controls: DevelopmentControls;
  readonly verify: VerifySignatures;
  /** Largest file that is sent or taken; default `MAX_STATE_FILE_BYTES`. */
  readonly maxFileBytes?: number;
  /** Whether this caller may control the node; `authorization` is its header. */
  mayControl(caller: Caller, authorization: string | null): boolean;
}

/** Downloads and uploads of snapshots as state files. Requests must have passed the guard. */
export class SnapshotRoutes {
  readonly #options: SnapshotRoutesOptions;
  readonly #maxFileBytes: number;
  /** Uploads are held in memory: one at a time. */
  #isUploading = false;

  constructor(options: SnapshotRoutesOptions) {
    this.#options = options;
    this.#maxFileBytes = options.maxFileBytes ?? MAX_STATE_FILE_BYTES;
  }

  async handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const { params, mayControl } = this.#options;
    if (!mayControl(caller, request.headers.authorization ?? null))
      return answerError(response, 403, 'FORBIDDEN', NEEDS_TOKEN);
    const refusal = controlsRefusal(params);
    if (refusal) return answerError(response, 403, refusal.code, refusal.message);
    const id = request.url?.split('?', 1)[0]?.slice(SNAPSHOTS_PATH.length + 1) ?? '';
    if (request.method === 'POST' && id === '') return this.#upload(request, response);
    if (request.method === 'GET' && id !== '') return this.#download(response, id);
    const message = `download with GET ${SNAPSHOTS_PATH}/ID, upload with POST ${SNAPSHOTS_PATH}`;
    return answerError(response, 405, 'BAD_REQUEST', message);
  }

  #download(response: ServerResponse, id: string): void {
    const snapshot = this.#options.controls.snapshot(id);
    if (!snapshot) return answerError(response, 404, 'unknown-snapshot', 'this node has no snapshot of this id');
    try {
      const file = encodeStateFile(this.#options.params, [snapshot.state], this.#maxFileBytes);
      response.writeHead(200, { 'Content-Type': STATE_FILE_TYPE, 'Content-Length': file.length }).end(file);
    } catch (error) {
      if (!(error instanceof StateFileError)) throw error;
      answerError(response, 413, error.code, error.message);
    }
  }

  async #upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#isUploading) return answerError(response, 503, 'busy', 'another snapshot is being uploaded; try again');
    this.#isUploading = true;
    try {
      const body = await bodyOf(request, this.#maxFileBytes);
      if (!body) {
        const message = `a state file has at most ${this.#maxFileBytes} bytes`;
        response.setHeader('Connection', 'close');
        return answerError(response, 413, 'REQUEST_ENTITY_TOO_LARGE', message);
      }
      const { params, controls, verify } = this.#options;
      const [state, ...others] = await verifiedStates(oneOf(decodeStateFile(body)), params, verify);
      if (!state || others.length > 0) throw new StateFileError('it holds no single state');
      const outcome = controls.keep(state);
      if (!outcome.ok) return answerError(response, 409, outcome.code, outcome.message);
      response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify({ id: outcome.value.id }));
    } catch (error) {
      if (!(error instanceof StateFileError)) throw error;
      answerError(response, 400, error.code, `the state file cannot be used: ${error.message}`);
    } finally {
      this.#isUploading = false;
    }
  }
}

function oneOf(file: ReturnType<typeof decodeStateFile>): ReturnType<typeof decodeStateFile> {
  const count = file.states.length;
  if (count === 1) return file;
  throw new StateFileError(`it holds the states of ${count} nodes: upload each by itself to its node`);
}

/** Null where it is too large. The rest is then not read. */
async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answerError(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(errorBody(message, code)));
}
