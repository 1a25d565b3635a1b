/** A whole number in so many bytes, the lowest first. */
export function littleEndian(value: bigint | number, sizeBytes: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
}
