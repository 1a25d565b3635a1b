import { ADDRESS_BYTES, type Address } from './address.ts';
import { ByteReader, ByteWriter, DecodeError } from './codec.ts';
import { decodeUntypedValue, encodeValue } from './contract/encoding.ts';
import type { Outcome } from './contract/execution.ts';
import { assertInvariant } from './errors.ts';
import { type Hash, hashToBytes, type NodeHash } from './hash.ts';
import { bytesToHex, bytesToUtf8, concatBytes, hexToBytes, utf8ToBytes } from './hex.ts';
import { merkleLevels } from './merkle.ts';
import { sha256 } from './sha256.ts';
import { type LeafChange, type StateNodeReader, stateProof } from './state-tree.ts';

const FAILED = 0;
const OK = 1;
const HEAD_BYTES = 1 + 4;
const RESULT_HEAD_BYTES = 2;
const EVENT_HEAD_BYTES = ADDRESS_BYTES + 1 + 1;
const LEAF = new Uint8Array([0x00]);
const INNER = new Uint8Array([0x01]);

/** Key of the leaf in a state tree that commits to the receipts of its block. No key of an account has such a preimage. */
export const RECEIPTS_KEY = sha256(utf8ToBytes('receipts'));
const RECEIPTS_KEY_HEX = bytesToHex(RECEIPTS_KEY);

/** An event as a receipt holds it. */
export interface ReceiptEvent {
  readonly contract: Address;
  readonly name: string;
  readonly count: number;
  /** `count` encoded values, one after the other. */
  readonly values: Uint8Array;
}

/** What came of a transaction that executes a contract. Why one failed is not part of it: that is not consensus. */
export interface Receipt {
  readonly ok: boolean;
  /** Of a failed one all that it reserved. */
  readonly gasUsed: number;
  /** The encoded result; empty where there is none. */
  readonly result: Uint8Array;
  readonly events: readonly ReceiptEvent[];
}

/** The receipt of an outcome. @param intrinsic gas that was used before the execution began */
export function receiptOf(outcome: Outcome, intrinsic: number): Receipt {
  const gasUsed = intrinsic + outcome.gasUsed;
  if (!outcome.ok) return { ok: false, gasUsed, result: new Uint8Array(), events: [] };
  const events = outcome.events.map(({ contract, name, values }) => {
    return { contract, name, count: values.length, values: concatBytes(...values.map((value) => encodeValue(value))) };
  });
  return { ok: true, gasUsed, result: outcome.result ?? new Uint8Array(), events };
}

/**
 * `ok u8 | gasUsed u32`, and where it is ok `resultLength u16 | result | eventCount u8 | events`, each
 * `contract 20 | nameLength u8 | name | valueCount u8 | values`.
 */
export function encodeReceipt({ ok, gasUsed, result, events }: Receipt): Uint8Array {
  if (!ok) return new ByteWriter(HEAD_BYTES).u8(FAILED).u32(gasUsed).finish();
  const encoded = events.map(encodeEvent);
  const eventBytes = encoded.reduce((sum, bytes) => sum + bytes.length, 0);
  const writer = new ByteWriter(HEAD_BYTES + RESULT_HEAD_BYTES + result.length + 1 + eventBytes);
  writer.u8(OK).u32(gasUsed).u16(result.length).bytes(result).u8(events.length);
  for (const bytes of encoded) writer.bytes(bytes);
  return writer.finish();
}

/** The inverse of {@link encodeReceipt}. Throws `DecodeError`. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const reader = new ByteReader(bytes);
  const flag = reader.u8();
  if (flag !== OK && flag !== FAILED) throw new DecodeError(`flag ${flag} of a receipt`);
  const gasUsed = reader.u32();
  const ok = flag === OK;
  const result = ok ? reader.bytes(reader.u16()) : new Uint8Array();
  const events = ok ? Array.from({ length: reader.u8() }, () => readEvent(reader)) : [];
  reader.end();
  return { ok, gasUsed, result, events };
}

/** Leaf of the tree of receipts: SHA-256 of `0x00 ‖ txid in internal order ‖ receipt`. */
export function receiptLeaf(txid: Hash, receipt: Uint8Array): Uint8Array {
  return sha256(concatBytes(LEAF, hashToBytes(txid), receipt));
}

/** Root of the tree of receipts: inner nodes are SHA-256 of `0x01 ‖ left ‖ right`, shape of RFC 6962. There is a leaf at least. */
export function receiptsRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const root = merkleLevels(leaves, parent).at(-1)?.[0];
  assertInvariant(root !== undefined, 'a tree of receipts has a leaf');
  return root;
}

/** What the state tree of a block says of its receipts, `sha256(count u32 ‖ root)` in hex; null for a block without any. */
export function hashOfReceipts(leaves: readonly Uint8Array[]): NodeHash | null {
  if (leaves.length === 0) return null;
  const count = new ByteWriter(4).u32(leaves.length).finish();
  return bytesToHex(sha256(concatBytes(count, receiptsRoot(leaves))));
}

/** The leaf in a state tree that says this, or none. */
export function receiptsLeaf(receiptsHash: NodeHash | null): LeafChange {
  return { key: RECEIPTS_KEY, valueHash: receiptsHash === null ? undefined : hexToBytes(receiptsHash) };
}

/** What a state says of the receipts of its own block. */
export function receiptsHashOf(view: StateNodeReader & { readonly stateRoot: NodeHash }): NodeHash | null {
  const { leaf } = stateProof(view, view.stateRoot, RECEIPTS_KEY);
  return leaf?.key === RECEIPTS_KEY_HEX ? leaf.valueHash : null;
}

function parent(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(INNER, left, right));
}

function encodeEvent({ contract, name, count, values }: ReceiptEvent): Uint8Array {
  const nameBytes = utf8ToBytes(name);
  return new ByteWriter(EVENT_HEAD_BYTES + nameBytes.length + values.length)
    .bytes(hexToBytes(contract))
    .u8(nameBytes.length)
    .bytes(nameBytes)
    .u8(count)
    .bytes(values)
    .finish();
}

function readEvent(reader: ByteReader): ReceiptEvent {
  const contract = bytesToHex(reader.bytes(ADDRESS_BYTES));
  const name = bytesToUtf8(reader.bytes(reader.u8()));
  const count = reader.u8();
  const start = reader.offset;
  for (let i = 0; i < count; i++) decodeUntypedValue(reader);
  return { contract, name, count, values: reader.readSince(start) };
}
