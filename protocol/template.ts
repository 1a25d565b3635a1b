import type { Address } from '../consensus/address.ts';
import { MAX_BLOCK_BYTES } from '../consensus/block.ts';
import type { UnpaidState } from '../consensus/block-seal.ts';
import { MAX_BLOCK_GAS } from '../consensus/contract/limits.ts';
import { requiredBits } from '../consensus/difficulty.ts';
import { type Hash, ZERO_HASH } from '../consensus/hash.ts';
import { HEADER_BYTES } from '../consensus/header.ts';
import { coinbaseBranch, rootFromCoinbaseBranch } from '../consensus/merkle.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { subsidyAt } from '../consensus/subsidy.ts';
import { COINBASE_EXTRA_NONCE_BYTES, encodeCoinbase, type SignedTransaction } from '../consensus/transaction.ts';
import { gasOf } from '../consensus/weight.ts';
import { isBetterFee, type MempoolEntry } from './account-queue.ts';
import type { BlockEntry } from './header-index.ts';
import { Heap } from './heap.ts';
import type { Template } from './mining-job.ts';

/** Header version of our own blocks: version bits (BIP 9) with no bit in use, as mining programs expect. */
const BLOCK_VERSION = 0x2000_0000;
/** Space for the header, the count and the largest coinbase. */
const RESERVED_BYTES = HEADER_BYTES + 4 + 256;
/** All transactions of a block together. */
export const MAX_CONTENT_BYTES = MAX_BLOCK_BYTES - RESERVED_BYTES;
const VARIANT_SHIFT = 13;
export const MAX_VARIANT = 0xffff;
/** The 16 bits of the version that a miner may set as it likes (BIP 320); all clear in a template of variant 0. */
export const VERSION_ROLLING_MASK = MAX_VARIANT << VARIANT_SHIFT;

/** What a block holds besides its coinbase: the same whoever is paid for it. */
export interface TemplateContent {
  readonly transactions: readonly SignedTransaction[];
  /** Of all transactions, in base units. */
  readonly fees: bigint;
  /** See {@link Template.coinbaseBranch}. */
  readonly coinbaseBranch: readonly Hash[];
  /** After the transactions. */
  readonly state: UnpaidState;
}

export function templateContent(transactions: readonly SignedTransaction[], state: UnpaidState): TemplateContent {
  return {
    transactions,
    fees: transactions.reduce((sum, transaction) => sum + transaction.fee, 0n),
    // No sibling of the first leaf depends on it.
    coinbaseBranch: coinbaseBranch([ZERO_HASH, ...transactions.map(({ txid }) => txid)]),
    state,
  };
}

export interface TemplateInput {
  readonly parent: BlockEntry;
  /** Executed on the state after the parent. */
  readonly content: TemplateContent;
  readonly recipient: Address;
  readonly timeSeconds: number;
  readonly tag: Uint8Array;
  /** 0 to {@link MAX_VARIANT}: another one makes another block of the same content. */
  readonly variant: number;
}

/** The next block to mine on a parent: its content, and a coinbase that commits to the state after it. */
export function makeTemplate(input: TemplateInput, params: NetworkParams): Template {
  const { parent, recipient } = input;
  const { transactions, fees, coinbaseBranch, state } = input.content;
  const height = parent.record.height + 1;
  const reward = subsidyAt(height, params) + fees;
  const stateRoot = state.rootAfter({ recipient, reward });
  const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
  const coinbase = encodeCoinbase({ height, recipient, reward, stateRoot, extraNonce, tag: input.tag });
  const header = {
    version: BLOCK_VERSION | (input.variant << VARIANT_SHIFT),
    prevHash: parent.record.hash,
    merkleRoot: rootFromCoinbaseBranch(coinbase.txid, coinbaseBranch),
    time: input.timeSeconds,
    bits: requiredBits(parent.record, params),
    nonce: 0,
  };
  return {
    height,
    prevHash: parent.record.hash,
    header,
    coinbase,
    coinbaseBranch,
    transactions,
    fees,
    recipient,
  };
}

/** What a block has room for. */
interface BlockRoom {
  readonly bytes: number;
  readonly gas: number;
}

const WHOLE_BLOCK: BlockRoom = { bytes: MAX_CONTENT_BYTES, gas: MAX_BLOCK_GAS };

/** What a block has room for besides these transactions. */
export function roomBeside(transactions: readonly SignedTransaction[]): BlockRoom {
  let { bytes, gas } = WHOLE_BLOCK;
  for (const transaction of transactions) {
    bytes -= transaction.raw.length;
    gas -= gasOf(transaction);
  }
  return { bytes, gas };
}

/**
 * The transactions that pay the most for their weight, as many as there is room for, each account's in nonce order. An account
 * whose next one does not fit is left out.
 *
 * @param queues executable transactions of each account, in nonce order
 */
export function bestTransactions(
  queues: Iterable<readonly MempoolEntry[]>,
  room: BlockRoom = WHOLE_BLOCK,
): SignedTransaction[] {
  const heads = new Heap(isBetterHead);
  for (const queue of queues) heads.push({ queue, index: 0 });
  const chosen: SignedTransaction[] = [];
  let { bytes, gas } = room;
  for (let head = heads.pop(); head; head = heads.pop()) {
    const entry = head.queue[head.index];
    if (!entry || entry.transaction.raw.length > bytes || gasOf(entry.transaction) > gas) continue;
    bytes -= entry.transaction.raw.length;
    gas -= gasOf(entry.transaction);
    chosen.push(entry.transaction);
    if (head.index + 1 < head.queue.length) heads.push({ queue: head.queue, index: head.index + 1 });
  }
  return chosen;
}

interface Head {
  readonly queue: readonly MempoolEntry[];
  readonly index: number;
}

/** Whether the next transaction of `a` pays more for its weight. */
function isBetterHead(a: Head, b: Head): boolean {
  const left = a.queue[a.index];
  const right = b.queue[b.index];
  return left !== undefined && right !== undefined && isBetterFee(left, right);
}
