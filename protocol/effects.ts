import type { Hash } from '../consensus/hash.ts';
import type { SignatureCheck } from '../consensus/signature.ts';
import type { PeerId, RequestId } from './events.ts';
import type { MiningJob, OfferedJob } from './mining-job.ts';
import type { Notice } from './notices.ts';
import type { StoreWrite } from './store-writes.ts';

/** The answer to a local caller: a value, or a code of the core's vocabulary with a sentence for people. */
export type Reply =
  | { readonly ok: true; readonly value: ReplyValue }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      /** Of a request to mine: the blocks that were mined for the caller before it failed. */
      readonly blockHashes?: readonly Hash[];
    };

export type ReplyValue =
  | { readonly kind: 'done' }
  /** The transaction is durable and pending. */
  | { readonly kind: 'accepted'; readonly txid: Hash }
  /** These blocks were mined for the caller and are durable, in order. */
  | { readonly kind: 'mined'; readonly blockHashes: readonly Hash[] }
  | { readonly kind: 'connected'; readonly peer: PeerId };

/**
 * Everything that a node can ask of its surroundings. Effects of one array are performed in order; those of one event
 * before those of the next. `persist` is visible to the chain reader at once, and whatever stands behind it (replies,
 * messages, notices) leaves the node only after it is durable. A question to a peer need not wait for that.
 */
export type Effect =
  | { readonly type: 'persist'; readonly writes: readonly StoreWrite[] }
  /** One binary frame. The same array may be sent to many peers. */
  | {
      readonly type: 'send';
      readonly peer: PeerId;
      readonly bytes: Uint8Array;
      /** Asks something and tells nothing, so that nothing has to be durable before it. */
      readonly isQuestion: boolean;
    }
  | { readonly type: 'dial'; readonly url: string }
  /** Sends what is queued, then closes. `code` is the WebSocket close code. */
  | { readonly type: 'disconnect'; readonly peer: PeerId; readonly code: number; readonly reason: string }
  | { readonly type: 'verify'; readonly id: number; readonly checks: readonly SignatureCheck[] }
  /** Replaces whatever was being mined. */
  | { readonly type: 'start-mining'; readonly job: MiningJob }
  | { readonly type: 'cancel-mining' }
  /** For mining programs outside of the node that mine for its recipient, beside the earlier jobs. */
  | { readonly type: 'offer-job'; readonly job: OfferedJob }
  /** All offered jobs are stale: nobody needs their solutions any more. */
  | { readonly type: 'withdraw-jobs' }
  | { readonly type: 'configure-mining'; readonly threads: number; readonly hashrateLimit: number }
  /** Wakes the core once, at `atMonotonicMs`; replaces the earlier one. Null: never. */
  | { readonly type: 'set-timer'; readonly atMonotonicMs: number | null }
  /** Asks for a `continue` event behind the events that wait: long work is split here. */
  | { readonly type: 'continue' }
  | { readonly type: 'reply'; readonly request: RequestId; readonly reply: Reply }
  | { readonly type: 'publish'; readonly notice: Notice }
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn';
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number>>;
    };
