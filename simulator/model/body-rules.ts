import { hashFromBytes, hashToBytes } from '../../consensus/hash.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import type { SignedTransaction, Transaction } from '../../consensus/transaction.ts';
import { intrinsicGas } from './intrinsic-gas.ts';
import { addressOf } from './ledger.ts';
import { merkleRoot } from './merkle-root.ts';
import { isStrictPoint, isStrictSignature } from './strict-signature.ts';

const MAX_BLOCK_BYTES = 1_000_000;
const MAX_TAG_BYTES = 64;
const MAX_MEMO_BYTES = 256;
const MIN_SOURCE_BYTES = 16;
const MAX_SOURCE_BYTES = 16_384;
const MAX_ARGS_BYTES = 4_096;
/** Gas that a transaction reserves. */
const MAX_GAS = 2_000_000;
/** Gas that the transactions of a block reserve. */
const MAX_BLOCK_GAS = 10_000_000;

/** A decoded block, as far as it is not the header's. */
export interface Body {
  readonly sizeBytes: number;
  /** Of the header, in display order. */
  readonly merkleRoot: string;
  readonly transactions: readonly Transaction[];
  /** Of the transactions, in display order. */
  readonly txids: readonly string[];
}

/** The first rule, in the order of the protocol, that a body breaks without regard to the state. */
export function brokenBodyRule(body: Body, height: number, networkId: string): string | undefined {
  const [first, ...others] = body.transactions;
  if (body.sizeBytes > MAX_BLOCK_BYTES) return 'block-too-large';
  if (hashFromBytes(merkleRoot(body.txids.map(hashToBytes))) !== body.merkleRoot) return 'bad-merkle-root';
  if (first === undefined) return 'no-transactions';
  if (first.kind !== 'coinbase') return 'first-not-coinbase';
  if (others.some((transaction) => transaction.kind === 'coinbase')) return 'multiple-coinbases';
  return (
    brokenDuplicateRule(body) ??
    body.transactions.map((transaction) => brokenTransactionRule(transaction, networkId)).find(Boolean) ??
    brokenGasRule(body) ??
    (first.height === height ? undefined : 'coinbase-wrong-height')
  );
}

function brokenDuplicateRule({ transactions, txids }: Body): string | undefined {
  const seenNonces = new Set<string>();
  for (const [index, transaction] of transactions.entries()) {
    if (txids.indexOf(txids[index] ?? '') < index) return 'duplicate-transaction';
    if (transaction.kind === 'coinbase') continue;
    const senderAndNonce = `${addressOf(transaction.senderKey)} ${transaction.nonce}`;
    if (seenNonces.has(senderAndNonce)) return 'duplicate-nonce';
    seenNonces.add(senderAndNonce);
  }
  return undefined;
}

function brokenGasRule({ transactions }: Body): string | undefined {
  const gas = transactions.map((transaction) => ('gas' in transaction ? transaction.gas : 0));
  return gas.reduce((sum, each) => sum + each, 0) > MAX_BLOCK_GAS ? 'block-gas-exceeded' : undefined;
}

function brokenTransactionRule(transaction: Transaction, networkId: string): string | undefined {
  if (transaction.kind === 'coinbase') return transaction.tag.length > MAX_TAG_BYTES ? 'tag-too-long' : undefined;
  if (transaction.networkId !== networkId) return 'wrong-network';
  const rule = brokenSizeRule(transaction);
  if (rule !== undefined) return rule;
  if (!isStrictPoint(hexToBytes(transaction.senderKey))) return 'bad-public-key';
  if (!isStrictSignature(transaction.signature)) return 'bad-signature';
  return undefined;
}

function brokenSizeRule(transaction: SignedTransaction): string | undefined {
  if (transaction.kind === 'transfer') return transaction.memo.length > MAX_MEMO_BYTES ? 'memo-too-long' : undefined;
  if (transaction.kind === 'deploy') {
    if (transaction.source.length < MIN_SOURCE_BYTES) return 'source-too-short';
    if (transaction.source.length > MAX_SOURCE_BYTES) return 'source-too-long';
  }
  if (transaction.args.length > MAX_ARGS_BYTES) return 'args-too-long';
  if (transaction.gas > MAX_GAS) return 'gas-too-high';
  return transaction.gas < intrinsicGas(transaction) ? 'gas-too-low' : undefined;
}
