import {
  META_PAGES,
  PAGE_BRANCH,
  PAGE_HEADER_BYTES,
  PAGE_LEAF,
  PAGE_OVERFLOW,
  type Page,
  PageError,
  type PageFile,
} from './page-file.ts';

const NODE_HEADER_BYTES = 8;
/** The node's data is on overflow pages; in its place stands where (`MDB_ovpage`). */
const NODE_BIG = 0x01;
/** The node's data is the record of a tree. */
const NODE_TREE = 0x02;
const OVERFLOW_RECORD_BYTES = 24;

/** A child of a branch page. Its keys are `key` and above; the first child of a page has none of its own. */
export interface BranchNode {
  readonly key: Buffer;
  readonly child: number;
}

/** Entry of a leaf page: data in place, on overflow pages, or the record of a named tree. */
export interface LeafNode {
  readonly key: Buffer;
  readonly data: Buffer;
  readonly isTree: boolean;
  readonly overflow: { readonly first: number; readonly count: number } | null;
}

/** Children of a branch page. Throws {@link PageError} for anything that is not well-formed. */
export function branchNodes(file: PageFile, page: Page): BranchNode[] {
  checkHeader(page, PAGE_BRANCH);
  const offsets = nodeOffsets(page);
  if (offsets.length < 2) throw malformed(page, 'has fewer than two children');
  return offsets.map((offset) => {
    const child = page.bytes.readUIntLE(offset, 6);
    if (child < META_PAGES || child >= file.pageCount) throw malformed(page, `points to page ${child}`);
    return { key: keyAt(page, offset), child };
  });
}

/** Entries of a leaf page, overflow data read along. Throws {@link PageError} for anything that is not well-formed. */
export function leafNodes(file: PageFile, page: Page): LeafNode[] {
  checkHeader(page, PAGE_LEAF);
  return nodeOffsets(page).map((offset) => leafNodeAt(file, page, offset));
}

/** The entry at one of a leaf page's node offsets. Throws {@link PageError}. */
export function leafNodeAt(file: PageFile, page: Page, offset: number): LeafNode {
  const sizeBytes = page.bytes.readUInt32LE(offset);
  const flags = page.bytes.readUInt16LE(offset + 4);
  const key = keyAt(page, offset);
  const start = offset + NODE_HEADER_BYTES + key.length;
  if (flags === NODE_BIG) {
    const record = slice(page, start, OVERFLOW_RECORD_BYTES);
    const first = Number(record.readBigUInt64LE(0));
    const count = Math.ceil((PAGE_HEADER_BYTES + sizeBytes) / file.pageSizeBytes);
    if (Number(record.readBigUInt64LE(16)) !== count) throw malformed(page, 'has an entry of another size');
    return { key, data: readOverflow(file, page, first, count, sizeBytes), isTree: false, overflow: { first, count } };
  }
  if (flags !== 0 && flags !== NODE_TREE) throw malformed(page, `has an entry with flags ${flags}`);
  return { key, data: slice(page, start, sizeBytes), isTree: flags === NODE_TREE, overflow: null };
}

/** Name of the table whose root is under this key: lmdb-js ends names with a zero. */
export function tableNameOf(key: Buffer): string {
  return key.toString('utf8', 0, key.at(-1) === 0 ? key.length - 1 : key.length);
}

/** Where the nodes of a branch or leaf page start, in key order. Throws {@link PageError}. */
export function nodeOffsets(page: Page): number[] {
  const { bytes } = page;
  const lower = bytes.readUInt16LE(20);
  const upper = bytes.readUInt16LE(22);
  if (lower % 2 !== 0 || lower > upper || upper + PAGE_HEADER_BYTES > bytes.length) {
    throw malformed(page, `has bounds ${lower} and ${upper}`);
  }
  const offsets: number[] = [];
  for (let at = 0; at < lower; at += 2) {
    const offset = PAGE_HEADER_BYTES + bytes.readUInt16LE(PAGE_HEADER_BYTES + at);
    if (offset % 2 !== 0 || offset < PAGE_HEADER_BYTES + upper || offset + NODE_HEADER_BYTES > bytes.length) {
      throw malformed(page, `has an entry at ${offset}`);
    }
    offsets.push(offset);
  }
  return offsets;
}

function readOverflow(file: PageFile, from: Page, first: number, count: number, sizeBytes: number): Buffer {
  if (first < META_PAGES || first + count > file.pageCount) throw malformed(from, `points to page ${first}`);
  const page = file.page(first, count);
  checkHeader(page, PAGE_OVERFLOW);
  if (page.bytes.readUInt32LE(20) !== count) throw malformed(page, 'has another length than its entry');
  return slice(page, PAGE_HEADER_BYTES, sizeBytes);
}

function checkHeader(page: Page, flags: number): void {
  if (page.bytes.readBigUInt64LE(0) !== BigInt(page.number)) throw malformed(page, 'has another number');
  if (page.flags !== flags) throw malformed(page, `has flags ${page.flags}`);
}

function keyAt(page: Page, offset: number): Buffer {
  return slice(page, offset + NODE_HEADER_BYTES, page.bytes.readUInt16LE(offset + 6));
}

function slice(page: Page, start: number, length: number): Buffer {
  if (start + length > page.bytes.length) throw malformed(page, 'has an entry that is too long');
  return page.bytes.subarray(start, start + length);
}

function malformed(page: Page, detail: string): PageError {
  return new PageError(`page ${page.number} of the database file ${detail}`);
}
