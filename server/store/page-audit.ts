import {
  META_PAGES,
  type Meta,
  NO_PAGE,
  PAGE_LEAF,
  type Page,
  PageError,
  type PageFile,
  readTreeRecord,
  TREE_RECORD_BYTES,
  type TreeRecord,
} from './page-file.ts';
import { branchNodes, type LeafNode, leafNodes, tableNameOf } from './page-nodes.ts';
import { unsealValue } from './record-checksum.ts';

/** The free list is keyed by integers; every other tree by bytes. */
const FLAG_INTEGER_KEYS = 0x08;
/** Keys and entries of the free list. */
const FREE_NUMBER_BYTES = 8;
/** No real tree is nearly as deep; it bounds the walk where a damaged one runs in circles. */
const MAX_DEPTH = 32;

type KeyOrder = (a: Buffer, b: Buffer) => number;

/**
 * Checks a whole file: both metas, the shape of every tree, the order of every key, the checksum of every value, every
 * counter, and that no page is used twice or used and free. What passes is safe to be mapped by LMDB.
 * Throws {@link PageError}.
 */
export function auditPages(file: PageFile): void {
  const meta = file.newestMeta;
  checkMetas(file, meta);
  const claims = new PageClaims(file, meta);
  walkTree(file, meta, claims, { tree: meta.mainTree, flags: 0, order: Buffer.compare }, (node) => {
    if (!node.isTree || node.data.length !== TREE_RECORD_BYTES) throw new PageError('a table has no root');
    const table = tableNameOf(node.key);
    const kind = { tree: readTreeRecord(node.data), flags: 0, order: Buffer.compare };
    walkTree(file, meta, claims, kind, ({ key, data, isTree }) => {
      if (isTree || unsealValue(table, key, data) === undefined) {
        throw new PageError(`entry ${key.toString('hex')} of table ${table} does not match its checksum`);
      }
    });
  });
  const freeList = { tree: meta.freeTree, flags: FLAG_INTEGER_KEYS, order: compareIntegers };
  walkTree(file, meta, claims, freeList, (node) => claimFreePages(claims, node));
}

/** The two are written in turn by transactions that follow each other, and each wrote its own root page. */
function checkMetas(file: PageFile, newest: Meta): void {
  const [first, second] = file.metas;
  if (first === undefined || second === undefined || second.pageSizeBytes !== first.pageSizeBytes) {
    throw new PageError('a start page of its database file cannot be read');
  }
  const difference = first.transaction - second.transaction;
  if (difference !== 1n && difference !== -1n) {
    throw new PageError(`transactions ${first.transaction} and ${second.transaction} do not follow each other`);
  }
  const mappedPages = newest.mapSizeBytes / BigInt(newest.pageSizeBytes);
  if (newest.lastPage < META_PAGES || newest.lastPage >= mappedPages)
    throw new PageError(`its database file ends at page ${newest.lastPage}`);
  for (const { mainTree, transaction } of [first, second]) {
    if (mainTree.root === NO_PAGE) continue;
    if (mainTree.root >= file.pageCount || file.page(Number(mainTree.root)).transaction !== transaction) {
      throw new PageError(`transaction ${transaction} has lost its root`);
    }
  }
}

/** Which pages of the file are in use or free already: each may be once. */
class PageClaims {
  readonly #lastPage: number;
  readonly #claimed: Uint8Array;

  constructor(file: PageFile, meta: Meta) {
    this.#lastPage = Number(meta.lastPage);
    this.#claimed = new Uint8Array(file.pageCount);
  }

  claim(first: number, count: number): void {
    if (first < META_PAGES || first + count - 1 > this.#lastPage) throw new PageError(`there is no page ${first}`);
    // The file may be shorter than its last page says, where the rest is free and was never written.
    const end = Math.min(first + count, this.#claimed.length);
    for (let number = first; number < end; number++) {
      if (this.#claimed[number] === 1) throw new PageError(`page ${number} of its database file is used twice`);
      this.#claimed[number] = 1;
    }
  }
}

interface TreeKind {
  readonly tree: TreeRecord;
  readonly flags: number;
  readonly order: KeyOrder;
}

/** A subtree with the keys that it may hold: `lower` and above, below `upper`. */
interface Subtree {
  readonly page: number;
  readonly depth: number;
  readonly lower: Buffer | undefined;
  readonly upper: Buffer | undefined;
}

function walkTree(
  file: PageFile,
  meta: Meta,
  claims: PageClaims,
  { tree, flags, order }: TreeKind,
  visit: (node: LeafNode) => void,
): void {
  if (tree.flags !== flags || (flags === 0 && tree.pad !== 0)) throw new PageError('a tree has wrong flags');
  const counts = { branchPages: 0n, leafPages: 0n, overflowPages: 0n, entries: 0n };

  const walk = (subtree: Subtree): void => {
    claims.claim(subtree.page, 1);
    const page = file.page(subtree.page);
    const isLeaf = page.flags === PAGE_LEAF;
    if (page.transaction > meta.transaction) throw malformed(page, `is of transaction ${page.transaction}`);
    if (subtree.depth > MAX_DEPTH || isLeaf !== (subtree.depth === tree.depth)) {
      throw malformed(page, `has flags ${page.flags} at depth ${subtree.depth}`);
    }
    if (isLeaf) {
      counts.leafPages++;
      const nodes = leafNodes(file, page);
      checkOrder(page, nodes, subtree, order);
      for (const node of nodes) {
        counts.entries++;
        counts.overflowPages += BigInt(node.overflow?.count ?? 0);
        if (node.overflow) claims.claim(node.overflow.first, node.overflow.count);
        visit(node);
      }
      return;
    }
    counts.branchPages++;
    const children = branchNodes(file, page);
    checkOrder(page, children.slice(1), subtree, order);
    for (const [i, { child, key }] of children.entries()) {
      const lower = i === 0 ? subtree.lower : key;
      walk({ page: child, depth: subtree.depth + 1, lower, upper: children[i + 1]?.key ?? subtree.upper });
    }
  };

  if (tree.root !== NO_PAGE) walk({ page: Number(tree.root), depth: 1, lower: undefined, upper: undefined });
  for (const [name, count] of Object.entries(counts)) {
    const noted = tree[name as keyof typeof counts];
    if (noted !== count) throw new PageError(`a tree has ${count} ${name} where ${noted} are noted`);
  }
}

function checkOrder(page: Page, nodes: readonly { key: Buffer }[], subtree: Subtree, order: KeyOrder): void {
  const { lower, upper } = subtree;
  let previous: Buffer | undefined;
  for (const { key } of nodes) {
    const isInside = (!lower || order(key, lower) >= 0) && (!upper || order(key, upper) < 0);
    if (!isInside || (previous && order(previous, key) >= 0)) throw malformed(page, 'has keys out of order');
    previous = key;
  }
}

/** A record of the free list: a count, then page numbers. A negative number says how many pages start at the next one. */
function claimFreePages(claims: PageClaims, { key, data }: LeafNode): void {
  const room = data.length / FREE_NUMBER_BYTES - 1;
  const length = room >= 0 ? Number(data.readBigUInt64LE(0)) : Number.POSITIVE_INFINITY;
  if (key.length !== FREE_NUMBER_BYTES || length > room) throw new PageError('the list of free pages is malformed');
  let count = 1;
  for (let i = 1; i <= length; i++) {
    const entry = Number(data.readBigInt64LE(i * FREE_NUMBER_BYTES));
    if (entry < 0) count = -entry;
    if (entry <= 0) continue;
    claims.claim(entry, count);
    count = 1;
  }
}

function compareIntegers(a: Buffer, b: Buffer): number {
  if (a.length !== FREE_NUMBER_BYTES || b.length !== FREE_NUMBER_BYTES) return Buffer.compare(a, b);
  const difference = a.readBigUInt64LE() - b.readBigUInt64LE();
  return Number(difference > 0n) - Number(difference < 0n);
}

function malformed(page: Page, detail: string): PageError {
  return new PageError(`page ${page.number} of its database file ${detail}`);
}
