import { type BlockTree, chainBelow, placeBlocks } from '../model/block-tree.ts';
import type { BlockRecord, Sighting } from '../model/records.ts';

/** Heights below the highest that are kept; a page that stays open does not grow. */
const KEPT_HEIGHTS = 600;

/** All blocks of one network that any node has told of, with who saw which one when. */
export class Chain {
  readonly #blocks = new Map<string, BlockRecord>();
  /** By block, then by node. */
  readonly #sightings = new Map<string, Map<string, Sighting>>();
  #highest = 0;
  /** Changes whenever a block or a sighting does: what reads it is computed anew. */
  #version = $state(0);
  #isChanged = false;

  get(blockHash: string): BlockRecord | undefined {
    this.#version;
    return this.#blocks.get(blockHash);
  }

  get size(): number {
    this.#version;
    return this.#blocks.size;
  }

  /** Blocks of the last heights, all branches. */
  latest(heights: number): BlockRecord[] {
    this.#version;
    return [...this.#blocks.values()].filter(({ height }) => height > this.#highest - heights);
  }

  /** The same, placed for drawing. */
  tree(heights: number): BlockTree {
    return placeBlocks(this.latest(heights));
  }

  /** A block and those below it, highest first, as far as they are known. */
  below(tip: string, limit: number): BlockRecord[] {
    this.#version;
    return chainBelow(tip, (blockHash) => this.#blocks.get(blockHash), limit);
  }

  /** Who saw a block when; by node. */
  sightings(blockHash: string): ReadonlyMap<string, Sighting> {
    this.#version;
    return this.#sightings.get(blockHash) ?? NO_SIGHTINGS;
  }

  /** Time of the first sighting by any node. */
  firstSeenMs(blockHash: string): number | null {
    const times = [...this.sightings(blockHash).values()].map(({ atMs }) => atMs);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Takes a block up; `publish` makes it seen. */
  add(block: BlockRecord, nodeUrl: string, sighting: Sighting): void {
    const parent = this.#blocks.get(block.prevHash);
    if (parent && parent.height + 1 !== block.height) {
      throw new RangeError(
        `a node puts block ${block.blockHash} at height ${block.height}, on one at ${parent.height}`,
      );
    }
    const seen = this.#sightings.get(block.blockHash) ?? new Map<string, Sighting>();
    // A node that forgot its chain hears of old blocks anew: what counts is when it did first.
    const before = seen.get(nodeUrl);
    seen.set(nodeUrl, before && before.atMs < sighting.atMs ? { ...before, isInvalid: sighting.isInvalid } : sighting);
    this.#sightings.set(block.blockHash, seen);
    const isInvalid = [...seen.values()].every((each) => each.isInvalid);
    const known = this.#blocks.get(block.blockHash);
    if (!known || (known.body === null && block.body !== null) || known.isInvalid !== isInvalid) {
      this.#blocks.set(block.blockHash, { ...block, isInvalid, body: block.body ?? known?.body ?? null });
    }
    this.#highest = Math.max(this.#highest, block.height);
    this.#isChanged = true;
  }

  /** Shows all that was added since the last call. */
  publish(): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    for (const { blockHash, height } of this.#blocks.values()) {
      if (height > this.#highest - KEPT_HEIGHTS) continue;
      this.#blocks.delete(blockHash);
      this.#sightings.delete(blockHash);
    }
    this.#version++;
  }
}

const NO_SIGHTINGS: ReadonlyMap<string, Sighting> = new Map();
