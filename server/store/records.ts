import { ADDRESS_BYTES, type Address } from '../../consensus/address.ts';
import { ByteReader, ByteWriter } from '../../consensus/codec.ts';
import { type SlotPath, slotKey } from '../../consensus/contract/slot-path.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import { HASH_BYTES, type Hash, hashFromBytes, hashToBytes, type NodeHash } from '../../consensus/hash.ts';
import { encodeHeader, HEADER_BYTES } from '../../consensus/header.ts';
import { bytesToHex, bytesToUtf8, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import type { Account } from '../../consensus/state.ts';
import type {
  JournalEntry,
  StoredAddress,
  StoredDiscouragement,
  StoredHeader,
  Validity,
} from '../../protocol/store-writes.ts';
import type { StoredTip } from '../../protocol/stored-tip.ts';

/** Position of a validity in this list is its stored number: only ever append. */
const VALIDITIES: readonly Validity[] = ['unknown', 'valid', 'invalid', 'operator-invalid'];
const WORK_BYTES = 32;
const ACCOUNT_BYTES = 16;
const HEIGHT_BYTES = 4;
const INDEX_BYTES = 4;

/** A header's record with both texts empty. */
const MIN_HEADER_RECORD_BYTES = HEADER_BYTES + 4 + WORK_BYTES + 4 + 4 + 1 + 4 + 4 + 4 + 8 + 2 + 2;

/** Where a transaction stands in the active chain. */
export interface ChainPosition {
  readonly height: number;
  /** Position in the block; the coinbase is 0. */
  readonly index: number;
}

/** Key of a block, transaction or tree node: its 64 hex digits as bytes. */
export function hashKey(hash: Hash | NodeHash): Buffer {
  return Buffer.from(hash, 'hex');
}

/** Inverse of {@link hashKey}. */
export function hashOfKey(key: Uint8Array): Hash {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('hex');
}

export function addressKey(address: Address): Buffer {
  return Buffer.from(address, 'hex');
}

/** Key of a URL or host. */
export function textKey(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

/** Big-endian, so that keys stand in order of height. */
export function heightKey(height: number): Buffer {
  const key = Buffer.alloc(HEIGHT_BYTES);
  key.writeUInt32BE(height);
  return key;
}

/** The height in a {@link heightKey}. */
export function heightOfKey(key: Buffer): number {
  return key.readUInt32BE(0);
}

/** Parents before children: by height, then hash. */
export function headerKey(height: number, hash: Hash): Buffer {
  return Buffer.concat([heightKey(height), hashKey(hash)]);
}

/** The hash in a {@link headerKey}. */
export function hashOfHeaderKey(key: Buffer): Hash {
  return key.toString('hex', HEIGHT_BYTES);
}

/** By account, then position in the chain. */
export function accountPositionKey(address: Address, { height, index }: ChainPosition): Buffer {
  const key = Buffer.alloc(ADDRESS_BYTES + HEIGHT_BYTES + INDEX_BYTES);
  key.write(address, 'hex');
  key.writeUInt32BE(height, ADDRESS_BYTES);
  key.writeUInt32BE(index, ADDRESS_BYTES + HEIGHT_BYTES);
  return key;
}

/** Position of an {@link accountPositionKey}. */
export function positionOfKey(key: Buffer): ChainPosition {
  return { height: key.readUInt32BE(ADDRESS_BYTES), index: key.readUInt32BE(ADDRESS_BYTES + HEIGHT_BYTES) };
}

/** `hash 32 | height u32 | stateRoot 32` */
export function encodeTip(tip: StoredTip): Uint8Array {
  return new ByteWriter(HASH_BYTES + HEIGHT_BYTES + HASH_BYTES)
    .bytes(hashToBytes(tip.hash))
    .u32(tip.height)
    .bytes(hexToBytes(tip.stateRoot))
    .finish();
}

export function decodeTip(bytes: Uint8Array): StoredTip {
  return decode(bytes, (reader) => ({
    hash: hashFromBytes(reader.bytes(HASH_BYTES)),
    height: reader.u32(),
    stateRoot: bytesToHex(reader.bytes(HASH_BYTES)),
  }));
}

/**
 * `header 80 | height u32 | chainWork 32 | clock u32 | active u32 | validity u8 | arrival u32 | bodyBytes u32 |
 * transactionCount u32 | firstSeenMs u64 | invalidReason text | firstSeenFrom text`; a text is `length u16, UTF-8`,
 * no reason an empty one.
 */
export function encodeHeaderRecord(record: StoredHeader): Uint8Array {
  const reason = utf8ToBytes(record.invalidReason ?? '');
  const from = utf8ToBytes(record.firstSeenFrom);
  const validity = VALIDITIES.indexOf(record.validity);
  return new ByteWriter(MIN_HEADER_RECORD_BYTES + reason.length + from.length)
    .bytes(encodeHeader(record.header))
    .u32(record.height)
    .bytes(hexToBytes(record.chainWork.toString(16).padStart(2 * WORK_BYTES, '0')))
    .u32(record.clock)
    .u32(record.active)
    .u8(validity)
    .u32(record.arrival)
    .u32(record.bodyBytes)
    .u32(record.transactionCount)
    .u64(BigInt(Math.floor(record.firstSeenMs)))
    .u16(reason.length)
    .bytes(reason)
    .u16(from.length)
    .bytes(from)
    .finish();
}

/**
 * Inverse of {@link encodeHeaderRecord}; the hash comes from the key. Throws `InvariantError` for bytes of another form. All headers are read at every start, a hundred
 * thousand and more: fixed offsets and native conversions take a third of the time of a general reader, and texts that
 * are the same in the record `before` this one are kept in memory once.
 */
export function decodeHeaderRecord(hash: Hash, value: Uint8Array, before: StoredHeader | null = null): StoredHeader {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  assertInvariant(bytes.length >= MIN_HEADER_RECORD_BYTES, `header record of ${hash} is cut off`);
  const validity = VALIDITIES[bytes.readUInt8(HEADER_BYTES + 44)];
  const reasonBytes = bytes.readUInt16LE(HEADER_BYTES + 65);
  const fromStart = HEADER_BYTES + 67 + reasonBytes;
  const fromBytes = fromStart + 2 <= bytes.length ? bytes.readUInt16LE(fromStart) : 0;
  const isWhole = validity !== undefined && fromStart + 2 + fromBytes === bytes.length;
  assertInvariant(isWhole, `header record of ${hash} has another form`);
  const prevHash = reversedHex(bytes, 4);
  const firstSeenFrom = bytes.toString('utf8', fromStart + 2);
  return {
    hash,
    header: {
      version: bytes.readInt32LE(0),
      prevHash: before?.hash === prevHash ? before.hash : prevHash,
      merkleRoot: reversedHex(bytes, 36),
      time: bytes.readUInt32LE(68),
      bits: bytes.readUInt32LE(72),
      nonce: bytes.readUInt32LE(76),
    },
    height: bytes.readUInt32LE(HEADER_BYTES),
    chainWork: readWork(bytes, HEADER_BYTES + 4),
    clock: bytes.readUInt32LE(HEADER_BYTES + 36),
    active: bytes.readUInt32LE(HEADER_BYTES + 40),
    validity,
    arrival: bytes.readUInt32LE(HEADER_BYTES + 45),
    bodyBytes: bytes.readUInt32LE(HEADER_BYTES + 49),
    transactionCount: bytes.readUInt32LE(HEADER_BYTES + 53),
    firstSeenMs: Number(bytes.readBigUInt64LE(HEADER_BYTES + 57)),
    invalidReason: bytes.toString('utf8', HEADER_BYTES + 67, fromStart) || null,
    firstSeenFrom: before?.firstSeenFrom === firstSeenFrom ? before.firstSeenFrom : firstSeenFrom,
  };
}

/** `balance u64 | nonce u64`, and of a contract `codeHash 32 | storageRoot 32` */
export function encodeAccount({ balance, nonce, contract }: Account): Uint8Array {
  const sizeBytes = contract === undefined ? ACCOUNT_BYTES : ACCOUNT_BYTES + 2 * HASH_BYTES;
  const writer = new ByteWriter(sizeBytes).u64(balance).u64(nonce);
  if (contract !== undefined) writer.bytes(hexToBytes(contract.codeHash)).bytes(hexToBytes(contract.storageRoot));
  return writer.finish();
}

export function decodeAccount(bytes: Uint8Array): Account {
  return decode(bytes, (reader) => {
    const plain = { balance: reader.u64(), nonce: reader.u64() };
    if (reader.remaining === 0) return plain;
    const codeHash = bytesToHex(reader.bytes(HASH_BYTES));
    return { ...plain, contract: { codeHash, storageRoot: bytesToHex(reader.bytes(HASH_BYTES)) } };
  });
}

/** A slot of a contract. */
export interface StoredSlot {
  readonly path: SlotPath;
  /** Encoded. */
  readonly value: Uint8Array;
}

/** By contract, so that those of one stand together; a path may be longer than a key can be. */
export function slotTableKey(contract: Address, path: SlotPath): Buffer {
  return Buffer.concat([addressKey(contract), slotKey(contract, path)]);
}

/** Lowest and highest key of a contract's slots. */
export function slotTableKeys(contract: Address): [Buffer, Buffer] {
  const address = addressKey(contract);
  return [Buffer.concat([address, Buffer.alloc(HASH_BYTES)]), Buffer.concat([address, Buffer.alloc(HASH_BYTES, 0xff)])];
}

/** The slot's key in the tree of its contract, in a {@link slotTableKey}. */
export function slotKeyOf(key: Buffer): string {
  return key.toString('hex', ADDRESS_BYTES);
}

/** `pathLength u16 | path | value` */
export function encodeSlot({ path, value }: StoredSlot): Uint8Array {
  const pathBytes = hexToBytes(path);
  return new ByteWriter(2 + pathBytes.length + value.length)
    .u16(pathBytes.length)
    .bytes(pathBytes)
    .bytes(value)
    .finish();
}

export function decodeSlot(bytes: Uint8Array): StoredSlot {
  return decode(bytes, (reader) => {
    const path = bytesToHex(reader.bytes(reader.u16()));
    return { path, value: reader.bytes(reader.remaining) };
  });
}

/** `height u32 | index u32` */
export function encodePosition(position: ChainPosition): Uint8Array {
  return new ByteWriter(HEIGHT_BYTES + INDEX_BYTES).u32(position.height).u32(position.index).finish();
}

export function decodePosition(bytes: Uint8Array): ChainPosition {
  return decode(bytes, (reader) => ({ height: reader.u32(), index: reader.u32() }));
}

/** `receivedMs u64 | unbroadcast u8 | transaction` */
export function encodeJournalEntry(entry: JournalEntry): Uint8Array {
  return new ByteWriter(8 + 1 + entry.raw.length)
    .u64(BigInt(Math.floor(entry.receivedMs)))
    .u8(entry.unbroadcast ? 1 : 0)
    .bytes(entry.raw)
    .finish();
}

export function decodeJournalEntry(txid: Hash, bytes: Uint8Array): JournalEntry {
  return decode(bytes, (reader) => {
    const receivedMs = Number(reader.u64());
    const unbroadcast = reader.u8() === 1;
    return { txid, raw: reader.bytes(reader.remaining), receivedMs, unbroadcast };
  });
}

/** `lastSuccessMs u64 | failures u32` */
export function encodeAddress(address: StoredAddress): Uint8Array {
  return new ByteWriter(8 + 4)
    .u64(BigInt(Math.floor(address.lastSuccessMs)))
    .u32(address.failures)
    .finish();
}

export function decodeAddress(key: Uint8Array, bytes: Uint8Array): StoredAddress {
  return decode(bytes, (reader) => ({
    url: bytesToUtf8(key),
    lastSuccessMs: Number(reader.u64()),
    failures: reader.u32(),
  }));
}

/** `untilMs u64` */
export function encodeDiscouragement(entry: StoredDiscouragement): Uint8Array {
  return new ByteWriter(8).u64(BigInt(Math.floor(entry.untilMs))).finish();
}

export function decodeDiscouragement(key: Uint8Array, bytes: Uint8Array): StoredDiscouragement {
  return decode(bytes, (reader) => ({ key: bytesToUtf8(key), untilMs: Number(reader.u64()) }));
}

/** Reads exactly what `bytes` hold. Throws `DecodeError`. */
export function decode<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(bytes);
  const value = read(reader);
  reader.end();
  return value;
}

const reversed = Buffer.alloc(HASH_BYTES);

/** A hash in internal order, as it is shown. */
function reversedHex(bytes: Buffer, start: number): Hash {
  for (let i = 0; i < HASH_BYTES; i++) reversed[HASH_BYTES - 1 - i] = bytes[start + i] as number;
  return reversed.toString('hex');
}

/** 256 bits, big-endian. Of any chain so far the upper three quarters are zero. */
function readWork(bytes: Buffer, start: number): bigint {
  const low = bytes.readBigUInt64BE(start + 24);
  for (let i = start; i < start + 24; i++) {
    if (bytes[i] !== 0) return BigInt(`0x${bytes.toString('hex', start, start + WORK_BYTES)}`);
  }
  return low;
}
