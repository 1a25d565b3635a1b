import {
  type Block,
  checkBlockContext,
  checkBlockSanity,
  decodeBlock,
  signedTransactionsOf,
} from '../consensus/block.ts';
import type { BlockExecution } from '../consensus/block-execution.ts';
import type { BlockEffect } from '../consensus/block-seal.ts';
import { BlockConnection, startDisconnection } from '../consensus/connect.ts';
import type { ContractHost } from '../consensus/contract-host.ts';
import { assertInvariant, type RuleCode, RuleError } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import type { NetworkParams } from '../consensus/params.ts';
import type { StateChange } from '../consensus/state-change.ts';
import type { SteppedWork } from '../consensus/stepped-work.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { decodeUndo } from '../consensus/undo.ts';
import type { BoundedResource } from './bounded-resource.ts';
import { type ChainChange, ChainMove } from './chain-move.ts';
import { DecodedBlocks } from './decoded-blocks.ts';
import type { EventContext } from './event-context.ts';
import { ancestorAt, type BlockEntry, contextAbove, forkPointOf, type HeaderIndex } from './header-index.ts';
import type { ChainView } from './node-view.ts';
import type { PendingState } from './pending-state.ts';
import type { JournalEntry, StoreWrite } from './store-writes.ts';
import type { Verifier } from './verifier.ts';

/** Work done for one event, in units of a transaction (a block counts as one more), before others get their turn: a few milliseconds. */
const STEP_BUDGET = 32;
/** What a unit of the budget is in work of a connection, in gas. A transfer takes no more. */
const STEP_UNIT_WORK = 5_000;
/** The whole budget in gas. */
export const STEP_WORK = STEP_BUDGET * STEP_UNIT_WORK;
/** Blocks whose signatures are checked ahead of the one that is connected next. */
const VERIFY_AHEAD_BLOCKS = 16;

export interface ChainObserver {
  /** The node stands on another tip, durably; called once when the best chain is reached. */
  onChange(change: ChainChange): void;
  /**
   * The best block is being executed, which takes several steps: its body is stored and its signatures are valid. Called once,
   * with what the change will be.
   */
  onExecuting(change: Pick<ChainChange, 'disconnected' | 'connected'>): void;
  /** A block on the branch with the most work broke a rule. */
  onInvalid(entry: BlockEntry, error: RuleError): void;
  /** What the journal holds of a pending transaction; undefined where it is not pending. */
  journalEntry(txid: Hash): JournalEntry | undefined;
  /** What this node has executed already of exactly the transactions of a block on a parent, which is the tip. */
  takeExecution(parent: BlockEntry, block: Block): BlockExecution | undefined;
}

interface ChainParts {
  readonly context: EventContext;
  readonly params: NetworkParams;
  readonly state: PendingState;
  readonly verifier: Verifier;
  readonly host: ContractHost;
  readonly observer: ChainObserver;
  readonly index: HeaderIndex;
  readonly tip: Hash;
}

/**
 * The active chain: takes headers and bodies, and moves to the branch with the most work, one block after the other.
 * Long moves are cut into steps; between two steps the stored state is that of a valid chain.
 *
 * idle -> moving (a better block is connectable) -> verifying (signatures of the next block are out) -> moving -> … -> idle
 */
export class Chain implements ChainView {
  readonly index: HeaderIndex;
  readonly #context: EventContext;
  readonly #params: NetworkParams;
  readonly #state: PendingState;
  readonly #verifier: Verifier;
  readonly #host: ContractHost;
  readonly #observer: ChainObserver;
  /** Active chain by height. */
  readonly #active: BlockEntry[] = [];
  /** Signature checks of blocks that are on their way to being connected. */
  readonly #signatures = new Map<Hash, 'pending' | 'valid'>();
  readonly #move = new ChainMove();
  readonly #decoded = new DecodedBlocks();
  /** The block whose connection takes several steps: it reads the stored tip, and is dropped with it. */
  #connecting: {
    readonly entry: BlockEntry;
    readonly parent: BlockEntry;
    readonly connection: BlockConnection;
    isTold: boolean;
  } | null = null;
  /** The tip that is being disconnected, where that takes several steps. */
  #disconnecting: { readonly entry: BlockEntry; readonly work: SteppedWork<StateChange> } | null = null;
  #continueAsked = false;

  constructor({ context, params, state, verifier, host, observer, index, tip }: ChainParts) {
    this.#context = context;
    this.#params = params;
    this.#state = state;
    this.#verifier = verifier;
    this.#host = host;
    this.#observer = observer;
    this.index = index;
    const entry = index.get(tip);
    assertInvariant(entry !== undefined, `stored tip ${tip} is not in the header index`);
    for (let walk: BlockEntry | null = entry; walk; walk = walk.parent) this.#active.push(walk);
    this.#active.reverse();
  }

  get tip(): BlockEntry {
    const tip = this.#active.at(-1);
    assertInvariant(tip !== undefined, 'the active chain holds at least genesis');
    return tip;
  }

  get bestHeader(): BlockEntry {
    return this.index.bestHeader;
  }

  get maxHeight(): number {
    return this.index.maxHeight;
  }

  /** True while the chain is being moved: the tip is about to change again, or its change is not announced yet. */
  get isMoving(): boolean {
    return this.index.bestBlock !== this.tip || !this.#move.isEmpty;
  }

  get(blockHash: Hash): BlockEntry | undefined {
    return this.index.get(blockHash);
  }

  isActive(entry: { readonly record: { readonly height: number; readonly hash: Hash } }): boolean {
    return this.#active[entry.record.height]?.record.hash === entry.record.hash;
  }

  activeAt(height: number): BlockEntry | undefined {
    return this.#active[height];
  }

  atHeight(height: number): readonly BlockEntry[] {
    return this.index.atHeight(height);
  }

  leaves(): readonly BlockEntry[] {
    return this.index.leaves();
  }

  /**
   * Keeps headers that were checked by `HeaderIndex.extend`. They may be written ahead of bodies; alone they never
   * move the tip.
   */
  keepHeaders(entries: readonly BlockEntry[]): BlockEntry[] {
    const fresh = entries.filter((entry) => !this.index.get(entry.record.hash));
    const kept = entries.map((entry) => this.index.add(entry));
    this.#persist(fresh.map(({ record }) => ({ kind: 'header', record })));
    return kept;
  }

  /**
   * Takes a whole block whose header is kept. Its body is checked without state, stored, and connected when it is on
   * the branch with the most work.
   * @throws RuleError of the sanity and context stages; the header is marked invalid only where the rule says that the body condemns it.
   */
  acceptBody(entry: BlockEntry, block: Block): void {
    if (entry.record.bodyBytes > 0) return;
    try {
      checkBlockSanity(block, this.#params);
      checkBlockContext(block, entry.record.height);
    } catch (error) {
      if (error instanceof RuleError && error.marksInvalid) this.#markInvalid(entry, error.code);
      throw error;
    }
    const connectable = this.index.recordBody(entry, block.raw.length, block.transactions.length);
    const changed = connectable.length > 0 ? connectable : [entry];
    this.#persist([
      { kind: 'body', blockHash: entry.record.hash, raw: block.raw },
      ...changed.map((each): StoreWrite => ({ kind: 'header', record: each.record })),
    ]);
    this.#decoded.remember(block);
    this.advance();
  }

  /** `invalidateBlock`: treats a block as invalid until it is reconsidered. Genesis cannot be. */
  invalidate(entry: BlockEntry): void {
    this.index.setValidity(entry, 'operator-invalid', null);
    this.#persist([{ kind: 'header', record: entry.record }]);
    this.advance();
  }

  /** `reconsiderBlock`: forgets what made the block, its ancestors and its descendants invalid; they are checked again. */
  reconsider(entry: BlockEntry): void {
    const cleared: BlockEntry[] = [];
    const clear = (each: BlockEntry): void => {
      if (each.record.validity !== 'invalid' && each.record.validity !== 'operator-invalid') return;
      this.index.setValidity(each, 'unknown', null);
      cleared.push(each);
    };
    const ancestors: BlockEntry[] = [];
    for (let walk: BlockEntry | null = entry; walk?.failure; walk = walk.parent) ancestors.push(walk);
    for (const each of ancestors.reverse()) clear(each);
    const descendants = this.index.childrenOf(entry);
    for (const each of descendants) {
      clear(each);
      descendants.push(...this.index.childrenOf(each));
    }
    this.#persist(cleared.map((each) => ({ kind: 'header', record: each.record })));
    this.advance();
  }

  /** Answer to a `continue` effect. */
  onContinue(): void {
    if (!this.#continueAsked) return;
    this.#continueAsked = false;
    this.advance();
  }

  /** Moves towards the best block as far as the step's budget and verified signatures allow. */
  advance(): void {
    if (this.#continueAsked) return;
    for (let budget = STEP_BUDGET; ; ) {
      const best = this.index.bestBlock;
      if (best === this.tip) {
        this.#finish();
        return;
      }
      if (budget <= 0) break;
      const cost =
        this.tip === forkPointOf(this.tip, best) ? this.#connectNext(best, budget) : this.#disconnectTip(budget);
      if (cost === 'waiting') return;
      budget -= cost;
    }
    this.#continueAsked = true;
    this.#context.emit({ type: 'continue' });
  }

  /** A stored block. */
  readBlock(entry: BlockEntry): Block {
    const decoded = this.#decoded.get(entry.record.hash);
    if (decoded) return decoded;
    const raw = this.#state.body(entry.record.hash);
    assertInvariant(raw !== undefined, `body of ${entry.record.hash} is not stored`);
    return decodeBlock(raw);
  }

  /** Whether the blocks that could be connected, and are not yet, have more than `limit` transactions. */
  hasWaitingTransactions(limit: number): boolean {
    let count = 0;
    for (let walk: BlockEntry | null = this.index.bestBlock; walk && !this.isActive(walk); walk = walk.parent) {
      count += walk.record.transactionCount;
      if (count > limit) return true;
    }
    return false;
  }

  resources(): BoundedResource[] {
    return this.#decoded.resources();
  }

  /** Forgets blocks that are unlikely to be connected: invalid ones, and those on a branch with less work. */
  #forgetStale(): void {
    for (const hash of this.#decoded.hashes()) {
      const entry = this.index.get(hash);
      const isAhead = entry && !entry.failure && entry.record.chainWork > this.tip.record.chainWork;
      if (!isAhead && entry !== this.tip) this.#decoded.forget(hash);
    }
  }

  #connectNext(best: BlockEntry, budget: number): number | 'waiting' {
    const height = this.tip.record.height + 1;
    if (!this.#requestSignatures(best, height)) return 'waiting';
    const next = ancestorAt(best, height);
    assertInvariant(next !== null, 'the best block is above the tip');
    const block = this.readBlock(next);
    let work = 0;
    try {
      const connection = this.#connectionOf(next, block);
      const workBefore = connection.work;
      const effect = connection.advance(budget * STEP_UNIT_WORK);
      work = connection.work - workBefore;
      if (effect === undefined) {
        if (next === best) this.#tellOfExecution(next);
        return Math.max(budget, 1);
      }
      this.#connected(next, block, effect);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      this.#dropConnection(next);
      this.#markInvalid(next, error.code);
      this.#observer.onInvalid(next, error);
      return 1;
    }
    return Math.max(block.transactions.length, Math.ceil(work / STEP_UNIT_WORK));
  }

  /** What an earlier step has begun, unless the chain has turned to another block since. */
  #connectionOf(entry: BlockEntry, block: Block): BlockConnection {
    const parent = this.tip;
    if (this.#connecting?.entry !== entry || this.#connecting.parent !== parent) {
      const context = contextAbove(parent);
      const executed = this.#observer.takeExecution(parent, block);
      const connection = new BlockConnection(block, context, this.#state, this.#params, this.#host, executed);
      this.#connecting = { entry, parent, connection, isTold: false };
    }
    return this.#connecting.connection;
  }

  #tellOfExecution(entry: BlockEntry): void {
    if (this.#connecting === null || this.#connecting.isTold) return;
    this.#connecting.isTold = true;
    const { disconnected, connected } = this.#move;
    this.#observer.onExecuting({ disconnected, connected: [...connected, entry] });
  }

  #dropConnection(entry: BlockEntry): void {
    this.#connecting = null;
    this.#signatures.delete(entry.record.hash);
  }

  #connected(entry: BlockEntry, block: Block, effect: BlockEffect): void {
    this.#dropConnection(entry);
    if (entry.record.validity !== 'valid') this.index.setValidity(entry, 'valid', null);
    this.#persist([
      { kind: 'header', record: entry.record },
      { kind: 'connect', block, height: entry.record.height, ...effect },
    ]);
    this.#decoded.forget(this.tip.record.hash);
    this.#active.push(entry);
    this.#move.recordConnected(entry);
  }

  #disconnectTip(budget: number): number {
    const entry = this.tip;
    const disconnection = this.#disconnectionOf(entry);
    const workBefore = disconnection.work;
    const change = disconnection.advance(budget * STEP_UNIT_WORK);
    if (change === undefined) return Math.max(budget, 1);
    this.#disconnecting = null;
    const block = this.readBlock(entry);
    const transactions = block.transactions.filter((transaction) => transaction.kind !== 'coinbase');
    const isTakenBack = this.#move.takeBack(entry);
    const returned = isTakenBack
      ? this.#takenBack(transactions)
      : transactions.map((transaction) => this.#returnedNow(transaction));
    this.#persist([{ kind: 'disconnect', block, height: entry.record.height, change, returned }]);
    this.#active.pop();
    if (!isTakenBack) {
      const forgotten = this.#move.recordDisconnected(entry, transactions);
      this.#persist(forgotten.map((txid) => ({ kind: 'journal-delete', txid })));
    }
    return Math.max(block.transactions.length, Math.ceil((disconnection.work - workBefore) / STEP_UNIT_WORK));
  }

  /** What an earlier step has begun: the state at a tip is always the same. */
  #disconnectionOf(entry: BlockEntry): SteppedWork<StateChange> {
    if (this.#disconnecting?.entry === entry) return this.#disconnecting.work;
    const undo = this.#state.undo(entry.record.hash);
    assertInvariant(undo !== undefined, `undo record of ${entry.record.hash} is not stored`);
    const work = startDisconnection(decodeUndo(undo), this.#state);
    this.#disconnecting = { entry, work };
    return work;
  }

  #returnedNow({ txid, raw }: SignedTransaction): JournalEntry {
    return { txid, raw, receivedMs: this.#context.now.wallMs, unbroadcast: false };
  }

  /**
   * What enters the journal when a block is disconnected whose connection was not announced yet: only what is pending, as
   * it was, or returns from an announced block. The mempool has never accepted anything else of it, and after a restart
   * that would displace what it had accepted.
   */
  #takenBack(transactions: readonly SignedTransaction[]): JournalEntry[] {
    const left = this.#move.returnedIds();
    return transactions.flatMap((transaction) => {
      const pending = this.#observer.journalEntry(transaction.txid);
      return pending ?? (left.has(transaction.txid) ? this.#returnedNow(transaction) : []);
    });
  }

  /** Sends the signatures of the next blocks to be verified. True when those of the block at `height` are known to be valid. */
  #requestSignatures(best: BlockEntry, height: number): boolean {
    const top = Math.min(best.record.height, height + VERIFY_AHEAD_BLOCKS - 1);
    const ahead: BlockEntry[] = [];
    for (let walk = ancestorAt(best, top); walk && walk.record.height >= height; walk = walk.parent) ahead.push(walk);
    for (const entry of ahead.reverse()) this.#requestSignaturesOf(entry);
    const next = ahead[0];
    return next !== undefined && this.#signatures.get(next.record.hash) === 'valid';
  }

  #requestSignaturesOf(entry: BlockEntry): void {
    const { hash } = entry.record;
    if (this.#signatures.has(hash)) return;
    // A coinbase is not signed, and a block that was valid once keeps its signatures.
    if (entry.record.transactionCount === 1 || entry.record.validity === 'valid') {
      this.#signatures.set(hash, 'valid');
      return;
    }
    const unverified = this.#verifier.unverified(signedTransactionsOf(this.readBlock(entry)));
    if (unverified.length === 0) {
      this.#signatures.set(hash, 'valid');
      return;
    }
    this.#signatures.set(hash, 'pending');
    this.#verifier.verify(unverified, (valid) => this.#onSignatures(entry, unverified, valid));
  }

  #onSignatures(entry: BlockEntry, transactions: readonly SignedTransaction[], valid: readonly boolean[]): void {
    const bad = transactions.find((_, i) => !valid[i]);
    if (bad) {
      this.#signatures.delete(entry.record.hash);
      const error = new RuleError('bad-signature', `transaction ${bad.txid} in block ${entry.record.hash}`);
      this.#markInvalid(entry, error.code);
      this.#observer.onInvalid(entry, error);
    } else this.#signatures.set(entry.record.hash, 'valid');
    this.advance();
  }

  #markInvalid(entry: BlockEntry, code: RuleCode): void {
    this.index.setValidity(entry, 'invalid', code);
    this.#persist([{ kind: 'header', record: entry.record }]);
  }

  #finish(): void {
    if (this.#move.isEmpty) return;
    const change = this.#move.finish();
    this.#connecting = null;
    this.#disconnecting = null;
    // What was verified ahead of blocks that were not connected after all.
    for (const [hash, state] of this.#signatures) if (state === 'valid') this.#signatures.delete(hash);
    this.#observer.onChange(change);
    this.#forgetStale();
  }

  #persist(writes: readonly StoreWrite[]): void {
    if (writes.length === 0) return;
    this.#state.apply(writes);
    this.#context.emit({ type: 'persist', writes });
  }
}
