import type { Address } from './address.ts';
import { ByteReader, ByteWriter, DecodeError } from './codec.ts';
import { MAX_BLOCK_GAS } from './contract/limits.ts';
import { assertInvariant, RuleError } from './errors.ts';
import type { Hash } from './hash.ts';
import { type BlockHeader, blockHash, encodeHeader, HEADER_BYTES, readHeader } from './header.ts';
import { merkleRoot } from './merkle.ts';
import type { NetworkParams } from './params.ts';
import {
  type Coinbase,
  checkTransactionSanity,
  MIN_TRANSACTION_BYTES,
  readTransaction,
  type SignedTransaction,
  type Transaction,
} from './transaction.ts';

/** Largest encoded block. */
export const MAX_BLOCK_BYTES = 1_000_000;
/** What a block has before its first transaction: the header and a u32 count. */
export const BLOCK_PREFIX_BYTES = HEADER_BYTES + 4;

/** A header with its transactions. */
export interface Block {
  readonly header: BlockHeader;
  readonly hash: Hash;
  readonly transactions: readonly Transaction[];
  /** The exact bytes that were decoded: they are stored and sent. */
  readonly raw: Uint8Array;
}

/** Decodes `header | count u32 | transactions`. The transactions' bytes are views into `raw`. Throws `DecodeError`. */
export function decodeBlock(raw: Uint8Array): Block {
  const reader = new ByteReader(raw);
  const header = readHeader(reader);
  const count = reader.u32();
  if (count * MIN_TRANSACTION_BYTES > reader.remaining) {
    throw new DecodeError(`${count} transactions cannot fit in ${reader.remaining} bytes`);
  }
  const transactions = Array.from({ length: count }, () => readTransaction(reader));
  reader.end();
  return { header, hash: blockHash(header), transactions, raw };
}

/** Puts a block together from its parts. Checks nothing: the header's Merkle root is taken as it is. */
export function encodeBlock(header: BlockHeader, transactions: readonly Transaction[]): Block {
  const sizeBytes = transactions.reduce((sum, transaction) => sum + transaction.raw.length, BLOCK_PREFIX_BYTES);
  const writer = new ByteWriter(sizeBytes).bytes(encodeHeader(header)).u32(transactions.length);
  for (const transaction of transactions) writer.bytes(transaction.raw);
  return { header, hash: blockHash(header), transactions, raw: writer.finish() };
}

/**
 * The rules of a body that need nothing but the bytes; the header has its own. Throws `RuleError`. The Merkle root
 * comes before every rule that could mark the block as invalid, because until then the body may be anybody's invention.
 */
export function checkBlockSanity(block: Block, params: NetworkParams): void {
  const { header, transactions, raw } = block;
  // [reject] A block has at most 1,000,000 bytes.
  if (raw.length > MAX_BLOCK_BYTES) {
    throw new RuleError('block-too-large', `${raw.length} bytes, at most ${MAX_BLOCK_BYTES}`);
  }
  // [reject] The header's Merkle root is that of the transactions.
  const root = merkleRoot(transactions.map((transaction) => transaction.txid));
  if (header.merkleRoot !== root)
    throw new RuleError('bad-merkle-root', `body has ${root}, header ${header.merkleRoot}`);
  // [reject] A block has at least one transaction.
  const [first, ...others] = transactions;
  if (first === undefined) throw new RuleError('no-transactions', 'the block is empty');
  // [reject] The first transaction is a coinbase.
  if (first.kind !== 'coinbase') throw new RuleError('first-not-coinbase', `${first.txid} is a ${first.kind}`);
  // [reject] Only the first transaction is a coinbase.
  const second = others.find((transaction) => transaction.kind === 'coinbase');
  if (second !== undefined) throw new RuleError('multiple-coinbases', `${second.txid} is another coinbase`);
  checkDuplicates(transactions);
  for (const transaction of transactions) checkTransactionSanity(transaction, params);
  // [reject] The transactions of a block reserve at most 10,000,000 gas together.
  const gas = transactions.reduce((sum, transaction) => sum + ('gas' in transaction ? transaction.gas : 0), 0);
  if (gas > MAX_BLOCK_GAS) throw new RuleError('block-gas-exceeded', `${gas} gas, at most ${MAX_BLOCK_GAS}`);
}

/** The rules of a body that need its height. Throws `RuleError` `coinbase-wrong-height`. */
export function checkBlockContext(block: Block, height: number): void {
  // [reject] The coinbase's height is the block's.
  const coinbase = coinbaseOf(block);
  if (coinbase.height !== height) {
    throw new RuleError('coinbase-wrong-height', `coinbase says ${coinbase.height}, the block is at ${height}`);
  }
}

/** The coinbase of a block that passed {@link checkBlockSanity}. */
export function coinbaseOf(block: Block): Coinbase {
  const [first] = block.transactions;
  assertInvariant(first?.kind === 'coinbase', `block ${block.hash} was not checked: it has no coinbase`);
  return first;
}

/** The transactions of a block but its coinbase, in order. */
export function signedTransactionsOf(block: Block): SignedTransaction[] {
  return block.transactions.filter((transaction) => transaction.kind !== 'coinbase');
}

function checkDuplicates(transactions: readonly Transaction[]): void {
  const txids = new Set<Hash>();
  const nonces = new Map<Address, Set<bigint>>();
  for (const transaction of transactions) {
    // [reject] No transaction is in a block twice.
    if (txids.has(transaction.txid)) throw new RuleError('duplicate-transaction', transaction.txid);
    txids.add(transaction.txid);
    if (transaction.kind === 'coinbase') continue;
    // [reject] No two transactions of a block have the same sender and nonce.
    const { sender, nonce } = transaction;
    const used = nonces.get(sender);
    if (used?.has(nonce)) throw new RuleError('duplicate-nonce', `nonce ${nonce} of ${sender}`);
    if (used) used.add(nonce);
    else nonces.set(sender, new Set([nonce]));
  }
}
