import type { Hash } from '../../consensus/hash.ts';
import { decodeReceipt } from '../../consensus/receipt.ts';
import type { Notice } from '../../protocol/notices.ts';
import type { StoreWrite } from '../../protocol/store-writes.ts';
import type { StoredReceipt } from '../store/receipt-records.ts';

/** What contracts emitted in one transaction, whose block became part of the active chain, or ceased to be. */
export interface ContractNotice {
  readonly kind: 'contract';
  /** Its block was disconnected: the events are void. */
  readonly takenBack: boolean;
  readonly txid: Hash;
  readonly blockHash: Hash;
  readonly height: number;
  /** The encoded receipt, which holds the events. */
  readonly receipt: Uint8Array;
}

type Emission = Omit<ContractNotice, 'kind' | 'takenBack'>;

/** What is read of a store. */
interface EmittingStore {
  readonly tip: Hash;
  transaction<T>(work: (apply: (writes: readonly StoreWrite[]) => void) => T): T;
  receiptsAt(height: number): Iterable<StoredReceipt & { readonly index: number }>;
}

/**
 * Remembers what contracts emitted in blocks that are written, until subscribers are told of these blocks: receipts of a block
 * that is disconnected are gone by then, and a reorg can take many writes.
 */
export class Emissions {
  readonly #store: EmittingStore;
  /** By block: of those that were written since the tip was told. */
  readonly #byBlock = new Map<Hash, readonly Emission[]>();

  constructor(store: EmittingStore) {
    this.#store = store;
  }

  /** The store's own transaction, whose writes are noted before they are performed. */
  transaction<T>(work: (apply: (writes: readonly StoreWrite[]) => void) => T): T {
    return this.#store.transaction((apply) =>
      work((writes) => {
        for (const write of writes) this.#note(write);
        apply(writes);
      }),
    );
  }

  /** What follows a notice in the stream: after a reorg what is void, the latest first; after a block what it brought. */
  following(notice: Notice): ContractNotice[] {
    if (notice.kind === 'reorg') {
      const left = notice.disconnected.flatMap((blockHash) => this.#byBlock.get(blockHash)?.toReversed() ?? []);
      return left.map((emission) => ({ kind: 'contract', takenBack: true, ...emission }));
    }
    if (notice.kind !== 'block') return [];
    const brought = this.#byBlock.get(notice.blockHash) ?? [];
    // What is left behind the tip was connected and disconnected again, and nobody was told.
    if (notice.blockHash === this.#store.tip) this.forget();
    return brought.map((emission) => ({ kind: 'contract', takenBack: false, ...emission }));
  }

  /** The store was taken back to an earlier state. */
  forget(): void {
    this.#byBlock.clear();
  }

  #note(write: StoreWrite): void {
    if (write.kind !== 'connect' && write.kind !== 'disconnect') return;
    const { block, height } = write;
    if (this.#byBlock.has(block.hash)) return;
    const place = { blockHash: block.hash, height };
    const emissions: Emission[] = [];
    if (write.kind === 'connect') {
      for (const { txid, receipt, bytes } of write.receipts) {
        if (receipt.events.length > 0) emissions.push({ ...place, txid, receipt: bytes });
      }
    } else {
      for (const { index, bytes } of this.#store.receiptsAt(height)) {
        const txid = block.transactions[index]?.txid;
        const isTold = txid !== undefined && decodeReceipt(bytes).events.length > 0;
        if (isTold) emissions.push({ ...place, txid, receipt: bytes });
      }
    }
    this.#byBlock.set(block.hash, emissions);
  }
}
