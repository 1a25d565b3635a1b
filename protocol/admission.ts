import { feeAtRate, formatAmount } from '../consensus/amount.ts';
import { SourceError } from '../consensus/contract/source-error.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import type { RuleCode } from '../consensus/errors.ts';
import { bytesToHex } from '../consensus/hex.ts';
import { sha256 } from '../consensus/sha256.ts';
import type { Account } from '../consensus/state.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { weightOf } from '../consensus/weight.ts';
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
  /** In base units per 1,000 units of weight; what the mempool asks for now. */
  readonly minimumFeePerKilobyte: bigint;
}

/**
 * Whether the mempool takes a transaction whose bytes and signature have been checked. Null: it does; else why not. Nothing is
 * executed: only an account's own transactions lower its balance, each by no more than amount and fee.
 */
export function checkAdmission(transaction: SignedTransaction, context: AdmissionContext): Refusal | null {
  return checkAgainstAccount(transaction, context.account) ?? checkPolicy(transaction, context);
}

/**
 * Whether the source of a deploy compiles; else its fee would be paid for nothing. To be asked last, of those whose signature is
 * valid and whose fee suffices: a long source that the host does not remember takes milliseconds.
 */
export function checkSource(transaction: SignedTransaction, host: ContractHost): Refusal | null {
  if (transaction.kind !== 'deploy') return null;
  const { source } = transaction;
  const program = host.compile(bytesToHex(sha256(source)), source);
  if (!(program instanceof SourceError)) return null;
  return refuse('source-does-not-compile', program.message);
}

/** The rules of consensus that depend on the account, as far as they can be judged before the block is known. */
function checkAgainstAccount(transaction: SignedTransaction, account: Account): Refusal | null {
  if (account.contract !== undefined) {
    return refuse('sender-is-contract', `${transaction.sender} is a contract, and sends nothing`);
  }
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
  const needed = feeAtRate(weightOf(transaction), minimum);
  if (transaction.fee < needed) {
    return refuse(
      'fee-too-low',
      `the fee is ${formatAmount(transaction.fee)}, at least ${formatAmount(needed)} is needed for ${sizeWords(transaction)}`,
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

function sizeWords(transaction: SignedTransaction): string {
  const bytes = `${transaction.raw.length} bytes`;
  if (transaction.kind === 'transfer') return bytes;
  return `${bytes} and ${transaction.gas} gas, a weight of ${weightOf(transaction)}`;
}

function refuse(
  code: PolicyCode | Extract<RuleCode, 'sender-is-contract' | 'wrong-nonce' | 'insufficient-balance'>,
  message: string,
): Refusal {
  return { code, message };
}
