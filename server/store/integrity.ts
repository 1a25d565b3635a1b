import { type Block, checkBlockContext, checkBlockSanity, coinbaseOf, decodeBlock } from '../../consensus/block.ts';
import type { BlockReceipt } from '../../consensus/block-execution.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { connectBlock } from '../../consensus/connect.ts';
import type { ContractHost } from '../../consensus/contract-host.ts';
import { RuleError } from '../../consensus/errors.ts';
import type { Network } from '../../consensus/genesis.ts';
import type { Hash } from '../../consensus/hash.ts';
import { merkleRoot } from '../../consensus/merkle.ts';
import { EMPTY_ROOT } from '../../consensus/state-tree.ts';
import { addressesOf } from '../../consensus/transaction.ts';
import { decodeUndo } from '../../consensus/undo.ts';
import { type BlockEntry, contextAbove, HeaderIndex } from '../../protocol/header-index.ts';
import { MemoryState } from '../../protocol/memory-state.ts';
import { ProgramCache } from '../../protocol/program-cache.ts';
import { isValidSignature } from '../../workers/native-signature.ts';
import { checkReads } from './check-reads.ts';
import { checkReceipts } from './check-receipts.ts';
import { compareState, isWholeNode } from './compare-state.ts';
import { expectStored, Finding } from './finding.ts';
import { indexedTransactions } from './indexed-transactions.ts';
import { Pace, type Progress } from './pace.ts';
import type { Store } from './store.ts';
import { damagedFolder } from './store-error.ts';
import { badSignaturesOf, type VerifySignatures, verifyHere } from './verify-signatures.ts';

/** How far back the quick check looks, so that its time does not grow with the chain: whichever limit comes first. */
const QUICK_BLOCKS = 100;
const QUICK_BYTES = 2_000_000;
/** Blocks of a full check whose signatures are verified together. */
const BATCH_BLOCKS = 16;

export interface IntegrityReport {
  readonly mode: 'quick' | 'full';
  /** Blocks that were looked at, genesis included. */
  readonly checkedBlocks: number;
  readonly ok: true;
}

/**
 * Tip, header, height index and state root agree, and the last blocks are whole. Takes a bounded time.
 * Throws `StoreError` `damaged` with the first thing that is wrong.
 */
export function verifyQuick(store: Store, params: Network): IntegrityReport {
  return inFolder(store, () => {
    expectStored(store.hashAtHeight(0) === params.genesis.hash, 'block 0 is not the genesis block');
    expectStored(store.hashAtHeight(store.height) === store.tip, `the tip is not the block at height ${store.height}`);
    expectStored(store.hashAtHeight(store.height + 1) === undefined, 'there is a block above the tip');
    checkRootNode(store);

    let child: Block | undefined;
    let sizeBytes = 0;
    let checkedBlocks = 0;
    for (let height = store.height; height >= 0 && checkedBlocks < QUICK_BLOCKS && sizeBytes < QUICK_BYTES; height--) {
      const block = checkStoredBlock(store, height);
      const committed = coinbaseOf(block).stateRoot;
      if (child === undefined)
        expectStored(committed === store.stateRoot, 'the state is not the one that the tip commits to');
      else {
        expectStored(child.header.prevHash === block.hash, `block ${height + 1} does not build on block ${height}`);
        const undo = store.undo(child.hash);
        expectStored(undo !== undefined, `the undo record of block ${height + 1} is missing`);
        expectStored(decodeUndo(undo).stateRoot === committed, `the undo record of block ${height + 1} does not fit`);
      }
      child = block;
      sizeBytes += block.raw.length;
      checkedBlocks++;
    }
    return { mode: 'quick', checkedBlocks, ok: true };
  });
}

/**
 * Replays the active chain from genesis by every rule, and compares accounts, state tree and header records with what
 * is stored. Throws `StoreError` `damaged` with the first thing that is wrong, and the reason of an aborted signal.
 */
export async function verifyFull(
  store: Store,
  params: Network,
  onProgress: (progress: Progress) => void = () => {},
  verify: VerifySignatures = verifyHere,
  signal?: AbortSignal,
): Promise<IntegrityReport> {
  verifyQuick(store, params);
  const pace = new Pace(signal);
  const state = MemoryState.genesis(params);
  const host = new ProgramCache(isValidSignature);
  const listed = inFolder(store, () => checkAccountTransactions(store, params.genesis, 0, []));
  const rows = { receipts: 0, blockReceipts: 0, reads: 0, accountTransactions: listed };
  const replay: Replay = { index: new HeaderIndex(params, 0), state, host, rows };
  let tip = replay.index.genesis;
  for (let first = 1; first <= store.height; first += BATCH_BLOCKS) {
    const count = Math.min(BATCH_BLOCKS, store.height + 1 - first);
    const blocks = inFolder(store, () => Array.from({ length: count }, (_, i) => checkStoredBlock(store, first + i)));
    const [bad] = await badSignaturesOf(blocks, verify);
    inFolder(store, () => {
      expectStored(bad === undefined, `the signature of transaction ${bad} is not valid`);
      for (const block of blocks) tip = replayBlock(store, params, replay, tip, block);
    });
    onProgress({ phase: 'verifying', done: tip.record.height, total: store.height });
    await pace.step();
  }
  inFolder(store, () => {
    compareState(store, state);
    const isExact = (name: keyof Replay['rows']) => store.rowCount(name) === rows[name];
    const areReceiptsExact = isExact('receipts') && isExact('blockReceipts');
    expectStored(areReceiptsExact, 'there are receipts of blocks that are not on the active chain');
    expectStored(isExact('reads'), 'there are reads of blocks that are not on the active chain');
    expectStored(isExact('accountTransactions'), 'accounts list transactions that do not touch them');
  });
  return { mode: 'full', checkedBlocks: store.height + 1, ok: true };
}

interface Replay {
  readonly index: HeaderIndex;
  readonly state: MemoryState;
  readonly host: ContractHost;
  /** Rows that follow from the blocks. */
  readonly rows: Record<'receipts' | 'blockReceipts' | 'reads' | 'accountTransactions', number>;
}

function replayBlock(store: Store, params: Network, replay: Replay, parent: BlockEntry, block: Block): BlockEntry {
  const { index, state, host, rows } = replay;
  const height = parent.record.height + 1;
  // What was from the future when it came is no longer.
  const seen = { atMs: 0, nowSeconds: Number.POSITIVE_INFINITY, from: '' };
  expectStored(block.header.prevHash === parent.record.hash, `block ${height} does not build on block ${height - 1}`);
  const entry = index.add(index.extend(parent, block, seen));
  const stored = store.header(height, block.hash);
  for (const field of ['chainWork', 'clock', 'active'] as const) {
    expectStored(stored?.[field] === entry.record[field], `the header record of block ${height} has another ${field}`);
  }
  checkBlockSanity(block, params);
  checkBlockContext(block, height);
  const { change, receipts, reads } = connectBlock(block, contextAbove(parent), state, params, host);
  state.apply(change);
  rows.receipts += receipts.length;
  if (receipts.length > 0) rows.blockReceipts++;
  if (checkReads(store, height, reads)) rows.reads++;
  rows.accountTransactions += checkAccountTransactions(store, block, height, receipts);
  return entry;
}

/** Each account lists the transactions of a block that touch it. @returns how many rows these are */
function checkAccountTransactions(
  store: Store,
  block: Block,
  height: number,
  receipts: readonly BlockReceipt[],
): number {
  const executions = new Map(receipts.map((each) => [each.txid, each]));
  const executionAt = (index: number) => executions.get(block.transactions[index]?.txid ?? '');
  let rows = 0;
  for (const { txid, position, addresses } of indexedTransactions(block, height, executionAt)) {
    const transaction = block.transactions[position.index];
    const required = new Set(transaction && addressesOf(transaction));
    // An earlier version listed no more than the transaction itself says, and kept no payments.
    const isComplete = !executions.has(txid) || store.receipt(txid)?.payments !== null;
    for (const address of addresses) {
      const listed = store.accountTransactionAt(address, position);
      const mayLack = listed === undefined && !isComplete && !required.has(address);
      expectStored(listed === txid || mayLack, `account ${address} does not list ${txid}`);
      if (!mayLack) rows++;
    }
  }
  return rows;
}

function checkRootNode(store: Store): void {
  if (store.stateRoot === EMPTY_ROOT) return;
  expectStored(isWholeNode(store.stateNode(store.stateRoot), store.stateRoot), 'the root of the state tree is missing');
}

/** The block of the active chain at a height, its bytes proved by its hashes. */
function checkStoredBlock(store: Store, height: number): Block {
  const hash = store.hashAtHeight(height);
  expectStored(hash !== undefined, `there is no block at height ${height}`);
  const raw = store.body(hash);
  expectStored(raw !== undefined, `the body of block ${height} is missing`);
  const block = decodeBlock(raw);
  expectStored(block.hash === hash, `the body of block ${height} is another block's`);
  const txids = block.transactions.map((transaction) => transaction.txid);
  expectStored(merkleRoot(txids) === block.header.merkleRoot, `the body of block ${height} does not match its header`);
  expectStored(
    store.header(height, hash)?.bodyBytes === raw.length,
    `the header record of block ${height} does not fit`,
  );
  expectStored(isIndexed(store, txids[0], hash), `block ${height} is not in the transaction index`);
  checkReceipts(store, block, height);
  checkReads(store, height);
  return block;
}

function isIndexed(store: Store, txid: Hash | undefined, blockHash: Hash): boolean {
  return txid !== undefined && store.transactionLocation(txid)?.blockHash === blockHash;
}

function inFolder<T>(store: Store, check: () => T): T {
  try {
    return check();
  } catch (error) {
    const isFinding = error instanceof Finding || error instanceof DecodeError;
    if (isFinding) throw damagedFolder(store.directory, error.message, error);
    if (error instanceof RuleError)
      throw damagedFolder(store.directory, `a stored block breaks a rule, ${error.message}`, error);
    throw error;
  }
}
