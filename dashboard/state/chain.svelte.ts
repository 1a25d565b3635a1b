import { type BlockTree, chainBelow, placeBlocks } from '../model/block-tree.ts';
import type { BlockClaim, BlockRecord, Sighting } from '../model/records.ts';
import type { Source } from './source.ts';

/** Heights below the highest of a node that are kept of what it told; a page that stays open does not grow. */
const KEPT_HEIGHTS = 600;
/** Blocks that are kept of one node, all branches; of more its lowest go. */
const MAX_BLOCKS_PER_NODE = 2_000;
/** Blocks that are kept of a node that was only heard of, while no named node knows them; its lowest go first. */
const MAX_UNSHARED_BLOCKS = 200;
/** Blocks of such a node whose parent nobody has told of yet; its oldest go first. */
const MAX_WAITING_BLOCKS = 300;
/** How long before all named nodes one that was only heard of may have seen a block; what is earlier does not count. */
const MAX_LEAD_MS = 10_000;

interface Entry {
  record: BlockRecord;
  /** Whether a named node has told of the body, which no header proves. */
  hasNamedBody: boolean;
  /** By node. */
  readonly sightings: Map<string, Sighting>;
}

interface WaitingBlock {
  readonly claim: BlockClaim;
  readonly sighting: Sighting;
}

/**
 * All blocks of one network that any node has told of, with who saw which one when. Heights and work follow from the
 * headers, above the lowest blocks that a named node has told of, or genesis; what does not build on these is not shown.
 */
export class Chain {
  readonly #entries = new Map<string, Entry>();
  /** Nodes that were named, of all that have told something. */
  readonly #named = new Set<string>();
  /** Blocks below which nothing is known: where they stand is the word of a named node. */
  readonly #roots = new Set<string>();
  /** Of each node, the highest block that it has told of. */
  readonly #heights = new Map<string, number>();
  /** By node and block: what builds on nothing that is known. */
  readonly #waiting = new Map<string, Map<string, WaitingBlock>>();
  /** The highest block of a named node. */
  #highest = 0;
  /** Changes whenever a block or a sighting does: what reads it is computed again. */
  #version = $state(0);
  #isChanged = false;

  get(blockHash: string): BlockRecord | undefined {
    this.#version;
    return this.#entries.get(blockHash)?.record;
  }

  /** Whether it is known now, at this height; an untracked read: nothing is computed again when it changes. */
  hasAt(blockHash: string, height: number): boolean {
    return this.#entries.get(blockHash)?.record.height === height;
  }

  get size(): number {
    this.#version;
    return this.#entries.size;
  }

  /** Blocks of the last heights, all branches. */
  latest(heights: number): BlockRecord[] {
    this.#version;
    const records = [...this.#entries.values()].map(({ record }) => record);
    return records.filter(({ height }) => height > this.#highest - heights);
  }

  /** The same, placed for drawing. */
  tree(heights: number): BlockTree {
    return placeBlocks(this.latest(heights));
  }

  /** A block and those below it, highest first, as far as they are known. */
  below(tip: string, limit: number): BlockRecord[] {
    this.#version;
    return chainBelow(tip, (blockHash) => this.#entries.get(blockHash)?.record, limit);
  }

  /** Who saw a block when; by node. */
  sightings(blockHash: string): ReadonlyMap<string, Sighting> {
    this.#version;
    return this.#entries.get(blockHash)?.sightings ?? NO_SIGHTINGS;
  }

  /** The same, without times that would make all others late: of nodes only heard of, and long before named ones. */
  credibleSightings(blockHash: string): Sighting[] {
    const all = [...this.sightings(blockHash)];
    const named = all.filter(([url]) => this.#named.has(url)).map(([, { atMs }]) => atMs);
    const earliest = named.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...named) - MAX_LEAD_MS;
    return all.filter(([url, { atMs }]) => this.#named.has(url) || atMs >= earliest).map(([, sighting]) => sighting);
  }

  /** Time of the first sighting that is credible. */
  firstSeenMs(blockHash: string): number | null {
    const times = this.credibleSightings(blockHash).map(({ atMs }) => atMs);
    return times.length === 0 ? null : Math.min(...times);
  }

  /**
   * Takes a block up; `publish` makes it seen.
   * @throws {RangeError} where its height or work do not follow from what it builds on
   */
  add(claim: BlockClaim, source: Source, sighting: Sighting): void {
    if (source.isNamed) this.#named.add(source.url);
    this.#isChanged = true;
    const known = this.#entries.get(claim.blockHash);
    const parent = this.#entries.get(claim.prevHash);
    if (known) requireSame(known.record, claim);
    else if (parent) requireOn(parent.record, claim);
    else if (!source.isNamed && claim.height > 0) return this.#wait(claim, source, sighting);
    const entry = known ?? this.#place(claim, parent !== undefined);
    this.#see(entry, claim, source, sighting);
  }

  /** A node sends a new snapshot: how high it was before says nothing any more. */
  restart(nodeUrl: string): void {
    this.#heights.delete(nodeUrl);
    this.#waiting.delete(nodeUrl);
  }

  /** Forgets a node, and what nobody else has told of. */
  forget(nodeUrl: string): void {
    this.restart(nodeUrl);
    this.#named.delete(nodeUrl);
    for (const entry of this.#entries.values()) {
      if (entry.sightings.delete(nodeUrl)) this.#settle(entry);
    }
    this.#isChanged = true;
  }

  /** Shows all that was added since the last call. */
  publish(): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#placeWaiting();
    const named = [...this.#heights].filter(([url]) => this.#named.has(url)).map(([, height]) => height);
    this.#highest = Math.max(0, ...named);
    this.#prune();
    this.#version++;
  }

  #place(claim: BlockClaim, hasParent: boolean): Entry {
    for (const root of this.#roots) {
      const entry = this.#entries.get(root);
      if (entry?.record.prevHash !== claim.blockHash) continue;
      if (entry.record.height !== claim.height + 1 || entry.record.chainWork <= claim.chainWork) {
        throw misplaced(claim, `below one at ${entry.record.height}`);
      }
      this.#roots.delete(root);
    }
    if (!hasParent) this.#roots.add(claim.blockHash);
    const entry: Entry = { record: claim, hasNamedBody: false, sightings: new Map() };
    this.#entries.set(claim.blockHash, entry);
    return entry;
  }

  #see(entry: Entry, claim: BlockClaim, { url, isNamed }: Source, sighting: Sighting): void {
    const { sightings } = entry;
    // A node that forgot its chain hears of old blocks again: what counts is the first time.
    const before = sightings.get(url);
    sightings.set(url, before && before.atMs < sighting.atMs ? { ...before, isInvalid: sighting.isInvalid } : sighting);
    this.#heights.set(url, Math.max(this.#heights.get(url) ?? 0, claim.height));
    const { body } = entry.record;
    const isBetterBody = claim.body !== null && (body === null || (isNamed && !entry.hasNamedBody));
    if (isBetterBody) {
      entry.hasNamedBody = isNamed;
      entry.record = { ...entry.record, body: claim.body };
    }
    this.#settle(entry);
  }

  /** It is invalid where all named nodes say so that know it; others are asked where none of them does. */
  #settle(entry: Entry): void {
    const all = [...entry.sightings];
    const named = all.filter(([url]) => this.#named.has(url));
    const asked = named.length > 0 ? named : all;
    const isInvalid = asked.length > 0 && asked.every(([, sighting]) => sighting.isInvalid);
    if (isInvalid !== entry.record.isInvalid) entry.record = { ...entry.record, isInvalid };
  }

  #wait(claim: BlockClaim, { url }: Source, sighting: Sighting): void {
    const waiting = this.#waiting.get(url) ?? new Map<string, WaitingBlock>();
    this.#waiting.set(url, waiting);
    waiting.delete(claim.blockHash);
    waiting.set(claim.blockHash, { claim, sighting });
    dropOldest(waiting, MAX_WAITING_BLOCKS);
  }

  /** What waited for its parent, lowest first, so that a branch is placed at once. */
  #placeWaiting(): void {
    for (const [url, waiting] of this.#waiting) {
      for (const { claim, sighting } of [...waiting.values()].sort((a, b) => a.claim.height - b.claim.height)) {
        if (!this.#entries.has(claim.prevHash) && !this.#entries.has(claim.blockHash)) continue;
        waiting.delete(claim.blockHash);
        try {
          this.add(claim, { url, isNamed: this.#named.has(url) }, sighting);
        } catch (error) {
          // Now that the parent is known, the claim is seen to be false: it is gone, and nothing depends on it.
          if (!(error instanceof RangeError)) throw error;
        }
      }
      if (waiting.size === 0) this.#waiting.delete(url);
    }
    this.#isChanged = false;
  }

  /** Every node has bounds of its own, so that what one tells displaces nothing that others have told. */
  #prune(): void {
    const counts = new Map<string, number>();
    const unshared = new Map<string, number>();
    const highestFirst = [...this.#entries.values()].sort((a, b) => b.record.height - a.record.height);
    for (const entry of highestFirst) {
      const { record, sightings } = entry;
      const isShared = [...sightings.keys()].some((url) => this.#named.has(url));
      for (const url of sightings.keys()) {
        const lowest = (this.#heights.get(url) ?? 0) - KEPT_HEIGHTS;
        const count = increment(counts, url);
        const isOver = isShared ? false : increment(unshared, url) > MAX_UNSHARED_BLOCKS;
        if (record.height > lowest && count <= MAX_BLOCKS_PER_NODE && !isOver) continue;
        sightings.delete(url);
        this.#settle(entry);
      }
      if (sightings.size > 0) continue;
      this.#entries.delete(record.blockHash);
      this.#roots.delete(record.blockHash);
    }
  }
}

const NO_SIGHTINGS: ReadonlyMap<string, Sighting> = new Map();

function increment(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}

function requireSame(known: BlockRecord, claim: BlockClaim): void {
  if (known.height !== claim.height || known.chainWork !== claim.chainWork) {
    throw misplaced(claim, `which is at ${known.height}`);
  }
}

function requireOn(parent: BlockRecord, claim: BlockClaim): void {
  if (claim.height !== parent.height + 1 || claim.chainWork !== parent.chainWork + claim.work) {
    throw misplaced(claim, `on one at ${parent.height}`);
  }
}

function misplaced({ blockHash, height, chainWork }: BlockClaim, where: string): RangeError {
  return new RangeError(`a node puts block ${blockHash} at height ${height} with work ${chainWork}, ${where}`);
}
