import type { ServerResponse } from 'node:http';
import type { SyncView, SyncWaiting } from '../../protocol/node-view.ts';
import { errorBody, errorCodeOf } from './error-body.ts';

/** Blocks behind its best known height at which a node still counts as ready: two may arrive while one is connected. */
const MAX_READY_LAG_BLOCKS = 2;

export type Readiness =
  | {
      readonly ready: true;
      /** Why synchronization has stalled, if it has. */
      readonly stalled?: SyncWaiting['reason'];
    }
  | { readonly ready: false; readonly reason: string };

/**
 * Whether a node is ready for requests: it has started, is not stopping, and has caught up with all available blocks.
 * Bodies that no peer delivers do not count, nor do heights that peers merely claim: otherwise any peer could make a node
 * appear not ready. Headers with proven work count while their bodies may still arrive.
 */
export function readinessOf(life: 'starting' | 'running' | 'stopping', sync: SyncView): Readiness {
  if (life !== 'running') return { ready: false, reason: life };
  if (sync.state === 'stalled' && sync.waiting) return { ready: true, stalled: sync.waiting.reason };
  const lag = sync.provenHeight - sync.height;
  if (lag > MAX_READY_LAG_BLOCKS) {
    return { ready: false, reason: `syncing: at height ${sync.height} of ${sync.provenHeight}` };
  }
  return { ready: true };
}

/** Answers `/healthz`: the process is alive and its event loop runs. */
export function sendHealth(response: ServerResponse): void {
  sendJson(response, 200, { status: 'ok' });
}

/** Answers `/readyz`: 503 with the reason until the node is ready. */
export function sendReadiness(response: ServerResponse, readiness: Readiness): void {
  sendJson(response, readiness.ready ? 200 : 503, readiness);
}

/** Answers API requests while the node starts or stops: an error with a code, like those of the API. */
export function sendUnavailable(response: ServerResponse, readiness: Readiness): void {
  const reason = readiness.ready ? 'shutting down' : readiness.reason;
  sendError(response, 503, `the node is not ready: ${reason}`);
}

/** Ends a response with an error. */
export function sendError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, errorBody(message, errorCodeOf(status)));
}

/** Ends a response with a JSON body. */
function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
