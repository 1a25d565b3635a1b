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
import { type BlockEntry, medianTimeOf } from './header-index.ts';
import { Heap } from './heap.ts';
import type { Template } from './mining-job.ts';

/** Header version of our own blocks: version bits (BIP 9) with no bit in use, as mining programs expect. */
const BLOCK_VERSION = 0x2000_0000;
/** Space for the header, the count and the largest coinbase. */
const RESERVED_BYTES = HEADER_BYTES + 4 + 256;

export interface TemplateInput {
  readonly tip: BlockEntry;
  readonly state: StateView;
  /** Ready transactions of each account, in nonce order. */
  readonly queues: Iterable<readonly MempoolEntry[]>;
  readonly recipient: Address;
  readonly nowSeconds: number;
  readonly tag: Uint8Array;
}

/**
 * The next block to mine on the tip: the transactions that pay the most per byte, each account's in nonce order, and a
 * coinbase that commits to the state after them. Always valid, whatever the mempool holds.
 */
export function makeTemplate(input: TemplateInput, params: NetworkParams): Template {
  const { tip, recipient } = input;
  const height = tip.record.height + 1;
  const transfers = chooseTransfers(input.queues);
  const fees = transfers.reduce((sum, transfer) => sum + transfer.fee, 0n);
  const reward = subsidyAt(height, params) + fees;
  const { stateRoot } = stateAfter(transfers, { recipient, reward }, input.state);
  const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
  const coinbase = encodeCoinbase({ height, recipient, reward, stateRoot, extraNonce, tag: input.tag });
  const txids = [coinbase.txid, ...transfers.map((transfer) => transfer.txid)];
  const header = {
    version: BLOCK_VERSION,
    prevHash: tip.record.hash,
    merkleRoot: merkleRoot(txids),
    // Time must exceed the median of the past, so on a fast chain it may run ahead of the clock.
    time: Math.max(input.nowSeconds, medianTimeOf(tip) + 1),
    bits: requiredBits(tip.record, params),
    nonce: 0,
  };
  const branch = coinbaseBranch(txids);
  return { height, prevHash: tip.record.hash, header, coinbase, coinbaseBranch: branch, transfers, fees, recipient };
}

/** Takes the best next transaction of any account until the block is full. An account whose next one does not fit is left out. */
function chooseTransfers(queues: Iterable<readonly MempoolEntry[]>): Transfer[] {
  const heads = new Heap(isBetterHead);
  for (const queue of queues) heads.push({ queue, index: 0 });
  const chosen: Transfer[] = [];
  let room = MAX_BLOCK_BYTES - RESERVED_BYTES;
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
