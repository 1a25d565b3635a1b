import type { BlockReads } from '../../consensus/block-seal.ts';
import { concatBytes } from '../../consensus/hex.ts';
import {
  encodeAccountChanges,
  encodeSlotChanges,
  readAccountChanges,
  readSlotChanges,
} from '../../consensus/state-before.ts';
import { decode } from './records.ts';

/** Blocks below and with the tip whose reads are kept, so that what their contracts did can be replayed. */
export const KEPT_READS_BLOCKS = 10_000;

/** `accounts | slots`, as {@link encodeAccountChanges} and {@link encodeSlotChanges} have them. */
export function encodeBlockReads({ accounts, slots }: BlockReads): Uint8Array {
  return concatBytes(encodeAccountChanges(accounts), encodeSlotChanges(slots));
}

/** The inverse of {@link encodeBlockReads}. Throws `DecodeError`. */
export function decodeBlockReads(value: Uint8Array): BlockReads {
  return decode(value, (reader) => ({ accounts: readAccountChanges(reader), slots: readSlotChanges(reader) }));
}
