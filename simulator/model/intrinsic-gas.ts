import type { SignedTransaction } from '../../consensus/transaction.ts';

const BYTE_GAS = 1;
const SOURCE_BYTE_GAS = 20;
/** Bytes that every source counts more. */
const SOURCE_EXTRA_BYTES = 200;

/** One that executes a contract. */
export type ContractTransaction = Exclude<SignedTransaction, { readonly kind: 'transfer' }>;

/** Gas that a transaction uses before anything runs. */
export function intrinsicGas(transaction: ContractTransaction): number {
  const gas = BYTE_GAS * transaction.raw.length;
  return transaction.kind === 'call' ? gas : gas + SOURCE_BYTE_GAS * (transaction.source.length + SOURCE_EXTRA_BYTES);
}
