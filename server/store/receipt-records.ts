import { ADDRESS_BYTES } from '../../consensus/address.ts';
import { ByteReader, ByteWriter, DecodeError } from '../../consensus/codec.ts';
import type { Payment } from '../../consensus/contract/machine.ts';
import type { CallFailure } from '../../consensus/contract-run.ts';
import { HASH_BYTES, type NodeHash } from '../../consensus/hash.ts';
import { bytesToHex, bytesToUtf8, concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import { type ChainPosition, decode, heightKey } from './records.ts';

const NO_FAILURE = 0;
const FAILURE = 1;
const FAILURE_WITH_POSITION = 2;
const PAYMENTS = 3;
const PAYMENT_BYTES = 2 * ADDRESS_BYTES + 8;

/** What came of a contract's transaction on the active chain. */
export interface StoredReceipt {
  /** The encoded receipt, as consensus has it. */
  readonly bytes: Uint8Array;
  /** Why it failed, as this node found when it connected the block: no rule of the network. */
  readonly failure: CallFailure | null;
  /** What contracts paid in it, in order: no rule either. Null: an earlier version wrote the record, which kept none. */
  readonly payments: readonly Payment[] | null;
}

/** The receipts of a block of the active chain together. Blocks without any have no record. */
export interface BlockReceipts {
  readonly count: number;
  readonly gasUsed: number;
  /** Root of the tree of receipts. */
  readonly root: string;
  /** From the block's state root down to the leaf of its receipts: what proves that leaf, whatever the state is by now. */
  readonly siblings: readonly NodeHash[];
}

/** By place in the chain, so that the receipts of a block stand together, in order. */
export function positionKey({ height, index }: ChainPosition): Buffer {
  const key = Buffer.alloc(2 * 4);
  heightKey(height).copy(key);
  key.writeUInt32BE(index, 4);
  return key;
}

/** Inverse of {@link positionKey}. */
export function positionOfReceipt(key: Buffer): ChainPosition {
  return { height: key.readUInt32BE(0), index: key.readUInt32BE(4) };
}

/**
 * `receiptLength u32 | receipt | flag u8`, and of one that failed `contract 20 | code text | message text`, with flag 2 also
 * `line u32 | column u32`; a text is `length u16, UTF-8`. With flag 3, of one that is fine, `count u16` and payments, each
 * `from 20 | to 20 | amount u64`; flag 0 is that of records without them.
 */
export function encodeStoredReceipt({ bytes, failure, payments }: StoredReceipt): Uint8Array {
  const paymentBytes = payments === null || failure !== null ? 0 : 2 + payments.length * PAYMENT_BYTES;
  const writer = new ByteWriter(4 + bytes.length + 1 + paymentBytes).u32(bytes.length).bytes(bytes);
  if (failure === null) return payments === null ? writer.u8(NO_FAILURE).finish() : writePayments(writer, payments);
  const { contract, code, message, position } = failure;
  const head = writer.u8(position === undefined ? FAILURE : FAILURE_WITH_POSITION).finish();
  const place = position && new ByteWriter(4 + 4).u32(position.line).u32(position.column).finish();
  return concatBytes(head, hexToBytes(contract), encodeText(code), encodeText(message), place ?? new Uint8Array());
}

/** The inverse of {@link encodeStoredReceipt}. Throws `DecodeError`. */
export function decodeStoredReceipt(value: Uint8Array): StoredReceipt {
  return decode(value, (reader) => {
    const bytes = reader.bytes(reader.u32());
    const flag = reader.u8();
    if (flag > PAYMENTS) throw new DecodeError(`flag ${flag} of a failure`);
    if (flag === NO_FAILURE) return { bytes, failure: null, payments: null };
    if (flag === PAYMENTS) return { bytes, failure: null, payments: readPayments(reader) };
    const contract = bytesToHex(reader.bytes(ADDRESS_BYTES));
    const code = readText(reader);
    const message = readText(reader);
    const position = flag === FAILURE_WITH_POSITION ? { line: reader.u32(), column: reader.u32() } : undefined;
    return { bytes, failure: { code, message, contract, position }, payments: [] };
  });
}

/** The encoded receipt of a record, without the rest, which can be a hundred times as large. Throws `DecodeError`. */
export function receiptOfRecord(value: Uint8Array): Uint8Array {
  const reader = new ByteReader(value);
  return reader.bytes(reader.u32());
}

/** `count u32 | gasUsed u32 | root 32 | siblings 32 each` */
export function encodeBlockReceipts({ count, gasUsed, root, siblings }: BlockReceipts): Uint8Array {
  const writer = new ByteWriter(4 + 4 + HASH_BYTES * (1 + siblings.length));
  writer.u32(count).u32(gasUsed).bytes(hexToBytes(root));
  for (const sibling of siblings) writer.bytes(hexToBytes(sibling));
  return writer.finish();
}

/** The inverse of {@link encodeBlockReceipts}. Throws `DecodeError`. */
export function decodeBlockReceipts(value: Uint8Array): BlockReceipts {
  return decode(value, (reader) => {
    const count = reader.u32();
    const gasUsed = reader.u32();
    const root = bytesToHex(reader.bytes(HASH_BYTES));
    const siblings: NodeHash[] = [];
    while (reader.remaining > 0) siblings.push(bytesToHex(reader.bytes(HASH_BYTES)));
    return { count, gasUsed, root, siblings };
  });
}

function writePayments(writer: ByteWriter, payments: readonly Payment[]): Uint8Array {
  writer.u8(PAYMENTS).u16(payments.length);
  for (const { from, to, amount } of payments) writer.bytes(hexToBytes(from)).bytes(hexToBytes(to)).u64(amount);
  return writer.finish();
}

function readPayments(reader: ByteReader): Payment[] {
  const readAddress = () => bytesToHex(reader.bytes(ADDRESS_BYTES));
  return Array.from({ length: reader.u16() }, () => {
    return { from: readAddress(), to: readAddress(), amount: reader.u64() };
  });
}

function encodeText(text: string): Uint8Array {
  const utf8 = utf8ToBytes(text);
  return new ByteWriter(2 + utf8.length).u16(utf8.length).bytes(utf8).finish();
}

function readText(reader: ByteReader): string {
  return bytesToUtf8(reader.bytes(reader.u16()));
}
