import { formatAmount } from '../consensus/amount.ts';
import type { RuleCode } from '../consensus/errors.ts';
import type { Account } from '../consensus/state.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { type AccountQueue, costOf } from './account-queue.ts';
import {
  MAX_QUEUED_PER_ACCOUNT,
  MAX_READY_PER_ACCOUNT,
  type PolicyCode,
  REPLACEMENT_PERCENT,
  type Refusal,
} from './policy.ts';

/** What decides whether a transaction is admitted. */
interface AdmissionContext {
  /** The sender's account at the tip. */
  readonly account: Account;
  /** The sender's pending transactions. */
  readonly queue: AccountQueue;
  /** In base units; what the mempool asks for now. */
  readonly minimumFeePerKilobyte: bigint;
}

/** Whether the mempool takes a transaction whose bytes and signature have been checked. Null: it does; else why not. */
export function checkAdmission(transaction: SignedTransaction, context: AdmissionContext): Refusal | null {
  return checkAgainstAccount(transaction, context.account) ?? checkPolicy(transaction, context);
}

/** The rules of consensus that depend on the account, as far as they can be judged before the block is known. */
function checkAgainstAccount(transaction: SignedTransaction, account: Account): Refusal | null {
  if (transaction.nonce < account.nonce) {
    return refuse('wrong-nonce', `nonce ${transaction.nonce} was used already, the account's next is ${account.nonce}`);
  }
  if (costOf(transaction) > account.balance) {
    const message = `amount and fee are ${formatAmount(costOf(transaction))}, the account has ${formatAmount(account.balance)}`;
    return refuse('insufficient-balance', message);
  }
  return null;
}

function checkPolicy(
  transaction: SignedTransaction,
  { account, queue, minimumFeePerKilobyte: minimum }: AdmissionContext,
): Refusal | null {
  if (transaction.fee * 1_000n < minimum * BigInt(transaction.raw.length)) {
    const needed = (minimum * BigInt(transaction.raw.length) + 999n) / 1_000n;
    return refuse(
      'fee-too-low',
      `the fee is ${formatAmount(transaction.fee)}, at least ${formatAmount(needed)} is needed for ${transaction.raw.length} bytes`,
    );
  }
  const ahead = transaction.nonce - account.nonce;
  const farthest = BigInt(MAX_READY_PER_ACCOUNT + MAX_QUEUED_PER_ACCOUNT);
  if (ahead >= farthest) {
    return refuse(
      'nonce-too-far',
      `nonce ${transaction.nonce} is ${ahead} ahead of the account, at most ${farthest - 1n} are kept`,
    );
  }
  const replaced = queue.at(transaction.nonce);
  if (replaced && transaction.fee * 100n < replaced.transaction.fee * (100n + REPLACEMENT_PERCENT)) {
    const needed = (replaced.transaction.fee * (100n + REPLACEMENT_PERCENT) + 99n) / 100n;
    return refuse(
      'replacement-fee-too-low',
      `replacing ${replaced.transaction.txid} needs a fee of at least ${formatAmount(needed)}`,
    );
  }
  const spent = queue.readyCostBefore(transaction.nonce);
  if (spent + costOf(transaction) > account.balance) {
    return refuse(
      'insufficient-balance',
      `amount and fee are ${formatAmount(costOf(transaction))}, the account has ${formatAmount(account.balance)}` +
        (spent > 0n ? `, of which ${formatAmount(spent)} is spent by pending transactions` : ''),
    );
  }
  const becomesReady =
    transaction.nonce === account.nonce + BigInt(queue.readyCount) && queue.readyCount < MAX_READY_PER_ACCOUNT;
  if (!replaced && !becomesReady && queue.queuedCount >= MAX_QUEUED_PER_ACCOUNT) {
    return refuse(
      'account-queue-full',
      `the account has ${queue.queuedCount} waiting transactions, at most ${MAX_QUEUED_PER_ACCOUNT} are kept`,
    );
  }
  return null;
}

function refuse(
  code: PolicyCode | Extract<RuleCode, 'wrong-nonce' | 'insufficient-balance'>,
  message: string,
): Refusal {
  return { code, message };
}
