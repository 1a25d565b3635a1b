import { DecodeError } from '../../consensus/codec.ts';
import { bytesToUtf8 } from '../../consensus/hex.ts';

/** Bytes as text; null if there are none, or they are not valid UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return null;
  try {
    return bytesToUtf8(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
