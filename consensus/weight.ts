import type { SignedTransaction } from './transaction.ts';

/** Gas that weighs as much as a byte: to fill a block's gas costs what filling its bytes does. */
const GAS_PER_BYTE = 20;

/**
 * What fees pay for: the bytes of a transaction, and what its gas is worth in bytes. Policy, not consensus.
 * @param gas reserved; 0 for a transfer
 */
export function transactionWeight(sizeBytes: number, gas: number): number {
  return sizeBytes + Math.ceil(gas / GAS_PER_BYTE);
}

/** {@link transactionWeight} of a transaction. A transfer weighs its bytes. */
export function weightOf(transaction: SignedTransaction): number {
  return transactionWeight(transaction.raw.length, gasOf(transaction));
}

/** The gas that a transaction reserves; a transfer none. */
export function gasOf(transaction: SignedTransaction): number {
  return transaction.kind === 'transfer' ? 0 : transaction.gas;
}
