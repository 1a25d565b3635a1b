import { type Block, encodeBlock } from '../consensus/block.ts';
import { ByteWriter } from '../consensus/codec.ts';
import { type Hash, hashToBytes } from '../consensus/hash.ts';
import { type BlockHeader, encodeHeader } from '../consensus/header.ts';
import { concatBytes } from '../consensus/hex.ts';
import { sha256 } from '../consensus/sha256.ts';
import type { SignedTransaction, Transaction } from '../consensus/transaction.ts';
import type { CompactBlock } from './messages.ts';
import { type SipKey, shortIdOf, sipKey } from './siphash.ts';

/** Key of the short ids: the first 16 bytes of SHA-256(header ‖ nonce), as in BIP 152. */
export function compactKey(header: BlockHeader, nonce: bigint): SipKey {
  const seed = concatBytes(encodeHeader(header), new ByteWriter(8).u64(nonce).finish());
  return sipKey(sha256(seed));
}

/** The 6-byte short id of a transaction, as an integer. */
export function shortId(key: SipKey, txid: Hash): number {
  return shortIdOf(key, hashToBytes(txid));
}

/**
 * Packs a block for peers that have most of its transactions.
 * @param likelyMissing transactions that the receiver probably lacks; they travel whole
 */
export function makeCompactBlock(block: Block, nonce: bigint, likelyMissing: (txid: Hash) => boolean): CompactBlock {
  const [coinbase, ...rest] = block.transactions;
  if (coinbase?.kind !== 'coinbase') throw new TypeError('a valid block begins with its coinbase');
  const key = compactKey(block.header, nonce);
  const shortIds: number[] = [];
  const prefilled: { position: number; transaction: SignedTransaction }[] = [];
  rest.forEach((transaction, position) => {
    if (transaction.kind !== 'coinbase' && likelyMissing(transaction.txid))
      prefilled.push({ position, transaction: transaction });
    else shortIds.push(shortId(key, transaction.txid));
  });
  return { type: 'compactBlock', header: block.header, nonce, coinbase, shortIds, prefilled };
}

/** A block being put together from its compact form. `missing` are positions among the transactions. */
export interface PartialBlock {
  readonly compact: CompactBlock;
  readonly transactions: (SignedTransaction | null)[];
  readonly missing: readonly number[];
}

/**
 * Fills a compact block with the transactions at hand. Null where two transactions share a short id, in the block or at hand:
 * the block must then be fetched whole, and the sender is not at fault.
 */
export function fillCompactBlock(compact: CompactBlock, atHand: Iterable<SignedTransaction>): PartialBlock | null {
  const count = compact.shortIds.length + compact.prefilled.length;
  const transactions = new Array<SignedTransaction | null>(count).fill(null);
  for (const { position, transaction } of compact.prefilled) transactions[position] = transaction;
  const positions = new Map<number, number>();
  let next = 0;
  for (const id of compact.shortIds) {
    while (transactions[next]) next++;
    if (positions.has(id)) return null;
    positions.set(id, next++);
  }
  if (positions.size > 0) {
    const key = compactKey(compact.header, compact.nonce);
    for (const transaction of atHand) {
      const position = positions.get(shortId(key, transaction.txid));
      if (position === undefined) continue;
      if (transactions[position]) return null;
      transactions[position] = transaction;
    }
  }
  const missing = [...positions.values()].filter((position) => !transactions[position]);
  return { compact, transactions, missing };
}

/** Puts the missing transactions in. Null where their number is wrong. */
export function completeBlock(partial: PartialBlock, missing: readonly SignedTransaction[]): Block | null {
  if (missing.length !== partial.missing.length) return null;
  const transactions = [...partial.transactions];
  partial.missing.forEach((position, i) => {
    transactions[position] = missing[i] ?? null;
  });
  const whole: Transaction[] = [partial.compact.coinbase];
  for (const transaction of transactions) {
    if (!transaction) return null;
    whole.push(transaction);
  }
  return encodeBlock(partial.compact.header, whole);
}
