import { MAX_BLOCK_GAS } from '../consensus/contract/limits.ts';
import type { RuleCode } from '../consensus/errors.ts';

/** Limits of the mempool: local choices that no other node needs to share. */

/** Executable transactions in all. When full, the lowest fee rate goes and the minimum rises. */
export const MAX_READY = 5_120;
/** Their bytes: those of eight full blocks, four times what as many transfers can have. At the limit as above. */
export const MAX_READY_BYTES = 8_000_000;
/** The gas that they reserve: that of sixteen full blocks. At the limit as above, among those that reserve any. */
export const MAX_READY_GAS = 16 * MAX_BLOCK_GAS;
/** Transactions that wait for an earlier nonce or for balance, in all. When full, the lowest fee rate among them goes. */
export const MAX_QUEUED = 1_024;
/** Their bytes, and the gas that they reserve. At the limits as above. */
export const MAX_QUEUED_BYTES = 2_000_000;
export const MAX_QUEUED_GAS = 4 * MAX_BLOCK_GAS;
/** Transactions that the mempool can hold, and their bytes. */
export const MAX_PENDING = MAX_READY + MAX_QUEUED;
export const MAX_PENDING_BYTES = MAX_READY_BYTES + MAX_QUEUED_BYTES;
/** Executable transactions of one account; further ones wait in its queue. */
export const MAX_READY_PER_ACCOUNT = 16;
/** Waiting transactions of one account; further ones are refused. */
export const MAX_QUEUED_PER_ACCOUNT = 64;
/** Base units per 1,000 units of weight that a transaction must always pay: 1 for each, so that a transfer pays 1 a byte. */
export const BASE_FEE_PER_KILOBYTE = 1_000n;
/** A replacement (same sender and nonce) pays at least this share more than what it replaces. */
export const REPLACEMENT_PERCENT = 10n;
/** A transaction that was not mined within this time is dropped, with those that build on it. */
export const EXPIRY_MS = 3 * 60 * 60 * 1000;
/** Time in which a raised minimum fee rate falls by half. */
export const MINIMUM_FEE_HALF_LIFE_MS = 10 * 60 * 1000;
/** Dropped transactions whose reason is remembered; the oldest are forgotten first. */
export const MAX_REMEMBERED_DROPS = 10_000;
/** Bytes of those transactions. At the limit as above. */
export const MAX_REMEMBERED_DROP_BYTES = 8_000_000;

/** Why the mempool refuses what consensus would allow. Never held against a peer. */
export const POLICIES = {
  'fee-too-low': 'The fee for the weight is below the current minimum.',
  'replacement-fee-too-low': `Another pending transaction has this sender and nonce, and a replacement must pay ${REPLACEMENT_PERCENT} % more.`,
  'nonce-too-far': 'The nonce is further ahead of the account than the queue holds.',
  'account-queue-full': 'The account has as many waiting transactions as are kept.',
  'mempool-full': 'The mempool is full of transactions that pay a higher fee rate.',
  'source-does-not-compile': 'The source of a contract has a fault: the fee would be paid for nothing.',
  'is-coinbase': 'A coinbase is made by mining, and cannot be submitted.',
} as const satisfies Record<string, string>;

export type PolicyCode = keyof typeof POLICIES;

/** A refusal of the mempool: a rule of consensus that the transaction breaks now, or a policy. */
export interface Refusal {
  readonly code: RuleCode | PolicyCode;
  readonly message: string;
}
