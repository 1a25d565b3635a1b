import type { Address } from '../consensus/address.ts';
import { MAX_BLOCK_BYTES } from '../consensus/block.ts';
import { type StateView, stateAfter } from '../consensus/connect.ts';
import { requiredBits } from '../consensus/difficulty.ts';
import { HEADER_BYTES } from '../consensus/header.ts';
import { coinbaseBranch, merkleRoot } from '../consensus/merkle.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { subsidyAt } from '../consensus/subsidy.ts';
import { COINBASE_EXTRA_NONCE_BYTES, encodeCoinbase, type Transfer } from '../consensus/transaction.ts';
import { isBetterFee, type MempoolEntry } from './account-queue.ts';
import type { BlockEntry } from './header-index.ts';
import { Heap } from './heap.ts';
import type { Template } from './mining-job.ts';

/** Header version of our own blocks: version bits (BIP 9) with no bit in use, as mining programs expect. */
const BLOCK_VERSION = 0x2000_0000;
/** Space for the header, the count and the largest coinbase. */
const RESERVED_BYTES = HEADER_BYTES + 4 + 256;
/** All transfers of a block together. */
export const MAX_TRANSFER_BYTES = MAX_BLOCK_BYTES - RESERVED_BYTES;
const VARIANT_SHIFT = 13;
export const MAX_VARIANT = 0xffff;
/** The 16 bits of the version that a miner may set as it likes (BIP 320); all clear in a template of variant 0. */
export const VERSION_ROLLING_MASK = MAX_VARIANT << VARIANT_SHIFT;

export interface TemplateInput {
  readonly parent: BlockEntry;
  /** After the parent. */
  readonly state: StateView;
  /** What the block holds, in this order. */
  readonly transfers: readonly Transfer[];
  readonly recipient: Address;
  readonly timeSeconds: number;
  readonly tag: Uint8Array;
  /** 0 to {@link MAX_VARIANT}: another one makes another block of the same content. */
  readonly variant: number;
}

/**
 * The next block to mine on a parent: the given transfers, and a coinbase that commits to the state after them.
 * Throws `RuleError` `wrong-nonce` or `insufficient-balance` where they cannot be executed in this order.
 */
export function makeTemplate(input: TemplateInput, params: NetworkParams): Template {
  const { parent, recipient, transfers } = input;
  const height = parent.record.height + 1;
  const fees = transfers.reduce((sum, transfer) => sum + transfer.fee, 0n);
  const reward = subsidyAt(height, params) + fees;
  const { stateRoot } = stateAfter(transfers, { recipient, reward }, input.state);
  const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
  const coinbase = encodeCoinbase({ height, recipient, reward, stateRoot, extraNonce, tag: input.tag });
  const txids = [coinbase.txid, ...transfers.map((transfer) => transfer.txid)];
  const header = {
    version: BLOCK_VERSION | (input.variant << VARIANT_SHIFT),
    prevHash: parent.record.hash,
    merkleRoot: merkleRoot(txids),
    time: input.timeSeconds,
    bits: requiredBits(parent.record, params),
    nonce: 0,
  };
  const branch = coinbaseBranch(txids);
  return { height, prevHash: parent.record.hash, header, coinbase, coinbaseBranch: branch, transfers, fees, recipient };
}

/**
 * The transfers that pay the most per byte, as many as a block has room for, each account's in nonce order. An account whose
 * next one does not fit is left out.
 *
 * @param queues executable transfers of each account, in nonce order
 */
export function bestTransfers(queues: Iterable<readonly MempoolEntry[]>): Transfer[] {
  const heads = new Heap(isBetterHead);
  for (const queue of queues) heads.push({ queue, index: 0 });
  const chosen: Transfer[] = [];
  let room = MAX_TRANSFER_BYTES;
  for (let head = heads.pop(); head; head = heads.pop()) {
    const entry = head.queue[head.index];
    if (!entry || entry.transfer.raw.length > room) continue;
    room -= entry.transfer.raw.length;
    chosen.push(entry.transfer);
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
