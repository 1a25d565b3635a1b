import { crc32 } from 'node:zlib';
import { ByteReader } from '../../consensus/codec.ts';

/** What stands before every stored value: the CRC-32 of table name, key and value, little-endian. */
const CHECKSUM_BYTES = 4;

const tableSeeds = new Map<string, number>();

/** The value as it is stored. A flipped bit of its key or value, or a value under a wrong key or table, is noticed when it is read. */
export function sealValue(table: string, key: Uint8Array, value: Uint8Array): Buffer {
  const stored = Buffer.allocUnsafe(CHECKSUM_BYTES + value.length);
  stored.set(value, CHECKSUM_BYTES);
  stored.writeUInt32LE(checksumOf(table, key, value), 0);
  return stored;
}

/**
 * The value of {@link sealValue} as a view; undefined when its checksum does not match. Never a `Buffer`, whose `slice`
 * does not copy as that of the `Uint8Array` that it passes for.
 */
export function unsealValue(table: string, key: Uint8Array, stored: Uint8Array): Uint8Array | undefined {
  if (stored.length < CHECKSUM_BYTES) return undefined;
  const value = new Uint8Array(stored.buffer, stored.byteOffset + CHECKSUM_BYTES, stored.length - CHECKSUM_BYTES);
  const expected = new ByteReader(stored).u32();
  return checksumOf(table, key, value) === expected ? value : undefined;
}

function checksumOf(table: string, key: Uint8Array, value: Uint8Array): number {
  let seed = tableSeeds.get(table);
  if (seed === undefined) {
    seed = crc32(table);
    tableSeeds.set(table, seed);
  }
  return crc32(value, crc32(key, seed));
}
