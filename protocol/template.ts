import type { Address } from '../consensus/address.ts';
import { MAX_BLOCK_BYTES } from '../consensus/block.ts';
import { effectOf } from '../consensus/connect.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import { requiredBits } from '../consensus/difficulty.ts';
import { HEADER_BYTES } from '../consensus/header.ts';
import { coinbaseBranch, merkleRoot } from '../consensus/merkle.ts';
import type { NetworkParams } from '../consensus/params.ts';
import type { StateView } from '../consensus/state-change.ts';
import { subsidyAt } from '../consensus/subsidy.ts';
import { COINBASE_EXTRA_NONCE_BYTES, encodeCoinbase, type SignedTransaction } from '../consensus/transaction.ts';
import { isBetterFee, type MempoolEntry } from './account-queue.ts';
import { type BlockEntry, contextAbove } from './header-index.ts';
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

export interface TemplateInput {
  readonly parent: BlockEntry;
  /** After the parent. */
  readonly state: StateView;
  /** What the block holds, in this order. */
  readonly transactions: readonly SignedTransaction[];
  readonly recipient: Address;
  readonly timeSeconds: number;
  readonly tag: Uint8Array;
  /** 0 to {@link MAX_VARIANT}: another one makes another block of the same content. */
  readonly variant: number;
}

/**
 * The next block to mine on a parent: the given transactions, and a coinbase that commits to the state after them.
 * Throws `RuleError` `wrong-nonce` or `insufficient-balance` where they cannot be executed in this order.
 */
export function makeTemplate(input: TemplateInput, params: NetworkParams, host: ContractHost): Template {
  const { parent, recipient, transactions } = input;
  const height = parent.record.height + 1;
  const fees = transactions.reduce((sum, transaction) => sum + transaction.fee, 0n);
  const reward = subsidyAt(height, params) + fees;
  const { stateRoot } = effectOf(transactions, { recipient, reward }, input.state, contextAbove(parent), host).change;
  const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
  const coinbase = encodeCoinbase({ height, recipient, reward, stateRoot, extraNonce, tag: input.tag });
  const txids = [coinbase.txid, ...transactions.map((transaction) => transaction.txid)];
  const header = {
    version: BLOCK_VERSION | (input.variant << VARIANT_SHIFT),
    prevHash: parent.record.hash,
    merkleRoot: merkleRoot(txids),
    time: input.timeSeconds,
    bits: requiredBits(parent.record, params),
    nonce: 0,
  };
  const branch = coinbaseBranch(txids);
  return {
    height,
    prevHash: parent.record.hash,
    header,
    coinbase,
    coinbaseBranch: branch,
    transactions,
    fees,
    recipient,
  };
}

/**
 * The transactions that pay the most per byte, as many as a block has room for, each account's in nonce order. An account whose
 * next one does not fit is left out.
 *
 * @param queues executable transactions of each account, in nonce order
 */
export function bestTransactions(queues: Iterable<readonly MempoolEntry[]>): SignedTransaction[] {
  const heads = new Heap(isBetterHead);
  for (const queue of queues) heads.push({ queue, index: 0 });
  const chosen: SignedTransaction[] = [];
  let room = MAX_CONTENT_BYTES;
  for (let head = heads.pop(); head; head = heads.pop()) {
    const entry = head.queue[head.index];
    if (!entry || entry.transaction.raw.length > room) continue;
    room -= entry.transaction.raw.length;
    chosen.push(entry.transaction);
    if (head.index + 1 < head.queue.length) heads.push({ queue: head.queue, index: head.index + 1 });
  }
  return chosen;
}

interface Head {
  readonly queue: readonly MempoolEntry[];
  readonly index: number;
}

/** Whether the next transaction of `a` pays more per byte. */
function isBetterHead(a: Head, b: Head): boolean {
  const left = a.queue[a.index];
  const right = b.queue[b.index];
  return left !== undefined && right !== undefined && isBetterFee(left, right);
}
