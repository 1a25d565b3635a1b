import type { ServerResponse } from 'node:http';
import type { SyncView, SyncWaiting } from '../../protocol/node-view.ts';
import { errorBody, errorCodeOf } from './error-body.ts';

/** Blocks behind the best height it knows at which a node still serves: two may come while one is connected. */
const MAX_READY_LAG_BLOCKS = 2;

export type Readiness =
  | {
      readonly ready: true;
      /** Why it does not get further, where it has stalled. */
      readonly stalled?: SyncWaiting['reason'];
    }
  | { readonly ready: false; readonly reason: string };

/**
 * Whether a node should be sent work: it has started, is not stopping, and has caught up with all that it can get. Bodies
 * that nobody gives are no reason to wait, nor are heights that peers merely claim: else any peer could say that a node is
 * not ready. Headers that have shown their work are, for as long as their bodies may be on the way.
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

/** Answers `/healthz`: the process is alive and its loop turns. */
export function sendHealth(response: ServerResponse): void {
  sendJson(response, 200, { status: 'ok' });
}

/** Answers `/readyz`: 503 with the reason until the node is ready. */
export function sendReadiness(response: ServerResponse, readiness: Readiness): void {
  sendJson(response, readiness.ready ? 200 : 503, readiness);
}

/** Answers for the API while there is none: the node starts or stops. An error with a code, as the API's own are. */
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
