import { MAX_AMOUNT } from '../../consensus/amount.ts';
import { type Block, decodeBlock, encodeBlock } from '../../consensus/block.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { effectOf } from '../../consensus/connect.ts';
import { requiredBits } from '../../consensus/difficulty.ts';
import { RuleError } from '../../consensus/errors.ts';
import { merkleRoot } from '../../consensus/merkle.ts';
import type { NetworkParams } from '../../consensus/params.ts';
import { subsidyAt } from '../../consensus/subsidy.ts';
import {
  COINBASE_EXTRA_NONCE_BYTES,
  type CoinbaseFields,
  encodeCoinbase,
  encodeTransfer,
  type Transaction,
  type Transfer,
} from '../../consensus/transaction.ts';
import { ancestorAt, type BlockEntry, contextAbove, medianTimeOf } from '../../protocol/header-index.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { withProofOfWork } from '../../testing/chain-builder.ts';

/** What is wrong with a block that has its proof of work all the same. */
export const FAULTS = [
  'none',
  'reward too high',
  'reward too low',
  'reward of 2^64 - 1',
  'height',
  'state root',
  'tag',
  'time of the median',
  'time far ahead',
  'time at the limit',
  'bits',
  'version',
  'merkle root',
  'two coinbases',
  'coinbase last',
  'no coinbase',
  'no transactions',
  'transfer twice',
  'nonce twice',
  'signature',
  'network',
  'memo',
  'poor sender',
  'amount of 2^64 - 1',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Hashes that are tried for a proof of work: regtest wants two. */
export const MAX_HASHES = 200;
/** Seconds that the simulated clocks begin at; what is meant is about now. */
const FAR_SECONDS = 100_000;

export interface Recipe {
  readonly fault: Fault;
  /** Blocks below the tip that it builds on. */
  readonly depth: number;
  readonly transfers: readonly Transfer[];
  readonly extraNonce: number;
}

/** A block behind a block of the node's chain, with valid proof of work and one fault. */
export function forgeBlock(node: SimulatedNode, nowSeconds: number, { fault, depth, ...recipe }: Recipe): Block {
  const { chain, params } = node.core;
  const { tip } = chain;
  const parent = ancestorAt(tip, Math.max(0, tip.record.height - depth)) ?? tip;
  const transfers = faultyTransfers(recipe.transfers, fault);
  const coinbase = encodeCoinbase(faultyCoinbase(coinbaseOn(node, parent, transfers, recipe.extraNonce, fault), fault));
  const transactions = faultyOrder(coinbase, transfers, fault);
  const header = {
    version: fault === 'version' ? -0x8000_0000 : 1,
    prevHash: parent.record.hash,
    merkleRoot: fault === 'merkle root' ? '01'.repeat(32) : merkleRoot(transactions.map(({ txid }) => txid)),
    time: timeOf(parent, fault, nowSeconds, params),
    bits: fault === 'bits' ? 0x207ffffe : requiredBits(parent.record, params),
    nonce: 0,
  };
  return encodeBlock(withProofOfWork(header, params, MAX_HASHES), transactions);
}

/** Bytes of a block whose root and proof of work are right again, if they are those of a block at all. */
export function repairedBlock(raw: Uint8Array, params: NetworkParams): Uint8Array {
  try {
    const { header, transactions } = decodeBlock(raw);
    const root = merkleRoot(transactions.map(({ txid }) => txid));
    return encodeBlock(withProofOfWork({ ...header, merkleRoot: root }, params, MAX_HASHES), transactions).raw;
  } catch (error) {
    if (error instanceof DecodeError) return raw;
    throw error;
  }
}

function coinbaseOn(
  node: SimulatedNode,
  parent: BlockEntry,
  transfers: readonly Transfer[],
  extraNonce: number,
  fault: Fault,
): CoinbaseFields {
  const { chain, params } = node.core;
  const height = parent.record.height + 1;
  const right = transfers.reduce((sum, { fee }) => sum + fee, subsidyAt(height, params));
  // The state root is that of the wrong reward, so that nothing else is wrong.
  const payout = { recipient: '77'.repeat(20), reward: rewardOf(right, fault) };
  const bytes = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
  new DataView(bytes.buffer).setUint32(0, extraNonce, true);
  let { stateRoot } = node.store;
  try {
    // Only of the tip is the state at hand; elsewhere the root is one more thing that is wrong.
    // And only a balance that can be encoded has one.
    const isOrdinary = parent === chain.tip && payout.reward < MAX_AMOUNT;
    if (isOrdinary) stateRoot = effectOf(transfers, payout, node.store, contextAbove(parent)).change.stateRoot;
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
  }
  return { height, ...payout, stateRoot, extraNonce: bytes, tag: new Uint8Array() };
}

function rewardOf(right: bigint, fault: Fault): bigint {
  // Fees may come to more than can be encoded; then no reward is right.
  if (right >= MAX_AMOUNT || fault === 'reward of 2^64 - 1') return MAX_AMOUNT;
  if (fault === 'reward too high') return right + 1n;
  return fault === 'reward too low' ? right - 1n : right;
}

function faultyCoinbase(fields: CoinbaseFields, fault: Fault): CoinbaseFields {
  switch (fault) {
    case 'height':
      return { ...fields, height: fields.height + 1 };
    case 'state root':
      return { ...fields, stateRoot: '00'.repeat(32) };
    case 'tag':
      return { ...fields, tag: new Uint8Array(65) };
    default:
      return fields;
  }
}

function faultyTransfers(transfers: readonly Transfer[], fault: Fault): readonly Transfer[] {
  const [first, ...rest] = transfers;
  if (!first) return transfers;
  switch (fault) {
    case 'transfer twice':
      return [first, ...transfers];
    case 'nonce twice':
      return [first, encodeTransfer({ ...first, memo: Uint8Array.of(7) }), ...rest];
    case 'signature':
      return [
        encodeTransfer({ ...first, signature: first.signature.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) }),
        ...rest,
      ];
    case 'network':
      return [encodeTransfer({ ...first, networkId: '00000000' }), ...rest];
    case 'memo':
      return [encodeTransfer({ ...first, memo: new Uint8Array(257) }), ...rest];
    case 'poor sender':
      return [encodeTransfer({ ...first, senderKey: '99'.repeat(32) }), ...rest];
    case 'amount of 2^64 - 1':
      return [encodeTransfer({ ...first, amount: 2n ** 64n - 1n, fee: 2n ** 64n - 1n }), ...rest];
    default:
      return transfers;
  }
}

function faultyOrder(coinbase: Transaction, transfers: readonly Transfer[], fault: Fault): Transaction[] {
  if (fault === 'no transactions') return [];
  if (fault === 'no coinbase') return [...transfers];
  if (fault === 'coinbase last') return [...transfers, coinbase];
  return fault === 'two coinbases' ? [coinbase, coinbase, ...transfers] : [coinbase, ...transfers];
}

function timeOf(parent: BlockEntry, fault: Fault, nowSeconds: number, params: NetworkParams): number {
  const median = medianTimeOf(parent);
  if (fault === 'time of the median') return median;
  if (fault === 'time far ahead') return nowSeconds + FAR_SECONDS;
  return fault === 'time at the limit' ? nowSeconds + params.futureLimitSeconds : median + 1;
}
