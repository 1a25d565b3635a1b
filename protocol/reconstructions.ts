import type { Hash } from '../consensus/hash.ts';
import type { BoundedResource } from './bounded-resource.ts';
import type { PartialBlock } from './compact.ts';
import type { PeerId } from './events.ts';

/** Compact blocks that wait for missing transactions. Those of the oldest block are dropped first; it is fetched whole if still wanted. */
const MAX_PARTIAL_BLOCKS = 32;

/** Blocks that are being rebuilt from compact forms; of one block, each of several peers may have sent a form. */
export class Reconstructions {
  readonly #blocks = new Map<Hash, Map<PeerId, PartialBlock>>();
  #count = 0;

  resources(): BoundedResource[] {
    return [{ what: 'partial blocks', count: this.#count, limit: MAX_PARTIAL_BLOCKS }];
  }

  has(hash: Hash, peer: PeerId): boolean {
    return this.#blocks.get(hash)?.has(peer) ?? false;
  }

  add(hash: Hash, peer: PeerId, partial: PartialBlock): void {
    const forms = this.#blocks.get(hash) ?? new Map<PeerId, PartialBlock>();
    if (!forms.has(peer)) this.#count++;
    forms.set(peer, partial);
    this.#blocks.set(hash, forms);
    for (const oldest of this.#blocks.keys()) {
      if (this.#count <= MAX_PARTIAL_BLOCKS) break;
      this.drop(oldest);
    }
  }

  /** Removes and returns a peer's form; undefined where there is none. */
  take(hash: Hash, peer: PeerId): PartialBlock | undefined {
    const forms = this.#blocks.get(hash);
    const partial = forms?.get(peer);
    if (!forms || !partial) return undefined;
    forms.delete(peer);
    this.#count--;
    if (forms.size === 0) this.#blocks.delete(hash);
    return partial;
  }

  /** Removes all forms of a block that has arrived, or is of no use. */
  drop(hash: Hash): void {
    this.#count -= this.#blocks.get(hash)?.size ?? 0;
    this.#blocks.delete(hash);
  }

  onGone(peer: PeerId): void {
    for (const hash of [...this.#blocks.keys()]) this.take(hash, peer);
  }
}
