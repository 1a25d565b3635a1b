import type { BlockContext } from '../consensus/block-context.ts';
import { nextActiveTime, requiredBits } from '../consensus/difficulty.ts';
import { assertInvariant, type RuleCode, RuleError } from '../consensus/errors.ts';
import type { Network } from '../consensus/genesis.ts';
import type { Hash } from '../consensus/hash.ts';
import {
  type BlockHeader,
  checkHeaderContext,
  checkHeaderSanity,
  MEDIAN_TIME_BLOCKS,
  medianTimePast,
} from '../consensus/header.ts';
import { workOfBits } from '../consensus/target.ts';
import type { BlockIndexView } from './node-view.ts';
import type { StoredHeader, Validity } from './store-writes.ts';

/** A node of the tree of headers. Its record is replaced when something new is known of the block, never changed. */
export interface BlockEntry extends BlockIndexView {
  record: StoredHeader;
  readonly parent: BlockEntry | null;
  /** An ancestor far back, so that any ancestor is found in O(log n) steps. */
  readonly skip: BlockEntry | null;
  /** The previous entry at the same height: nearly all heights have one, so that a list for each would waste memory. */
  sibling: BlockEntry | null;
  /**
   * Why the block cannot be on the active chain: it or an ancestor breaks a rule, or the operator ruled it out. The latter
   * is no peer's fault, and peers may continue to build there.
   */
  failure: 'rule' | 'operator' | null;
}

/**
 * Every header that the node keeps, as a tree with work, time and validity. Knows the best block (`bestBlock`: most work
 * among those with all bodies, first arrived on equal work), but not the tip, which may still be on its way there.
 */
export class HeaderIndex {
  readonly genesis: BlockEntry;
  readonly #params: Network;
  readonly #byHash = new Map<Hash, BlockEntry>();
  /** The newest entry of each height; the others hang on it. */
  readonly #byHeight: BlockEntry[] = [];
  readonly #leaves = new Set<BlockEntry>();
  #bestBlock: BlockEntry;
  #bestHeader: BlockEntry;
  #arrivals = 1;

  constructor(params: Network, nowMs: number) {
    this.#params = params;
    this.genesis = makeEntry(null, genesisRecord(params, nowMs));
    this.#bestBlock = this.genesis;
    this.#bestHeader = this.genesis;
    this.#insert(this.genesis);
  }

  get size(): number {
    return this.#byHash.size;
  }

  get maxHeight(): number {
    return this.#byHeight.length - 1;
  }

  get bestBlock(): BlockEntry {
    return this.#bestBlock;
  }

  get bestHeader(): BlockEntry {
    return this.#bestHeader;
  }

  get(hash: Hash): BlockEntry | undefined {
    return this.#byHash.get(hash);
  }

  /** Oldest first. */
  atHeight(height: number): BlockEntry[] {
    const entries: BlockEntry[] = [];
    for (let walk = this.#byHeight[height]; walk; walk = walk.sibling ?? undefined) entries.push(walk);
    return entries.reverse();
  }

  childrenOf(entry: BlockEntry): BlockEntry[] {
    return this.atHeight(entry.record.height + 1).filter((candidate) => candidate.parent === entry);
  }

  leaves(): BlockEntry[] {
    return [...this.#leaves];
  }

  /** Puts back a record of an earlier run; parents come first. */
  restore(record: StoredHeader): void {
    const known = this.#byHash.get(record.hash);
    if (known) {
      known.record = record;
      return;
    }
    const parent = this.#byHash.get(record.header.prevHash);
    assertInvariant(parent !== undefined, `stored header ${record.hash} has no stored parent`);
    this.#insert(makeEntry(parent, record));
    this.#arrivals = Math.max(this.#arrivals, record.arrival);
  }

  /**
   * Checks what can be checked of a header whose parent is not known.
   * @throws RuleError of the sanity stage
   */
  checkAlone({ hash, header }: { readonly hash: Hash; readonly header: BlockHeader }): void {
    checkHeaderSanity(header, hash, this.#params);
  }

  /**
   * Checks a header and links it behind its parent, without keeping it: a chain of headers can be looked at as a whole
   * before anything is stored. The hash is the header's; the caller has computed it to find out that it is new.
   * @throws RuleError of the sanity and context stages, `invalid-ancestor`
   */
  extend(
    parent: BlockEntry,
    { hash, header }: { readonly hash: Hash; readonly header: BlockHeader },
    seen: { atMs: number; nowSeconds: number; from: string },
  ): BlockEntry {
    checkHeaderSanity(header, hash, this.#params);
    if (parent.failure === 'rule')
      throw new RuleError('invalid-ancestor', `${hash} builds on invalid block ${parent.record.hash}`);
    const height = parent.record.height + 1;
    const context = {
      height,
      requiredBits: requiredBits(parent.record, this.#params),
      medianTimePast: medianTimeOf(parent),
    };
    checkHeaderContext(header, context, seen.nowSeconds, this.#params);
    const { clock, active } = nextActiveTime(parent.record, header.time, this.#params);
    return makeEntry(parent, {
      hash,
      header,
      height,
      chainWork: parent.record.chainWork + workOfBits(header.bits),
      clock,
      active,
      validity: 'unknown',
      invalidReason: null,
      arrival: 0,
      bodyBytes: 0,
      transactionCount: 0,
      firstSeenMs: seen.atMs,
      firstSeenFrom: seen.from,
    });
  }

  /** Keeps an entry made by `extend`. Returns the kept one, which is another where the hash was known. */
  add(entry: BlockEntry): BlockEntry {
    const known = this.#byHash.get(entry.record.hash);
    if (known) return known;
    const parent = this.#byHash.get(entry.record.header.prevHash);
    assertInvariant(parent !== undefined, 'a header is added behind a kept parent');
    // The parent may have been kept from another peer since this entry was linked to its own copy of it.
    const kept = entry.parent === parent ? entry : makeEntry(parent, entry.record);
    this.#insert(kept);
    return kept;
  }

  /**
   * Records that the body is stored. Returns the entries that became connectable with it (all ancestors have bodies),
   * parents first; their order of arrival is fixed now.
   */
  recordBody(entry: BlockEntry, bodyBytes: number, transactionCount: number): BlockEntry[] {
    entry.record = { ...entry.record, bodyBytes, transactionCount };
    if ((entry.parent?.record.arrival ?? 0) === 0) return [];
    const connectable = [entry];
    for (const next of connectable) {
      this.#arrivals++;
      next.record = { ...next.record, arrival: this.#arrivals };
      this.#considerBest(next);
      connectable.push(...this.childrenOf(next).filter((child) => child.record.bodyBytes > 0));
    }
    return connectable;
  }

  /** Records the outcome of a block's checks. A failure applies to its descendants as well. */
  setValidity(entry: BlockEntry, validity: Validity, reason: RuleCode | null): void {
    entry.record = { ...entry.record, validity, invalidReason: reason };
    this.#refreshFailures(entry);
  }

  /** Applies a change of validity to the descendants, then finds the best block and header again. */
  #refreshFailures(from: BlockEntry): void {
    if (failureOf(from) === from.failure) return;
    const stack = [from];
    for (let entry = stack.pop(); entry; entry = stack.pop()) {
      entry.failure = failureOf(entry);
      stack.push(...this.childrenOf(entry));
    }
    this.#bestBlock = this.genesis;
    this.#bestHeader = this.genesis;
    for (const entry of this.#byHash.values()) this.#considerBest(entry);
  }

  #considerBest(entry: BlockEntry): void {
    if (entry.failure) return;
    if (entry.record.arrival > 0 && isBetterBlock(entry.record, this.#bestBlock.record)) this.#bestBlock = entry;
    if (entry.record.chainWork > this.#bestHeader.record.chainWork) this.#bestHeader = entry;
  }

  #insert(entry: BlockEntry): void {
    const { hash, height } = entry.record;
    this.#byHash.set(hash, entry);
    entry.sibling = this.#byHeight[height] ?? null;
    this.#byHeight[height] = entry;
    this.#leaves.add(entry);
    if (entry.parent) this.#leaves.delete(entry.parent);
    entry.failure = failureOf(entry);
    this.#considerBest(entry);
  }
}

/** Most work wins; on equal work the block whose whole body arrived first. */
function isBetterBlock(a: StoredHeader, b: StoredHeader): boolean {
  return a.chainWork > b.chainWork || (a.chainWork === b.chainWork && a.arrival < b.arrival);
}

function failureOf(entry: BlockEntry): BlockEntry['failure'] {
  if (entry.record.validity === 'invalid') return 'rule';
  if (entry.record.validity === 'operator-invalid') return 'operator';
  return entry.parent?.failure ?? null;
}

function makeEntry(parent: BlockEntry | null, record: StoredHeader): BlockEntry {
  const skip = parent && ancestorAt(parent, skipHeight(record.height));
  return { record, parent, skip, sibling: null, failure: parent?.failure ?? null };
}

/** Clears the lowest set bit (of odd heights, the lowest two after one step): the skip list of Bitcoin Core's `GetSkipHeight`. */
function skipHeight(height: number): number {
  if (height < 2) return 0;
  const clearLowest = (n: number): number => n & (n - 1);
  return height & 1 ? clearLowest(clearLowest(height - 1)) + 1 : clearLowest(height);
}

/** The ancestor (or the entry itself) at a height; null above the entry. O(log n). */
export function ancestorAt(entry: BlockEntry, height: number): BlockEntry | null {
  if (height > entry.record.height || height < 0) return null;
  let walk = entry;
  while (walk.record.height > height) {
    const next = walk.skip && walk.skip.record.height >= height ? walk.skip : walk.parent;
    assertInvariant(next !== null, 'only genesis has no parent');
    walk = next;
  }
  return walk;
}

/** The last block that both branches share. */
export function forkPointOf(a: BlockEntry, b: BlockEntry): BlockEntry {
  const height = Math.min(a.record.height, b.record.height);
  let left = ancestorAt(a, height);
  let right = ancestorAt(b, height);
  while (left !== right) {
    assertInvariant(left !== null && right !== null, 'all branches meet at genesis');
    const skippable = left.skip !== right.skip && left.skip !== null;
    left = skippable ? left.skip : left.parent;
    right = skippable ? right.skip : right.parent;
  }
  assertInvariant(left !== null, 'all branches meet at genesis');
  return left;
}

/** Median of the times of an entry and of its ancestors, `MEDIAN_TIME_BLOCKS` in all: what its child's time must exceed. */
export function medianTimeOf(entry: BlockEntry): number {
  const times: number[] = [];
  for (let walk: BlockEntry | null = entry; walk && times.length < MEDIAN_TIME_BLOCKS; walk = walk.parent) {
    times.push(walk.record.header.time);
  }
  return medianTimePast(times);
}

/** What the execution of a child of the entry reads of the chain below it. */
export function contextAbove(parent: BlockEntry): BlockContext {
  return {
    height: parent.record.height + 1,
    // Only contracts ask for it.
    get medianTimePast() {
      return medianTimeOf(parent);
    },
    blockHash: (height) => {
      const ancestor = ancestorAt(parent, height);
      assertInvariant(ancestor !== null, `no block at height ${height} below`);
      return ancestor.record.hash;
    },
  };
}

/** The earliest time that a child of the entry may have. On a fast chain it may be ahead of the clock. */
export function earliestTimeAfter(entry: BlockEntry): number {
  return medianTimeOf(entry) + 1;
}

/**
 * Hashes from a block back to genesis, dense at first, then ever sparser, by which a peer finds the fork point.
 * Ten single steps, then doubling; 31 hashes reach back over a million blocks.
 */
export function locatorOf(entry: BlockEntry): Hash[] {
  const hashes: Hash[] = [];
  let step = 1;
  let walk: BlockEntry | null = entry;
  while (walk && walk.record.height > 0) {
    hashes.push(walk.record.hash);
    if (hashes.length >= 10) step *= 2;
    walk = ancestorAt(walk, Math.max(0, walk.record.height - step));
  }
  if (walk) hashes.push(walk.record.hash);
  return hashes;
}

/** The index record of the genesis block, which is valid by definition. */
export function genesisRecord(params: Network, nowMs: number): StoredHeader {
  const { genesis } = params;
  return {
    hash: genesis.hash,
    header: genesis.header,
    height: 0,
    chainWork: workOfBits(genesis.header.bits),
    clock: 0,
    active: 0,
    validity: 'valid',
    invalidReason: null,
    arrival: 1,
    bodyBytes: genesis.raw.length,
    transactionCount: genesis.transactions.length,
    firstSeenMs: nowMs,
    firstSeenFrom: 'genesis',
  };
}
