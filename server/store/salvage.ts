import { auditPages } from './page-audit.ts';
import { META_PAGES, NO_PAGE, PAGE_LEAF, PageError, PageFile, readTreeRecord } from './page-file.ts';
import { branchNodes, type LeafNode, leafNodeAt, nodeOffsets, tableNameOf } from './page-nodes.ts';
import { unsealValue } from './record-checksum.ts';
import type { TableName } from './tables.ts';

/** No entry takes less of a page: its header. */
const MIN_ENTRY_BYTES = 8;
/** Bounds the walk where a damaged tree runs in circles. */
const MAX_DEPTH = 32;

/** Where an entry stands, and the transaction that wrote its page. */
interface Place {
  readonly page: number;
  readonly offset: number;
  readonly transaction: bigint;
}

/**
 * What can still be read of a database file that LMDB must not open any more. Entries are found through the trees; where
 * the file is damaged, every page is searched too for entries whose checksum shows what they are. Such a search may
 * bring back older entries that had been deleted, never wrong ones.
 */
export class SalvagedFile {
  readonly #file: PageFile;
  readonly #places: ReadonlyMap<TableName, Map<string, Place>>;
  /** Entries that the trees of damaged tables say they have. */
  readonly #noted = new Map<TableName, number>();
  #isDamaged = false;

  private constructor(file: PageFile, tables: readonly TableName[]) {
    this.#file = file;
    this.#places = new Map(tables.map((table) => [table, new Map()]));
  }

  /** Looks for the entries of these tables. Throws the file system's error when there is no file to read. */
  static open(path: string, tables: readonly TableName[]): SalvagedFile {
    const salvage = new SalvagedFile(PageFile.open(path), tables);
    // A file may be without fault on the way to its entries and yet have lost the start of its last transaction.
    salvage.#lenient(() => auditPages(salvage.#file));
    salvage.#walkAll();
    if (salvage.#isDamaged) salvage.#searchAll();
    return salvage;
  }

  close(): void {
    this.#file.close();
  }

  /** Keys of a table's entries, in no order. */
  keys(table: TableName): Buffer[] {
    return Array.from(this.#places.get(table)?.keys() ?? [], (hex) => Buffer.from(hex, 'hex'));
  }

  /** Value of an entry that {@link keys} gave. */
  value(table: TableName, key: Buffer): Uint8Array | undefined {
    const place = this.#places.get(table)?.get(key.toString('hex'));
    return place && unsealValue(table, key, leafNodeAt(this.#file, this.#file.page(place.page), place.offset).data);
  }

  /**
   * Entries that a table had, by its own counter, and that cannot be read; 0 where not even the counter can. Older entries
   * that a search brought back hide as many lost ones.
   */
  missing(table: TableName): number {
    const noted = this.#noted.get(table) ?? 0;
    return Math.max(0, noted - (this.#places.get(table)?.size ?? 0));
  }

  #walkAll(): void {
    this.#lenient(() => {
      const { mainTree } = this.#file.newestMeta;
      this.#walk(mainTree.root, 1, (root) => {
        const table = tableNameOf(root.key) as TableName;
        const places = this.#places.get(table);
        if (places === undefined) return;
        if (!root.isTree) throw new PageError('a table has no root');
        const tree = readTreeRecord(root.data);
        const isWhole = this.#walk(tree.root, 1, (node, place) => this.#take(table, places, node, place));
        // A counter that no file of this size can have is damaged itself.
        const isPossible = Number(tree.entries) <= this.#file.sizeBytes / MIN_ENTRY_BYTES;
        if (!isWhole && isPossible) this.#noted.set(table, Number(tree.entries));
      });
    });
  }

  /** False when a part of the tree could not be read. */
  #walk(root: bigint, depth: number, visit: (node: LeafNode, place: Place) => void): boolean {
    if (root === NO_PAGE) return true;
    let isWhole = true;
    const isRead = this.#lenient(() => {
      if (depth > MAX_DEPTH) throw new PageError('a tree is too deep');
      const page = this.#file.page(Number(root));
      if (page.flags === PAGE_LEAF) {
        for (const offset of nodeOffsets(page)) {
          const place = { page: page.number, offset, transaction: page.transaction };
          isWhole = this.#lenient(() => visit(leafNodeAt(this.#file, page, offset), place)) && isWhole;
        }
      } else {
        for (const { child } of branchNodes(this.#file, page)) {
          isWhole = this.#walk(BigInt(child), depth + 1, visit) && isWhole;
        }
      }
    });
    return isRead && isWhole;
  }

  #take(table: TableName, places: Map<string, Place>, node: LeafNode, place: Place): void {
    if (unsealValue(table, node.key, node.data) === undefined) throw new PageError('an entry lost its checksum');
    places.set(node.key.toString('hex'), place);
  }

  #searchAll(): void {
    for (let number = META_PAGES; number < this.#file.pageCount; number++) {
      this.#lenient(() => {
        const page = this.#file.page(number);
        if (page.flags !== PAGE_LEAF) return;
        for (const offset of nodeOffsets(page)) {
          const place = { page: number, offset, transaction: page.transaction };
          this.#lenient(() => this.#identify(leafNodeAt(this.#file, page, offset), place));
        }
      });
    }
  }

  /** Which table an entry belongs to shows its checksum. Of several versions the latest counts. */
  #identify(node: LeafNode, place: Place): void {
    const hex = node.key.toString('hex');
    for (const [table, places] of this.#places) {
      const known = places.get(hex);
      if (known !== undefined && known.transaction >= place.transaction) continue;
      if (unsealValue(table, node.key, node.data) !== undefined) places.set(hex, place);
    }
  }

  /** False when what was to be read is damaged. */
  #lenient(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      this.#isDamaged = true;
      return false;
    }
  }
}
