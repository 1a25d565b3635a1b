import {
  type Block,
  checkBlockContext,
  checkBlockSanity,
  decodeBlock,
  signedTransactionsOf,
} from '../../consensus/block.ts';
import { ByteReader, DecodeError } from '../../consensus/codec.ts';
import { connectBlock, disconnectBlock } from '../../consensus/connect.ts';
import { assertInvariant, RuleError } from '../../consensus/errors.ts';
import type { Network } from '../../consensus/genesis.ts';
import type { Hash } from '../../consensus/hash.ts';
import { type BlockHeader, blockHash, readHeader } from '../../consensus/header.ts';
import type { SignedTransaction } from '../../consensus/transaction.ts';
import { decodeUndo } from '../../consensus/undo.ts';
import { ancestorAt, type BlockEntry, contextAbove, forkPointOf, HeaderIndex } from '../../protocol/header-index.ts';
import { ProgramCache } from '../../protocol/program-cache.ts';
import type { StoredHeader } from '../../protocol/store-writes.ts';
import { isValidSignature } from '../../workers/native-signature.ts';
import { failpoint } from '../process/failpoint.ts';
import { isCopy } from './folder.ts';
import { type Losses, lossesOf } from './losses.ts';
import { firstThatFit } from './mempool-room.ts';
import { Pace, type Progress } from './pace.ts';
import {
  decodeAddress,
  decodeDiscouragement,
  decodeHeaderRecord,
  decodeJournalEntry,
  hashKey,
  hashOfHeaderKey,
  hashOfKey,
} from './records.ts';
import type { RowSource } from './row-source.ts';
import type { ApplyWrites, Store } from './store.ts';
import { badSignaturesOf, type VerifySignatures, verifyHere } from './verify-signatures.ts';

/** Writes of this many blocks share one flush: no block is announced before the whole chain is in place. */
const BATCH_BLOCKS = 64;
/** Maximum number of lines about omitted data; more is only counted. */
const MAX_DROPPED_LINES = 100;

/** What to rebuild. */
export interface ReindexOptions {
  readonly directory: string;
  readonly params: Network;
  /** A faster verification than the default may be given. */
  readonly verify?: VerifySignatures;
  readonly onProgress?: (progress: Progress) => void;
  /** Cancels the rebuild, which then throws the signal's reason and leaves the old chain unchanged. */
  readonly signal?: AbortSignal | undefined;
}

/** Result of a rebuild, with losses. */
export interface ReindexReport extends Losses {
  /** The tip after the rebuild. */
  readonly tip: Hash;
  readonly height: number;
  /** Blocks whose bodies were kept, on the active chain or not, genesis included. */
  readonly blocks: number;
  /** What had to be left out, one line each; at most 100 lines. */
  readonly dropped: readonly string[];
  /** How much was left out, also beyond those lines. */
  readonly droppedCount: number;
}

/** One rebuild: {@link readBlocks}, {@link connectBest}, {@link finish}, in this order. */
export class Rebuild {
  readonly #salvage: RowSource;
  readonly #store: Store;
  readonly #options: ReindexOptions;
  readonly #verify: VerifySignatures;
  readonly #host = new ProgramCache(isValidSignature);
  readonly #index: HeaderIndex;
  readonly #records = new Map<Hash, StoredHeader>();
  readonly #dropped: string[] = [];
  #droppedCount = 0;
  readonly #pace: Pace;
  #tip: BlockEntry;
  #blocks = 1;

  constructor(salvage: RowSource, store: Store, options: ReindexOptions) {
    this.#salvage = salvage;
    this.#store = store;
    this.#options = options;
    this.#verify = options.verify ?? verifyHere;
    this.#pace = new Pace(options.signal);
    for (const key of salvage.keys('headers')) {
      const value = salvage.value('headers', key);
      const hash = hashOfHeaderKey(key);
      if (value) this.#records.set(hash, decodeHeaderRecord(hash, value));
    }
    const createdMs = this.#records.get(options.params.genesis.hash)?.firstSeenMs ?? Date.now();
    this.#index = new HeaderIndex(options.params, createdMs);
    this.#tip = this.#index.genesis;
  }

  /** Links every header that leads back to genesis, and stores every body that fits its header. */
  async readBlocks(): Promise<void> {
    const withBody = await this.#linkHeaders();
    // The order in which blocks once arrived decides ties of work, as it did then.
    const arrivalOf = (entry: BlockEntry): number =>
      this.#records.get(entry.record.hash)?.arrival || Number.POSITIVE_INFINITY;
    withBody.sort((a, b) => arrivalOf(a) - arrivalOf(b) || a.record.height - b.record.height);
    for (let start = 0; start < withBody.length; start += BATCH_BLOCKS) {
      const batch = withBody.slice(start, start + BATCH_BLOCKS);
      this.#store.transaction((apply) => {
        for (const entry of batch) this.#takeBody(entry, apply);
      });
      this.#progress('reading', start + batch.length, withBody.length);
      await this.#pace.step();
    }
    for (const { hash, validity } of this.#records.values()) {
      const entry = this.#index.get(hash);
      if (entry && validity === 'operator-invalid') this.#index.setValidity(entry, validity, null);
    }
  }

  /**
   * Moves to the branch with the most work that holds by every rule. What was connected before, and is on other branches, is
   * connected once on the way: that a block is valid is known from its checks alone, never from a record.
   */
  async connectBest(): Promise<void> {
    for (const end of this.#connectedEnds()) await this.#moveTo(() => (end.failure ? this.#tip : end));
    await this.#moveTo(() => this.#index.bestBlock);
  }

  /**
   * The last blocks of all branches that were connected before, in an order in which no block is connected twice: at each
   * fork the side branches come first, then what leads to the best block.
   */
  #connectedEnds(): BlockEntry[] {
    const best = this.#index.bestBlock;
    const leadsToBest = (entry: BlockEntry) => ancestorAt(best, entry.record.height) === entry;
    const ends: BlockEntry[] = [];
    const stack = [this.#index.genesis];
    for (let entry = stack.pop(); entry; entry = stack.pop()) {
      const children = this.#index.childrenOf(entry).filter((child) => this.#wasConnected(child));
      if (children.length === 0) ends.push(entry);
      stack.push(...children.sort((a, b) => Number(leadsToBest(b)) - Number(leadsToBest(a))));
    }
    return ends;
  }

  /** Whether its record says so, and it can be connected again: all bodies up to it are there. */
  #wasConnected({ record, failure }: BlockEntry): boolean {
    return this.#records.get(record.hash)?.validity === 'valid' && record.arrival > 0 && failure === null;
  }

  /** Disconnects and connects blocks until it stands on the target, which may change when a block breaks a rule. */
  async #moveTo(target: () => BlockEntry): Promise<void> {
    while (this.#tip !== target()) {
      const ahead = this.#ahead(target());
      const badTxids = await badSignaturesOf(
        ahead.map((entry) => this.#block(entry)),
        this.#verify,
      );
      this.#store.transaction((apply) => {
        while (this.#tip !== forkPointOf(this.#tip, target())) this.#disconnect(apply);
        for (const entry of ahead) {
          if (!this.#connect(entry, badTxids, apply)) break;
        }
      });
      failpoint('rebuild-advanced');
      this.#progress('connecting', this.#tip.record.height, this.#index.bestBlock.record.height);
      await this.#pace.step();
    }
  }

  /** Header records with what was learnt, and what does not follow from blocks. */
  finish(): void {
    const heights = Array.from({ length: this.#index.maxHeight + 1 }, (_, height) => height);
    const entries = heights.flatMap((height) => this.#index.atHeight(height));
    this.#store.transaction((apply) => {
      apply(entries.map(({ record }) => ({ kind: 'header', record })));
      for (const [key, value] of this.#salvaged('journal')) {
        const entry = decodeJournalEntry(hashOfKey(key), value);
        if (!this.#store.transactionLocation(entry.txid)) apply([{ kind: 'journal-put', entry }]);
      }
      for (const { txid, raw } of firstThatFit(this.#returned())) {
        apply([{ kind: 'journal-put', entry: { txid, raw, receivedMs: Date.now(), unbroadcast: true } }]);
      }
      // A copy is another node, with peers of its own.
      for (const [key, value] of isCopy(this.#options.directory) ? [] : this.#salvaged('addresses')) {
        apply([{ kind: 'address-put', address: decodeAddress(key, value) }]);
      }
      for (const [key, value] of this.#salvaged('discouraged')) {
        apply([{ kind: 'discourage', entry: decodeDiscouragement(key, value) }]);
      }
    });
  }

  report(): ReindexReport {
    const { hash, height } = this.#tip.record;
    return {
      tip: hash,
      height,
      blocks: this.#blocks,
      dropped: this.#dropped,
      droppedCount: this.#droppedCount,
      ...lossesOf(this.#salvage, this.#records, this.#index, height),
    };
  }

  /** Entries whose bodies can be read. */
  async #linkHeaders(): Promise<BlockEntry[]> {
    const { genesis } = this.#options.params;
    const children = new Map<Hash, BlockHeader[]>();
    const bodies = new Set<Hash>();
    const known = new Set<Hash>([genesis.hash]);
    const addHeader = (hash: Hash, header: BlockHeader): void => {
      if (known.has(hash)) return;
      known.add(hash);
      const siblings = children.get(header.prevHash);
      if (siblings) siblings.push(header);
      else children.set(header.prevHash, [header]);
    };
    for (const key of this.#salvage.keys('bodies')) {
      const raw = this.#salvage.value('bodies', key);
      if (raw === undefined) continue;
      const header = readHeader(new ByteReader(raw));
      bodies.add(hashOfKey(key));
      addHeader(blockHash(header), header);
      await this.#pace.step();
    }
    for (const { hash, header } of this.#records.values()) addHeader(hash, header);

    const linked = [this.#index.genesis];
    for (const parent of linked) {
      for (const header of children.get(parent.record.hash) ?? []) {
        const entry = this.#link(parent, header);
        if (entry) linked.push(entry);
      }
    }
    const lost = known.size - linked.length;
    if (lost > 0) this.#drop(`${lost} headers do not lead back to genesis by every rule`);
    return linked.filter((entry) => entry !== this.#index.genesis && bodies.has(entry.record.hash));
  }

  #link(parent: BlockEntry, header: BlockHeader): BlockEntry | undefined {
    const hash = blockHash(header);
    const record = this.#records.get(hash);
    // What was from the future when it came is no longer.
    const seen = {
      atMs: record?.firstSeenMs ?? Date.now(),
      nowSeconds: Number.POSITIVE_INFINITY,
      from: record?.firstSeenFrom ?? 'reindex',
    };
    try {
      return this.#index.add(this.#index.extend(parent, { hash, header }, seen));
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      this.#drop(`header ${hash}: ${error.message}`);
      return undefined;
    }
  }

  #takeBody(entry: BlockEntry, apply: ApplyWrites): void {
    const { hash, height } = entry.record;
    try {
      const raw = this.#salvage.value('bodies', hashKey(hash));
      assertInvariant(raw !== undefined, `body of ${hash} was there a moment ago`);
      const block = decodeBlock(raw);
      checkBlockSanity(block, this.#options.params);
      checkBlockContext(block, height);
      apply([{ kind: 'body', blockHash: hash, raw }]);
      this.#index.recordBody(entry, raw.length, block.transactions.length);
      this.#blocks++;
    } catch (error) {
      if (!(error instanceof RuleError || error instanceof DecodeError)) throw error;
      this.#drop(`body of block ${height} ${hash}: ${error.message}`);
      return;
    }
  }

  /** What is to be connected next on the way to a block, lowest first. */
  #ahead(target: BlockEntry): BlockEntry[] {
    const first = forkPointOf(this.#tip, target).record.height + 1;
    const top = ancestorAt(target, Math.min(target.record.height, first + BATCH_BLOCKS - 1));
    const ahead: BlockEntry[] = [];
    for (let walk = top; walk && walk.record.height >= first; walk = walk.parent) ahead.push(walk);
    return ahead.reverse();
  }

  /** False when the block breaks a rule: there is another best block then. */
  #connect(entry: BlockEntry, badTxids: ReadonlySet<Hash>, apply: ApplyWrites): boolean {
    const block = this.#block(entry);
    const { hash, height } = entry.record;
    try {
      const bad = block.transactions.find(({ txid }) => badTxids.has(txid));
      if (bad) throw new RuleError('bad-signature', `transaction ${bad.txid}`);
      const effect = connectBlock(block, contextAbove(this.#tip), this.#store, this.#options.params, this.#host);
      apply([{ kind: 'connect', block, height, ...effect }]);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      this.#index.setValidity(entry, 'invalid', error.code);
      this.#drop(`block ${height} ${hash}: ${error.message}`);
      return false;
    }
    // Replaced directly: a block that holds changes nothing for its descendants, which `setValidity` would walk through.
    entry.record = { ...entry.record, validity: 'valid' };
    this.#tip = entry;
    return true;
  }

  #disconnect(apply: ApplyWrites): void {
    const { hash, height } = this.#tip.record;
    const undo = this.#store.undo(hash);
    assertInvariant(undo !== undefined && this.#tip.parent !== null, `block ${hash} can be disconnected`);
    const change = disconnectBlock(decodeUndo(undo), this.#store);
    // Only what the old chain stood on returns to the journal, in the end and all at once.
    apply([{ kind: 'disconnect', block: this.#block(this.#tip), height, change, returned: [] }]);
    this.#tip = this.#tip.parent;
  }

  #block(entry: BlockEntry): Block {
    const block = this.#store.block(entry.record.hash);
    assertInvariant(block !== undefined, `body of ${entry.record.hash} is stored`);
    return block;
  }

  /**
   * Transactions that were confirmed and are not any more: a node that was killed before it moved to a better branch stood
   * on another one. They are pending again, as after any reorganisation.
   */
  *#returned(): Generator<SignedTransaction> {
    for (const key of this.#salvage.keys('heights').sort(Buffer.compare)) {
      const value = this.#salvage.value('heights', key);
      const entry = value && this.#index.get(hashOfKey(value));
      // What breaks a rule was not taken over; an operator's verdict says nothing of the transactions.
      if (!entry?.record.bodyBytes || entry.failure === 'rule') continue;
      if (this.#store.hashAtHeight(entry.record.height) === entry.record.hash) continue;
      for (const transaction of signedTransactionsOf(this.#block(entry))) {
        if (!this.#store.transactionLocation(transaction.txid)) yield transaction;
      }
    }
  }

  *#salvaged(table: 'journal' | 'addresses' | 'discouraged'): Generator<[Buffer, Uint8Array]> {
    for (const key of this.#salvage.keys(table)) {
      const value = this.#salvage.value(table, key);
      if (value) yield [key, value];
    }
  }

  #drop(line: string): void {
    this.#droppedCount++;
    if (this.#dropped.length < MAX_DROPPED_LINES) this.#dropped.push(line);
  }

  #progress(phase: Progress['phase'], done: number, total: number): void {
    this.#options.onProgress?.({ phase, done, total });
  }
}
