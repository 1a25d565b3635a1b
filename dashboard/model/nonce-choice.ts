import { parseAmount } from '../../consensus/amount.ts';
import { MAX_READY_PER_ACCOUNT } from './next-blocks.ts';
import type { TransactionRecord } from './records.ts';
import type { AccountNonces } from './waiting.ts';

/** Transactions of one account that a node keeps behind those that are ready; further ones are refused. */
export const MAX_QUEUED_PER_ACCOUNT = 64;
/** A replacement pays at least this share more than what it replaces, in percent. */
export const REPLACEMENT_PERCENT = 10n;

const PERCENT = 100n;

/** What a nonce that was typed means for the transfer. */
export type NonceChoice =
  /** Nothing was typed, or the account is not known yet: the next one is taken. */
  | { readonly kind: 'next' }
  | { readonly kind: 'wrong'; readonly problem: NonceProblem }
  /** The same as the next one. */
  | { readonly kind: 'free'; readonly nonce: bigint }
  /** It has to wait until there is a transfer with the nonce that is missing. */
  | { readonly kind: 'ahead'; readonly nonce: bigint; readonly missing: bigint }
  /** It takes the place of one that is pending, which frees what that one takes. Sums are in base units. */
  | {
      readonly kind: 'replaces';
      readonly nonce: bigint;
      readonly replaced: TransactionRecord;
      readonly leastFee: bigint;
      readonly freed: bigint;
    };

/** `used`: a transfer with it is confirmed; `too-far`: further ahead than nodes keep. */
export type NonceProblem = 'not-a-number' | 'used' | 'too-far';

/**
 * Reads the nonce that was typed.
 * @param pending what waits of the sender on the node that will be asked
 */
export function chooseNonce(
  text: string,
  account: AccountNonces | null,
  pending: readonly TransactionRecord[],
): NonceChoice {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'next' };
  if (!/^\d{1,20}$/.test(trimmed)) return { kind: 'wrong', problem: 'not-a-number' };
  if (account === null) return { kind: 'next' };
  const nonce = BigInt(trimmed);
  if (nonce < account.nonce) return { kind: 'wrong', problem: 'used' };
  const replaced = pending.find((each) => each.nonce === nonce);
  if (replaced) {
    const fee = parseAmount(replaced.fee);
    const leastFee = (fee * (PERCENT + REPLACEMENT_PERCENT) + PERCENT - 1n) / PERCENT;
    return { kind: 'replaces', nonce, replaced, leastFee, freed: parseAmount(replaced.amount) + fee };
  }
  if (nonce >= account.nonce + BigInt(MAX_READY_PER_ACCOUNT + MAX_QUEUED_PER_ACCOUNT)) {
    return { kind: 'wrong', problem: 'too-far' };
  }
  return nonce > account.pendingNonce
    ? { kind: 'ahead', nonce, missing: account.pendingNonce }
    : { kind: 'free', nonce };
}
