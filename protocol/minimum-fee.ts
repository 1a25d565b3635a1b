import { MAX_AMOUNT } from '../consensus/amount.ts';
import { type SignedTransaction, TRANSFER_FIXED_BYTES } from '../consensus/transaction.ts';
import { weightOf } from '../consensus/weight.ts';
import type { NodeMemory } from './node-memory.ts';
import { BASE_FEE_PER_KILOBYTE, MINIMUM_FEE_HALF_LIFE_MS } from './policy.ts';

/** Units of weight that rates are given for. */
const RATE_WEIGHT = 1_000n;
/** After so many halvings nothing is left of any amount. */
const MAX_HALVINGS = 64n;

/** The highest minimum fee rate that can be: just above that of the lightest transaction, a transfer, with the largest fee. */
export const MAX_FEE_PER_KILOBYTE = rateAbove(MAX_AMOUNT, TRANSFER_FIXED_BYTES);

/** The lowest fee rate above that of a transaction, in base units per 1,000 units of weight. */
export function feeToOutbid(transaction: SignedTransaction): bigint {
  return rateAbove(transaction.fee, weightOf(transaction));
}

function rateAbove(fee: bigint, weight: number): bigint {
  return (fee * RATE_WEIGHT) / BigInt(weight) + 1n;
}

/** The fee rate that a transaction must pay now, in base units per 1,000 units of weight: what was raised falls by half again and again. */
export function minimumFeePerKilobyte({ perKilobyte, ageMs }: NodeMemory['raisedFee']): bigint {
  const halvings = BigInt(Math.floor(Math.max(0, ageMs) / MINIMUM_FEE_HALF_LIFE_MS));
  const raised = perKilobyte >> (halvings > MAX_HALVINGS ? MAX_HALVINGS : halvings);
  return raised > BASE_FEE_PER_KILOBYTE ? raised : BASE_FEE_PER_KILOBYTE;
}
