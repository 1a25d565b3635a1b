import {
  type Address,
  AddressError,
  type AddressProblem,
  formatAddress,
  parseAddress,
} from '../../consensus/address.ts';
import { AmountError, type AmountProblem, feeAtRate, parseAmount } from '../../consensus/amount.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { defaultFee, MAX_UNTYPED_FEE } from '../../consensus/spending-rules.ts';
import { MAX_MEMO_BYTES, transferBytes } from '../../consensus/transaction.ts';
import type { NamedAccount } from './dev-accounts.ts';

/** What was typed. */
export interface DraftInput {
  readonly recipient: string;
  readonly amount: string;
  /** Empty: the usual one, see `defaultFee`. */
  readonly fee: string;
  readonly memo: string;
}

/** What the node says of the sender, and of what it takes. */
export interface DraftContext {
  readonly addressPrefix: string;
  /** Development accounts whose names are addresses here. */
  readonly named: readonly NamedAccount[];
  /** Base units that can be spent now, behind what is pending; null while nobody has said. */
  readonly spendable: bigint | null;
  /** Base units for each 1,000 bytes. */
  readonly minimumFeeRate: bigint;
  /** Base units that it takes at least to replace a pending one; 0 where none is replaced. */
  readonly replacementFee: bigint;
}

/** What is wrong with what was typed; null for what is right or not typed yet. */
export interface DraftProblems {
  readonly recipient: AddressProblem | null;
  readonly amount: AmountProblem | 'more-than-there-is' | null;
  /** `high-minimum`: the node's minimum is so high that the fee has to be typed. */
  readonly fee: AmountProblem | 'below-minimum' | 'high-minimum' | null;
  readonly memo: 'too-long' | null;
}

/** A transfer that can be signed, but for its nonce. */
export interface Draft {
  readonly recipient: Address;
  /** Base units. */
  readonly amount: bigint;
  /** Base units. */
  readonly fee: bigint;
  readonly memo: Uint8Array;
}

export interface CheckedDraft {
  readonly problems: DraftProblems;
  /** Null while something is missing or wrong. */
  readonly draft: Draft | null;
  /** The least fee for it that the node takes, in base units. */
  readonly leastFee: bigint;
  /** The fee where none is typed, in base units. */
  readonly usualFee: bigint;
  /** Bytes of the memo as UTF-8. */
  readonly memoBytes: number;
  /** As people see it, once it can be read. */
  readonly recipientAddress: string | null;
}

/** Checks what was typed, as far as it goes. */
export function checkDraft(input: DraftInput, context: DraftContext): CheckedDraft {
  const memo = utf8ToBytes(input.memo);
  const leastFee = larger(feeAtRate(transferBytes(memo.length), context.minimumFeeRate), context.replacementFee);
  const recipient = readRecipient(input.recipient.trim(), context);
  const amount = readAmount(input.amount.trim());
  const usualFee = larger(defaultFee(context.minimumFeeRate, transferBytes(memo.length)), context.replacementFee);
  const isFeeTyped = input.fee.trim() !== '';
  const fee = isFeeTyped ? readAmount(input.fee.trim()) : usualFee;
  const total = typeof amount === 'bigint' && typeof fee === 'bigint' ? amount + fee : null;
  const isTooMuch = total !== null && context.spendable !== null && total > context.spendable;
  const problems: DraftProblems = {
    recipient: typeof recipient === 'object' && recipient !== null ? recipient.problem : null,
    amount: isTooMuch ? 'more-than-there-is' : problemOf(amount),
    fee: !isFeeTyped && usualFee > MAX_UNTYPED_FEE ? 'high-minimum' : feeProblem(fee, leastFee),
    memo: memo.length > MAX_MEMO_BYTES ? 'too-long' : null,
  };
  const isRight = Object.values(problems).every((problem) => problem === null);
  const draft =
    isRight && typeof recipient === 'string' && typeof amount === 'bigint' && typeof fee === 'bigint'
      ? { recipient, amount, fee, memo }
      : null;
  return {
    problems,
    draft,
    leastFee,
    usualFee,
    memoBytes: memo.length,
    recipientAddress: typeof recipient === 'string' ? formatAddress(recipient, context.addressPrefix) : null,
  };
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** A value, what is wrong with it, or null where nothing was typed. */
export type Reading<Value, Problem> = Value | { readonly problem: Problem } | null;

function readRecipient(text: string, { addressPrefix, named }: DraftContext): Reading<Address, AddressProblem> {
  if (text === '') return null;
  const account = named.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  try {
    return parseAddress(account?.address ?? text, addressPrefix);
  } catch (error) {
    if (error instanceof AddressError) return { problem: error.problem };
    throw error;
  }
}

/** Coins that were typed, in base units. */
export function readAmount(text: string): Reading<bigint, AmountProblem> {
  if (text === '') return null;
  try {
    return parseAmount(text);
  } catch (error) {
    if (error instanceof AmountError) return { problem: error.problem };
    throw error;
  }
}

function feeProblem(fee: Reading<bigint, AmountProblem>, leastFee: bigint): DraftProblems['fee'] {
  return typeof fee === 'bigint' && fee < leastFee ? 'below-minimum' : problemOf(fee);
}

function problemOf(reading: Reading<bigint, AmountProblem>): AmountProblem | null {
  return typeof reading === 'object' && reading !== null ? reading.problem : null;
}
