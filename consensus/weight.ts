/** Gas that weighs as much as a byte: to fill a block's gas costs what filling its bytes does. */
const GAS_PER_BYTE = 20;

/**
 * What fees pay for: the bytes of a transaction, and what its gas is worth in bytes. Policy, not consensus.
 * @param gas reserved; 0 for a transfer
 */
export function transactionWeight(sizeBytes: number, gas: number): number {
  return sizeBytes + Math.ceil(gas / GAS_PER_BYTE);
}
