import type { Block } from '../consensus/block.ts';
import type { Hash } from '../consensus/hash.ts';
import type { BoundedResource } from './bounded-resource.ts';

/** Transactions in blocks that are kept decoded, from their arrival until they are connected: about a kilobyte each. */
const MAX_DECODED_TRANSACTIONS = 40_000;
/** Bytes of those blocks. */
const MAX_DECODED_BYTES = 20_000_000;

/** Blocks that came and are needed again when they are connected, and the tip, which is announced. */
export class DecodedBlocks {
  readonly #blocks = new Map<Hash, Block>();
  #transactions = 0;
  #bytes = 0;

  get(hash: Hash): Block | undefined {
    return this.#blocks.get(hash);
  }

  hashes(): Iterable<Hash> {
    return this.#blocks.keys();
  }

  /** Blocks are connected in about the order in which they arrive, so a later one does not displace an earlier one. */
  remember(block: Block): void {
    if (this.#transactions + block.transactions.length > MAX_DECODED_TRANSACTIONS) return;
    if (this.#bytes + block.raw.length > MAX_DECODED_BYTES) return;
    this.#blocks.set(block.hash, block);
    this.#transactions += block.transactions.length;
    this.#bytes += block.raw.length;
  }

  forget(hash: Hash): void {
    const block = this.#blocks.get(hash);
    if (!block) return;
    this.#blocks.delete(hash);
    this.#transactions -= block.transactions.length;
    this.#bytes -= block.raw.length;
  }

  resources(): BoundedResource[] {
    return [
      { what: 'transactions of decoded blocks', count: this.#transactions, limit: MAX_DECODED_TRANSACTIONS },
      { what: 'bytes of decoded blocks', count: this.#bytes, limit: MAX_DECODED_BYTES },
    ];
  }
}
