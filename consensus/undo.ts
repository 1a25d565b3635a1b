import { ByteReader, ByteWriter, DecodeError } from './codec.ts';
import { HASH_BYTES, type NodeHash } from './hash.ts';
import { bytesToHex, concatBytes, hexToBytes } from './hex.ts';
import type { AccountChanges, CodeHash, SlotChanges } from './state.ts';
import {
  encodeAccountChanges,
  encodeSlotChanges,
  readAccountChanges,
  readFlag,
  readSlotChanges,
} from './state-before.ts';

const ABSENT = 0;
const PRESENT = 1;

/** What reverts a block: the state root, and all that the block touched, as it was before it. */
export interface Undo {
  readonly stateRoot: NodeHash;
  readonly accounts: AccountChanges;
  readonly slots: SlotChanges;
  /** Sources that no contract had before the block. */
  readonly newCodes: readonly CodeHash[];
  /** What the state said of the receipts of the block before; null where there were none. */
  readonly receiptsHash: NodeHash | null;
}

/**
 * `stateRoot 32 | accounts`. Where the block or the one before it executed contracts, this follows:
 * `flag u8, with 1 receiptsHash 32 | codeCount u32 | codeHashes 32 | slots`. {@link encodeAccountChanges} and
 * {@link encodeSlotChanges} say what accounts and slots are.
 */
export function encodeUndo(undo: Undo): Uint8Array {
  const accounts = concatBytes(hexToBytes(undo.stateRoot), encodeAccountChanges(undo.accounts));
  return hasContracts(undo) ? concatBytes(accounts, encodeContracts(undo)) : accounts;
}

/** The inverse of {@link encodeUndo}. Throws `DecodeError`, also where addresses or paths are not in order. */
export function decodeUndo(bytes: Uint8Array): Undo {
  const reader = new ByteReader(bytes);
  const stateRoot = bytesToHex(reader.bytes(HASH_BYTES));
  const accounts = readAccountChanges(reader);
  if (reader.remaining === 0) return { stateRoot, accounts, slots: new Map(), newCodes: [], receiptsHash: null };
  const receiptsHash = readFlag(reader) ? bytesToHex(reader.bytes(HASH_BYTES)) : null;
  // One by one: an array of a length that nobody has checked would take its room before the bytes are missed.
  const newCodes: CodeHash[] = [];
  for (let left = reader.u32(); left > 0; left--) newCodes.push(bytesToHex(reader.bytes(HASH_BYTES)));
  const slots = readSlotChanges(reader);
  reader.end();
  const undo = { stateRoot, accounts, slots, newCodes, receiptsHash };
  if (!hasContracts(undo)) throw new DecodeError('contracts without any');
  return undo;
}

function hasContracts({ slots, newCodes, receiptsHash }: Undo): boolean {
  return slots.size > 0 || newCodes.length > 0 || receiptsHash !== null;
}

function encodeContracts({ slots, newCodes, receiptsHash }: Undo): Uint8Array {
  const leaf =
    receiptsHash === null ? new Uint8Array([ABSENT]) : concatBytes(new Uint8Array([PRESENT]), hexToBytes(receiptsHash));
  const codeCount = new ByteWriter(4).u32(newCodes.length).finish();
  return concatBytes(leaf, codeCount, ...newCodes.map(hexToBytes), encodeSlotChanges(slots));
}
