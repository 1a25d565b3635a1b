import { type Address, addressOfKey } from './address.ts';
import type { ByteReader, ByteWriter } from './codec.ts';
import { assertInvariant } from './errors.ts';
import { doubleSha256, type Hash, hashFromBytes, hashToBytes } from './hash.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import { PUBLIC_KEY_BYTES } from './signature-encoding.ts';

export const NETWORK_ID_BYTES = 4;

/** What every signed transaction says. */
export interface SignedFields {
  /** 8 hex digits: the first four bytes of the genesis block hash in internal order. */
  readonly networkId: string;
  /** 64 hex digits: the Ed25519 public key. */
  readonly senderKey: string;
  readonly nonce: bigint;
  /** Base units. */
  readonly amount: bigint;
  /** Base units. Paid in full, whatever happens. */
  readonly fee: bigint;
  readonly signature: Uint8Array;
}

/** What every signed transaction has. */
export interface Signed extends SignedFields {
  readonly txid: Hash;
  /** The exact bytes that were decoded: they are stored, sent and hashed. */
  readonly raw: Uint8Array;
  /** Derived from `senderKey`. */
  readonly sender: Address;
}

/** The network that a transaction is signed for: the first four bytes of the genesis block's hash in internal order. */
export function networkIdOf(genesisHash: Hash): string {
  return bytesToHex(hashToBytes(genesisHash).subarray(0, NETWORK_ID_BYTES));
}

/** The id of a transaction: the double SHA-256 of its bytes, in display order. */
export function txidOf(raw: Uint8Array): Hash {
  return hashFromBytes(doubleSha256(raw));
}

/** The bytes of hex digits that have a fixed size. Throws `InvariantError` for another size. */
export function fixedBytes(hex: string, sizeBytes: number): Uint8Array {
  const bytes = hexToBytes(hex);
  assertInvariant(bytes.length === sizeBytes, `${bytes.length} bytes where ${sizeBytes} belong`);
  return bytes;
}

/** Writes `networkId 4 | senderKey 32 | nonce u64`, with which all signed transactions begin after their kind. */
export function writeSender(
  writer: ByteWriter,
  fields: Pick<SignedFields, 'networkId' | 'senderKey' | 'nonce'>,
): ByteWriter {
  return writer
    .bytes(fixedBytes(fields.networkId, NETWORK_ID_BYTES))
    .bytes(fixedBytes(fields.senderKey, PUBLIC_KEY_BYTES))
    .u64(fields.nonce);
}

/** The inverse of {@link writeSender}. Throws `DecodeError`. */
export function readSender(reader: ByteReader): Pick<SignedFields, 'networkId' | 'senderKey' | 'nonce'> {
  return {
    networkId: bytesToHex(reader.bytes(NETWORK_ID_BYTES)),
    senderKey: bytesToHex(reader.bytes(PUBLIC_KEY_BYTES)),
    nonce: reader.u64(),
  };
}

/** What is derived from the bytes of a signed transaction and from its key. */
export function identityOf(raw: Uint8Array, senderKey: string): Pick<Signed, 'txid' | 'sender'> {
  return { txid: txidOf(raw), sender: addressOfKey(hexToBytes(senderKey)) };
}
