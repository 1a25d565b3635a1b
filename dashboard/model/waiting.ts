import { MAX_READY_PER_ACCOUNT } from './next-blocks.ts';

/** Why a pending transaction is queued, and not ready for the next block. */
export type QueueReason =
  /** An earlier transfer of its sender has not been seen. */
  | { readonly kind: 'nonce'; readonly missing: bigint }
  /** Its sender has as many ready as a node takes; it is ready when a block confirms some. */
  | { readonly kind: 'room' }
  /** Its sender cannot pay for it behind what is ready. */
  | { readonly kind: 'money' };

/** What a node says of an account. */
export interface AccountNonces {
  /** Of its next transfer to be confirmed. */
  readonly nonce: bigint;
  /** The first one that no pending transfer has. */
  readonly pendingNonce: bigint;
}

/** Why a queued transfer with this nonce waits. */
export function queueReason(nonce: bigint, { nonce: next, pendingNonce }: AccountNonces): QueueReason {
  if (nonce > pendingNonce) return { kind: 'nonce', missing: pendingNonce };
  return nonce >= next + BigInt(MAX_READY_PER_ACCOUNT) ? { kind: 'room' } : { kind: 'money' };
}
