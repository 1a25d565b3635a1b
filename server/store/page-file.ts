import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** First bytes of a meta page, after the page's header. */
const LMDB_MAGIC = 0xbeef_c0de;
const LMDB_DATA_VERSION = 2;
/** Page number, transaction, flags and bounds that every page starts with (`MDB_page_header`). */
export const PAGE_HEADER_BYTES = 24;
/** Size of a tree's record (`MDB_db`). */
export const TREE_RECORD_BYTES = 48;
/** Page number of the root of an empty tree. */
export const NO_PAGE = 2n ** 64n - 1n;
/** The two pages that hold roots and counters, written in turn. */
export const META_PAGES = 2;
const META_BYTES = 168;
/** What LMDB can be built with; a file has one of them throughout. */
const PAGE_SIZES_BYTES = [4096, 8192, 16_384, 32_768, 65_536];

export const PAGE_BRANCH = 0x01;
export const PAGE_LEAF = 0x02;
export const PAGE_OVERFLOW = 0x04;
const PAGE_META = 0x08;

/** Something that LMDB cannot have written. The message says where; it is reported as a damaged folder. */
export class PageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PageError';
  }
}

/** A tree of pages (`MDB_db`). */
export interface TreeRecord {
  readonly pad: number;
  readonly flags: number;
  readonly depth: number;
  readonly branchPages: bigint;
  readonly leafPages: bigint;
  readonly overflowPages: bigint;
  readonly entries: bigint;
  readonly root: bigint;
}

/** One of the two meta pages (`MDB_meta`). */
export interface Meta {
  readonly pageSizeBytes: number;
  readonly mapSizeBytes: bigint;
  readonly freeTree: TreeRecord;
  readonly mainTree: TreeRecord;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/** A page's header with its bytes. */
export interface Page {
  readonly number: number;
  readonly transaction: bigint;
  readonly flags: number;
  readonly bytes: Buffer;
}

/**
 * Reads the pages of an LMDB file (lmdb-js 3.5, data version 2, little-endian, 64 bits) with every access checked.
 * LMDB itself maps the file and trusts it: a damaged one may end the process silently.
 */
export class PageFile {
  readonly sizeBytes: number;
  /** Both metas where they can be read. */
  readonly metas: readonly (Meta | undefined)[];
  readonly pageSizeBytes: number;
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
    this.sizeBytes = fstatSync(fd).size;
    const first = this.#readMeta(0);
    const sizes = first ? [first.pageSizeBytes] : PAGE_SIZES_BYTES;
    const second = sizes.map((size) => this.#readMeta(size)).find((meta) => meta !== undefined);
    this.metas = [first, second];
    this.pageSizeBytes = first?.pageSizeBytes ?? second?.pageSizeBytes ?? (PAGE_SIZES_BYTES[0] as number);
  }

  /** Throws the file system's error. */
  static open(path: string): PageFile {
    const fd = openSync(path, 'r');
    try {
      return new PageFile(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Whole pages in the file. */
  get pageCount(): number {
    return Math.floor(this.sizeBytes / this.pageSizeBytes);
  }

  /** The meta of the last transaction. Throws {@link PageError} when neither can be read. */
  get newestMeta(): Meta {
    const [first, second] = this.metas;
    const newest = first && second ? (second.transaction > first.transaction ? second : first) : (first ?? second);
    if (newest === undefined) throw new PageError('its database file has no readable start');
    return newest;
  }

  /** Reads a page, or `count` consecutive ones that start with a header. Throws {@link PageError} past the end. */
  page(number: number, count = 1): Page {
    const bytes = this.#read(number * this.pageSizeBytes, count * this.pageSizeBytes);
    if (bytes === undefined) throw new PageError(`page ${number} is missing: the database file is truncated`);
    return { number, transaction: bytes.readBigUInt64LE(8), flags: bytes.readUInt16LE(18), bytes };
  }

  #readMeta(offset: number): Meta | undefined {
    const bytes = this.#read(offset, PAGE_HEADER_BYTES + META_BYTES);
    if (bytes === undefined || bytes.readUInt16LE(18) !== PAGE_META) return undefined;
    const meta = bytes.subarray(PAGE_HEADER_BYTES);
    if (meta.readUInt32LE(0) !== LMDB_MAGIC || meta.readUInt32LE(4) !== LMDB_DATA_VERSION) return undefined;
    const freeTree = readTreeRecord(meta.subarray(24));
    if (!PAGE_SIZES_BYTES.includes(freeTree.pad)) return undefined;
    return {
      // The page size is kept where other trees have padding.
      pageSizeBytes: freeTree.pad,
      mapSizeBytes: meta.readBigUInt64LE(16),
      freeTree,
      mainTree: readTreeRecord(meta.subarray(24 + TREE_RECORD_BYTES)),
      lastPage: meta.readBigUInt64LE(120),
      transaction: meta.readBigUInt64LE(128),
    };
  }

  #read(offset: number, length: number): Buffer | undefined {
    if (offset + length > this.sizeBytes) return undefined;
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) {
      const count = readSync(this.#fd, bytes, done, length - done, offset + done);
      if (count === 0) return undefined;
      done += count;
    }
    return bytes;
  }
}

/** Decodes an `MDB_db` of {@link TREE_RECORD_BYTES} bytes. */
export function readTreeRecord(bytes: Buffer): TreeRecord {
  return {
    pad: bytes.readUInt32LE(0),
    flags: bytes.readUInt16LE(4),
    depth: bytes.readUInt16LE(6),
    branchPages: bytes.readBigUInt64LE(8),
    leafPages: bytes.readBigUInt64LE(16),
    overflowPages: bytes.readBigUInt64LE(24),
    entries: bytes.readBigUInt64LE(32),
    root: bytes.readBigUInt64LE(40),
  };
}
