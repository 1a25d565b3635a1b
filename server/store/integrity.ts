import { type Block, checkBlockContext, checkBlockSanity, coinbaseOf, decodeBlock } from '../../consensus/block.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { connectBlock } from '../../consensus/connect.ts';
import { RuleError } from '../../consensus/errors.ts';
import type { Network } from '../../consensus/genesis.ts';
import type { Hash } from '../../consensus/hash.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { merkleRoot } from '../../consensus/merkle.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { EMPTY_ROOT } from '../../consensus/state-tree.ts';
import { decodeUndo } from '../../consensus/undo.ts';
import { type BlockEntry, contextAbove, HeaderIndex } from '../../protocol/header-index.ts';
import { MemoryState } from '../../protocol/memory-state.ts';
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
    expect(store.hashAtHeight(0) === params.genesis.hash, 'block 0 is not the genesis block');
    expect(store.hashAtHeight(store.height) === store.tip, `the tip is not the block at height ${store.height}`);
    expect(store.hashAtHeight(store.height + 1) === undefined, 'there is a block above the tip');
    checkRootNode(store);

    let child: Block | undefined;
    let sizeBytes = 0;
    let checkedBlocks = 0;
    for (let height = store.height; height >= 0 && checkedBlocks < QUICK_BLOCKS && sizeBytes < QUICK_BYTES; height--) {
      const block = checkStoredBlock(store, height);
      const committed = coinbaseOf(block).stateRoot;
      if (child === undefined)
        expect(committed === store.stateRoot, 'the state is not the one that the tip commits to');
      else {
        expect(child.header.prevHash === block.hash, `block ${height + 1} does not build on block ${height}`);
        const undo = store.undo(child.hash);
        expect(undo !== undefined, `the undo record of block ${height + 1} is missing`);
        expect(decodeUndo(undo).stateRoot === committed, `the undo record of block ${height + 1} does not fit`);
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
  const replay = { index: new HeaderIndex(params, 0), state: MemoryState.genesis(params) };
  let tip = replay.index.genesis;
  for (let first = 1; first <= store.height; first += BATCH_BLOCKS) {
    const count = Math.min(BATCH_BLOCKS, store.height + 1 - first);
    const blocks = inFolder(store, () => Array.from({ length: count }, (_, i) => checkStoredBlock(store, first + i)));
    const [bad] = await badSignaturesOf(blocks, verify);
    inFolder(store, () => {
      expect(bad === undefined, `the signature of transaction ${bad} is not valid`);
      for (const block of blocks) tip = replayBlock(store, params, replay, tip, block);
    });
    onProgress({ phase: 'verifying', done: tip.record.height, total: store.height });
    await pace.step();
  }
  inFolder(store, () => compareState(store, replay.state));
  return { mode: 'full', checkedBlocks: store.height + 1, ok: true };
}

interface Replay {
  readonly index: HeaderIndex;
  readonly state: MemoryState;
}

function replayBlock(
  store: Store,
  params: Network,
  { index, state }: Replay,
  parent: BlockEntry,
  block: Block,
): BlockEntry {
  const height = parent.record.height + 1;
  // What was from the future when it came is no longer.
  const seen = { atMs: 0, nowSeconds: Number.POSITIVE_INFINITY, from: '' };
  expect(block.header.prevHash === parent.record.hash, `block ${height} does not build on block ${height - 1}`);
  const entry = index.add(index.extend(parent, block, seen));
  const stored = store.header(height, block.hash);
  for (const field of ['chainWork', 'clock', 'active'] as const) {
    expect(stored?.[field] === entry.record[field], `the header record of block ${height} has another ${field}`);
  }
  checkBlockSanity(block, params);
  checkBlockContext(block, height);
  state.apply(connectBlock(block, contextAbove(parent), state, params).change);
  return entry;
}

function compareState(store: Store, state: MemoryState): void {
  expect(store.stateRoot === state.stateRoot, `the state root is ${store.stateRoot}, replayed ${state.stateRoot}`);
  expect(
    store.accountCount() === state.accounts.size,
    `${store.accountCount()} accounts, replayed ${state.accounts.size}`,
  );
  for (const [address, account] of store.accounts()) {
    const replayed = state.account(address);
    const isEqual = replayed?.balance === account.balance && replayed.nonce === account.nonce;
    expect(isEqual, `account ${address} is not what a replay gives`);
  }
  expect(store.stateNodeCount() === state.nodes.size, 'the state tree has nodes that do not belong to it');
  for (const hash of state.nodes.keys()) expect(isWhole(store.stateNode(hash), hash), `state node ${hash} is missing`);
}

function checkRootNode(store: Store): void {
  if (store.stateRoot === EMPTY_ROOT) return;
  expect(isWhole(store.stateNode(store.stateRoot), store.stateRoot), 'the root of the state tree is missing');
}

/** The block of the active chain at a height, its bytes proved by its hashes. */
function checkStoredBlock(store: Store, height: number): Block {
  const hash = store.hashAtHeight(height);
  expect(hash !== undefined, `there is no block at height ${height}`);
  const raw = store.body(hash);
  expect(raw !== undefined, `the body of block ${height} is missing`);
  const block = decodeBlock(raw);
  expect(block.hash === hash, `the body of block ${height} is another block's`);
  const txids = block.transactions.map((transaction) => transaction.txid);
  expect(merkleRoot(txids) === block.header.merkleRoot, `the body of block ${height} does not match its header`);
  expect(store.header(height, hash)?.bodyBytes === raw.length, `the header record of block ${height} does not fit`);
  expect(isIndexed(store, txids[0], hash), `block ${height} is not in the transaction index`);
  return block;
}

function isIndexed(store: Store, txid: Hash | undefined, blockHash: Hash): boolean {
  return txid !== undefined && store.transactionLocation(txid)?.blockHash === blockHash;
}

function isWhole(node: Uint8Array | undefined, hash: Hash): boolean {
  return node !== undefined && bytesToHex(sha256(node)) === hash;
}

/** A failed check, reported as a damaged folder. */
class Finding extends Error {}

function expect(condition: boolean, finding: string): asserts condition {
  if (!condition) throw new Finding(finding);
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
