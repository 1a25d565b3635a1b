import { createHash } from 'node:crypto';
import type { RandomSource } from '../../protocol/time.ts';

/** Numbers that look random and follow from a text alone: the SHA-256 of it with a counter, eight numbers at a time. */
export function seededRandom(seed: string): RandomSource {
  let counter = 0;
  let portion = Buffer.alloc(0);
  return {
    u32() {
      if (portion.length === 0) portion = createHash('sha256').update(`${counter++} ${seed}`).digest();
      const value = portion.readUInt32LE(0);
      portion = portion.subarray(Uint32Array.BYTES_PER_ELEMENT);
      return value;
    },
  };
}
