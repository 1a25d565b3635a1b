import type { Address } from '../consensus/address.ts';
import { type Block, encodeBlock, signedTransactionsOf } from '../consensus/block.ts';
import type { BlockContext } from '../consensus/block-context.ts';
import type { BlockReceipt } from '../consensus/block-execution.ts';
import type { BlockReads } from '../consensus/block-seal.ts';
import { connectBlock, disconnectBlock, effectOf } from '../consensus/connect.ts';
import { developmentAccountByName } from '../consensus/development-accounts.ts';
import { GENESIS_ACTIVE_TIME, nextActiveTime, requiredBits } from '../consensus/difficulty.ts';
import { RuleError } from '../consensus/errors.ts';
import { genesisChange, type Network } from '../consensus/genesis.ts';
import { type NodeHash, ZERO_HASH } from '../consensus/hash.ts';
import {
  type BlockHeader,
  blockHash,
  checkHeaderSanity,
  MEDIAN_TIME_BLOCKS,
  medianTimePast,
} from '../consensus/header.ts';
import { developmentKeyPair, type KeyPair } from '../consensus/keys.ts';
import { merkleRoot } from '../consensus/merkle.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { signTransfer } from '../consensus/signature.ts';
import type { StateChange } from '../consensus/state-change.ts';
import { EMPTY_ROOT } from '../consensus/state-tree.ts';
import { subsidyAt } from '../consensus/subsidy.ts';
import { workOfBits } from '../consensus/target.ts';
import {
  COINBASE_EXTRA_NONCE_BYTES,
  type CoinbaseFields,
  encodeCoinbase,
  type SignedTransaction,
  type Transfer,
} from '../consensus/transaction.ts';
import type { Undo } from '../consensus/undo.ts';
import { MemoryState } from '../protocol/memory-state.ts';
import type { JournalEntry, StoredHeader, StoreWrite } from '../protocol/store-writes.ts';

/** Default recipient of rewards: an address without a known key. */
export const DEFAULT_MINER: Address = '11'.repeat(20);

/** A block with everything that a test may want to know of it. Points share nothing that changes, so any may be built on. */
export interface ChainPoint {
  readonly params: Network;
  readonly parent: ChainPoint | null;
  readonly block: Block;
  readonly height: number;
  readonly chainWork: bigint;
  readonly clock: number;
  readonly active: number;
  /** State after the block. */
  readonly state: MemoryState;
  readonly change: StateChange;
  readonly undo: Undo;
  readonly receipts: readonly BlockReceipt[];
  readonly reads: BlockReads;
}

export interface MineOptions {
  readonly transfers?: readonly SignedTransaction[];
  /** Recipient of the reward. */
  readonly miner?: Address;
  /** Header time; default: one spacing after the parent's. */
  readonly time?: number;
  /** Makes siblings with the same content different blocks. */
  readonly extraNonce?: number;
  /** Overrides, to break rules on purpose. What they contradict is not adapted. */
  readonly coinbase?: Partial<CoinbaseFields>;
  readonly header?: Partial<Omit<BlockHeader, 'nonce'>>;
}

/** The genesis block of a network, to build on. */
export function genesisPoint(params: Network): ChainPoint {
  const change = genesisChange(params);
  return {
    params,
    parent: null,
    block: params.genesis,
    height: 0,
    chainWork: workOfBits(params.genesis.header.bits),
    ...GENESIS_ACTIVE_TIME,
    state: MemoryState.genesis(params),
    change,
    undo: { stateRoot: EMPTY_ROOT, accounts: new Map(), slots: new Map(), newCodes: [], receiptsHash: null },
    receipts: [],
    reads: { accounts: new Map(), slots: new Map() },
  };
}

/** Mines a valid block on `parent`. Throws `RuleError` when the options break a rule that connecting checks. */
export function mineBlock(parent: ChainPoint, options: MineOptions = {}): ChainPoint {
  const { params } = parent;
  const block = mineUnchecked(parent, options);
  const height = parent.height + 1;
  const effect = connectBlock(block, contextOn(parent), parent.state, params);
  return {
    params,
    parent,
    block,
    height,
    chainWork: parent.chainWork + workOfBits(block.header.bits),
    ...nextActiveTime(parent, block.header.time, params),
    state: nextState(parent.state, effect.change),
    ...effect,
  };
}

/** Mines `count` blocks in a row and gives the last; `options` are those of every block. */
export function mineChain(parent: ChainPoint, count: number, options: MineOptions = {}): ChainPoint {
  let tip = parent;
  for (let i = 0; i < count; i++) tip = mineBlock(tip, options);
  return tip;
}

/**
 * Mines a block with valid proof of work whose content may break rules. Its state root is right where its transfers
 * can be executed, and otherwise that of the parent.
 */
export function mineUnchecked(parent: ChainPoint, options: MineOptions = {}): Block {
  const { params } = parent;
  const height = parent.height + 1;
  const transfers = options.transfers ?? [];
  const fees = transfers.reduce((sum, transfer) => sum + transfer.fee, 0n);
  const payout = { recipient: options.miner ?? DEFAULT_MINER, reward: subsidyAt(height, params) + fees };
  const coinbase = encodeCoinbase({
    height,
    ...payout,
    stateRoot: stateRootAfter(parent, transfers, payout),
    extraNonce: extraNonceOf(options.extraNonce ?? 0),
    tag: new Uint8Array(),
    ...options.coinbase,
  });
  const transactions = [coinbase, ...transfers];
  const header = {
    version: 1,
    prevHash: parent.block.hash,
    merkleRoot: merkleRoot(transactions.map((transaction) => transaction.txid)),
    time: options.time ?? parent.block.header.time + params.spacingSeconds,
    bits: requiredBits(parent, params),
    ...options.header,
  };
  return encodeBlock(withProofOfWork(header, params), transactions);
}

/** A development account's keys by name: `Alice`, `Bob`, … */
export function keysOf(name: string): KeyPair {
  const account = developmentAccountByName(name);
  if (account === undefined) throw new Error(`there is no development account ${name}`);
  return developmentKeyPair(account);
}

/** A signed transfer. The default nonce is the sender's at `point`, so that it can be in the next block. */
export function transferAt(
  point: ChainPoint,
  from: KeyPair,
  to: Address,
  fields: { amount?: bigint; fee?: bigint; nonce?: bigint; memo?: Uint8Array } = {},
): Transfer {
  const { amount = 1n, fee = 0n, memo = new Uint8Array() } = fields;
  const nonce = fields.nonce ?? point.state.account(from.address)?.nonce ?? 0n;
  const { networkId } = point.params;
  return signTransfer({ networkId, nonce, recipient: to, amount, fee, memo }, from.secretKey);
}

/** From block 1 up to the point. */
export function pathTo(point: ChainPoint): ChainPoint[] {
  const path: ChainPoint[] = [];
  for (let walk = point; walk.parent !== null; walk = walk.parent) path.push(walk);
  return path.reverse();
}

/** The header record of a block whose body is there. By default its validity is known and blocks arrived by height. */
export function headerRecordOf(point: ChainPoint, fields: Partial<StoredHeader> = {}): StoredHeader {
  const { block, height, chainWork, clock, active } = point;
  return {
    hash: block.hash,
    header: block.header,
    height,
    chainWork,
    clock,
    active,
    validity: 'valid',
    invalidReason: null,
    arrival: height + 1,
    bodyBytes: block.raw.length,
    transactionCount: block.transactions.length,
    firstSeenMs: block.header.time * 1000,
    firstSeenFrom: 'self',
    ...fields,
  };
}

/** What a node writes for a block that extends the tip: header, body, connection. */
export function writesToConnect(point: ChainPoint): StoreWrite[] {
  const { block, height, change, undo, receipts, reads } = point;
  return [
    { kind: 'header', record: headerRecordOf(point) },
    { kind: 'body', blockHash: block.hash, raw: block.raw },
    { kind: 'connect', block, height, change, undo, receipts, reads },
  ];
}

/** The write that takes the tip back to its parent, with its transfers returned to the journal. */
export function writeToDisconnect(point: ChainPoint, receivedMs = 0): StoreWrite {
  const { block, height, undo, parent } = point;
  if (parent === null) throw new Error('genesis cannot be disconnected');
  const change = disconnectBlock(undo, point.state);
  const returned = signedTransactionsOf(block).map(({ txid, raw }): JournalEntry => {
    return { txid, raw, receivedMs, unbroadcast: false };
  });
  return { kind: 'disconnect', block, height, change, returned };
}

function stateRootAfter(
  parent: ChainPoint,
  transfers: readonly SignedTransaction[],
  payout: { recipient: Address; reward: bigint },
): NodeHash {
  try {
    return effectOf(transfers, payout, parent.state, contextOn(parent)).change.stateRoot;
  } catch (error) {
    if (error instanceof RuleError) return parent.state.stateRoot;
    throw error;
  }
}

/**
 * The header with the first nonce that meets its target. Where none can, or none of the first `maxHashes` does, it is as
 * it is, without proof of work.
 */
export function withProofOfWork(
  header: Omit<BlockHeader, 'nonce'>,
  params: NetworkParams,
  maxHashes = Number.POSITIVE_INFINITY,
): BlockHeader {
  for (let nonce = 0; nonce < maxHashes; nonce++) {
    const candidate = { ...header, nonce };
    try {
      checkHeaderSanity(candidate, blockHash(candidate), params);
      return candidate;
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      // Bits that are wrong on purpose never pass; only the hash depends on the nonce.
      if (error.code !== 'high-hash') break;
    }
  }
  return { ...header, nonce: 0 };
}

function extraNonceOf(value: number): Uint8Array {
  const bytes = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

function nextState(before: MemoryState, change: StateChange): MemoryState {
  const after = before.copy();
  after.apply(change);
  return after;
}

/** What the execution of a block on this one reads of the chain. */
export function contextOn(parent: ChainPoint): BlockContext {
  const below: ChainPoint[] = [];
  for (let walk: ChainPoint | null = parent; walk; walk = walk.parent) below.push(walk);
  const times = below.slice(0, MEDIAN_TIME_BLOCKS).map(({ block }) => block.header.time);
  return {
    height: parent.height + 1,
    medianTimePast: medianTimePast(times),
    blockHash: (height) => below[parent.height - height]?.block.hash ?? ZERO_HASH,
  };
}
