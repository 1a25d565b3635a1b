import type { Address } from '../consensus/address.ts';
import type { Hash } from '../consensus/hash.ts';
import type { MiningSolution, OfferedJob, OfferedSolution } from './mining-job.ts';
import type { NodeMemory } from './node-memory.ts';

/** Identifies one connection; chosen by the driver, never reused. */
export type PeerId = string;

/** Identifies one request of a local caller; exactly one `reply` effect answers it. */
export type RequestId = number;

export type MiningMode = 'off' | 'continuous' | 'on-transaction' | 'interval';

/** Everything that can happen to a node. */
export type NodeEvent =
  /** First event: storage is loaded; timers, dialling and mining may begin. */
  /**
   * `peers` are canonical URLs to stay connected to, besides those of the configuration; `memory` is what a node had beside
   * this store when it was copied.
   */
  | { readonly type: 'start'; readonly peers?: readonly string[]; readonly memory?: NodeMemory }
  | {
      readonly type: 'peer-connected';
      readonly peer: PeerId;
      readonly direction: 'inbound' | 'outbound';
      /** The URL dialled, or for an inbound connection the remote `host:port`. */
      readonly address: string;
      /** Host part of the remote end, for limits and discouragement. */
      readonly host: string;
      readonly loopback: boolean;
    }
  /** One whole binary frame. */
  | { readonly type: 'peer-message'; readonly peer: PeerId; readonly bytes: Uint8Array }
  /** The transport saw something that no frame may be (text, oversize); the peer is at fault. */
  | { readonly type: 'peer-fault'; readonly peer: PeerId; readonly reason: string }
  /** Unsent bytes rose above, or fell back below, the amount at which serving pauses. */
  | { readonly type: 'peer-backlog'; readonly peer: PeerId; readonly congested: boolean }
  | { readonly type: 'peer-closed'; readonly peer: PeerId; readonly reason: string }
  | { readonly type: 'dial-failed'; readonly url: string; readonly reason: string }
  /** Local discovery found a node of this network. */
  | { readonly type: 'address-discovered'; readonly url: string }
  | { readonly type: 'address-gone'; readonly url: string }
  /** The operator lets messages through to the node at this URL again. */
  | { readonly type: 'link-reopened'; readonly url: string }
  /** The time asked for by the last `set-timer` has come. */
  | { readonly type: 'timer' }
  /** Answer to a `continue` effect. */
  | { readonly type: 'continue' }
  /** Answer to a `verify` effect; `valid[i]` belongs to `checks[i]`. */
  | { readonly type: 'verified'; readonly id: number; readonly valid: readonly boolean[] }
  | { readonly type: 'mined'; readonly solution: MiningSolution }
  /** Mining programs outside of the node want jobs that pay these, at most `MAX_PAYEES`; the list before is void. */
  | { readonly type: 'set-payees'; readonly payees: readonly Address[] }
  /** One of them solved a job. What the host hands on meets the target, and the bounds of the job. */
  | { readonly type: 'offered-job-solved'; readonly job: OfferedJob; readonly solution: OfferedSolution }
  | { readonly type: 'submit'; readonly request: RequestId; readonly raw: Uint8Array }
  | {
      readonly type: 'mine';
      readonly request: RequestId;
      readonly count: number;
      readonly recipient: Address | null;
      /**
       * What the first block holds, in this order; the following ones are empty. Null: what pays the most. Needs development
       * controls.
       */
      readonly transactions: readonly Hash[] | null;
      /**
       * What the first block is mined on; each following one is mined on the one before it, on the active chain or not. Null: on
       * the tip. Needs development controls.
       */
      readonly parent: Hash | null;
    }
  /** The caller of `mine` went away. */
  | { readonly type: 'mine-cancelled'; readonly request: RequestId }
  | {
      readonly type: 'set-mining';
      readonly request: RequestId;
      readonly mode: MiningMode;
      /** Null: as it was. */
      readonly threads: number | null;
      readonly intervalMs: number | null;
      /** Hashes per second in all; null: as it was, 0: none. */
      readonly hashrateLimit: number | null;
      readonly recipient: Address | null;
    }
  /** The next block that is mined here gets exactly this time. Needs development controls. */
  | { readonly type: 'set-next-block-time'; readonly request: RequestId; readonly timeSeconds: number }
  /** A pending transaction leaves the mempool. Needs development controls. */
  | { readonly type: 'drop-transaction'; readonly request: RequestId; readonly txid: Hash }
  | { readonly type: 'connect-peer'; readonly request: RequestId; readonly url: string }
  | { readonly type: 'disconnect-peer'; readonly request: RequestId; readonly peer: PeerId }
  | { readonly type: 'invalidate-block'; readonly request: RequestId; readonly blockHash: Hash }
  | { readonly type: 'reconsider-block'; readonly request: RequestId; readonly blockHash: Hash }
  /** The operator has moved the wall clock. */
  | { readonly type: 'clock-moved' }
  /** Clean stop: say goodbye to peers, cancel mining. */
  | { readonly type: 'stop' };
