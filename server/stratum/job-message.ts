import { hashToBytes } from '../../consensus/hash.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { COINBASE_EXTRA_NONCE_BYTES, COINBASE_EXTRA_NONCE_OFFSET } from '../../consensus/transaction.ts';
import type { OfferedJob } from '../../protocol/mining-job.ts';

const WORD_BYTES = 4;

/** A job as programs know it. */
export interface NamedJob {
  /** As they send it back: digits of hex, never used again while the process lives. */
  readonly id: string;
  readonly offered: OfferedJob;
}

/**
 * Parameters of `mining.notify`. The coinbase is given as what stands before and after its extra nonce. Hashes of the Merkle
 * branch are in internal order; the previous block hash is too, but with the bytes of each 32-bit word reversed; version, bits
 * and time are big-endian numbers. All this is as Bitcoin's pools have it, since Forklore's header, its Merkle nodes and the
 * id of its coinbase are made as Bitcoin's are.
 *
 * @param clean the program is to drop its earlier jobs
 */
export function notifyParams({ id, offered }: NamedJob, clean: boolean): unknown[] {
  const { header, coinbase, coinbaseBranch } = offered.template;
  return [
    id,
    bytesToHex(reverseWords(hashToBytes(header.prevHash))),
    bytesToHex(coinbase.raw.subarray(0, COINBASE_EXTRA_NONCE_OFFSET)),
    bytesToHex(coinbase.raw.subarray(COINBASE_EXTRA_NONCE_OFFSET + COINBASE_EXTRA_NONCE_BYTES)),
    coinbaseBranch.map((hash) => bytesToHex(hashToBytes(hash))),
    u32Hex(header.version),
    u32Hex(header.bits),
    u32Hex(header.time),
    clean,
  ];
}

/** Eight digits, the most significant first. */
export function u32Hex(value: number): string {
  return (value >>> 0).toString(16).padStart(2 * WORD_BYTES, '0');
}

function reverseWords(bytes: Uint8Array): Uint8Array {
  const reversed = new Uint8Array(bytes.length);
  for (let word = 0; word < bytes.length; word += WORD_BYTES)
    reversed.set(bytes.slice(word, word + WORD_BYTES).reverse(), word);
  return reversed;
}
