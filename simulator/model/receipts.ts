import { sha256 } from '@noble/hashes/sha2.js';
import { hashToBytes } from '../../consensus/hash.ts';
import { concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import type { CallOutcome, ContractEvent } from './contract/world.ts';
import { hashTreeRoot } from './hash-tree.ts';
import { littleEndian } from './little-endian.ts';

/** What came of a transaction that executes a contract. */
export interface ModelReceipt {
  /** In display order. */
  readonly txid: string;
  /** Encoded. */
  readonly bytes: Uint8Array;
}

/** The receipt of a transaction that failed, which uses all the gas that it reserved. */
export function failedReceipt(gas: number): Uint8Array {
  return concatBytes(Uint8Array.of(0), littleEndian(gas, 4));
}

/** The receipt of one that did not. @param gasUsed by the whole transaction */
export function receiptOf({ result, events }: CallOutcome & { readonly ok: true }, gasUsed: number): Uint8Array {
  return concatBytes(
    Uint8Array.of(1),
    littleEndian(gasUsed, 4),
    littleEndian(result?.length ?? 0, 2),
    result ?? new Uint8Array(),
    Uint8Array.of(events.length),
    ...events.map(eventBytes),
  );
}

function eventBytes({ contract, name, values }: ContractEvent): Uint8Array {
  const nameBytes = utf8ToBytes(name);
  return concatBytes(
    hexToBytes(contract),
    Uint8Array.of(nameBytes.length),
    nameBytes,
    Uint8Array.of(values.length),
    ...values,
  );
}

/** What the state tree says of the receipts of its block; undefined where there are none. */
export function receiptsHashOf(receipts: readonly ModelReceipt[]): Uint8Array | undefined {
  if (receipts.length === 0) return undefined;
  const leaves = receipts.map(({ txid, bytes }) => sha256(concatBytes(Uint8Array.of(0), hashToBytes(txid), bytes)));
  const root = hashTreeRoot(leaves, (left, right) => sha256(concatBytes(Uint8Array.of(1), left, right)));
  return sha256(concatBytes(littleEndian(receipts.length, 4), root));
}
