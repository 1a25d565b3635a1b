import { hexToBytes } from './hex.ts';

/** Size of an encoded curve point or scalar. */
const FIELD_BYTES = 32;
/** Size of an Ed25519 public key: a point (RFC 8032 §5.1.5). */
export const PUBLIC_KEY_BYTES = FIELD_BYTES;
/** Size of an Ed25519 signature: a point and a scalar (RFC 8032 §5.1.6). */
export const SIGNATURE_BYTES = 2 * FIELD_BYTES;
const SIGN_BIT = 0x80;

/** The field's prime 2^255 − 19, little-endian: a canonical y is below it (RFC 8032 §5.1.3). */
const FIELD_PRIME = hexToBytes(`ed${'ff'.repeat(30)}7f`);
/** Order L of the base point, little-endian (RFC 8032 §5.1): S is below it, or a signature could be altered. */
const GROUP_ORDER = hexToBytes('edd3f55c1a631258d69cf7a2def9de14'.concat('00'.repeat(15), '10'));

/** The y of the eight points of small order, little-endian; both signs of x, "negative zero" included, are refused. */
const SMALL_ORDER_Y = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
].map(hexToBytes);

/**
 * Whether 32 bytes encode a point canonically and not one of small order. Byte comparisons only: whether the point
 * is on the curve shows when a signature is verified.
 */
export function isStrictPoint(encoded: Uint8Array): boolean {
  if (encoded.length !== FIELD_BYTES) return false;
  // The sign of x stands in the last bit; the rest is y.
  const top = (encoded[FIELD_BYTES - 1] as number) & ~SIGN_BIT;
  if (!isBelow(encoded, top, FIELD_PRIME)) return false;
  for (const smallOrder of SMALL_ORDER_Y) if (isEqual(encoded, top, smallOrder)) return false;
  return true;
}

/** Whether 64 bytes are a point as {@link isStrictPoint} wants it and a scalar S < L. */
export function isStrictSignature(signature: Uint8Array): boolean {
  return (
    signature.length === SIGNATURE_BYTES &&
    isStrictPoint(signature.subarray(0, FIELD_BYTES)) &&
    isBelow(signature.subarray(FIELD_BYTES), signature[SIGNATURE_BYTES - 1] as number, GROUP_ORDER)
  );
}

/** Compares little-endian numbers of 32 bytes; `top` stands for the last byte of the first. */
function isBelow(value: Uint8Array, top: number, bound: Uint8Array): boolean {
  for (let i = FIELD_BYTES - 1; i >= 0; i--) {
    const byte = i === FIELD_BYTES - 1 ? top : (value[i] as number);
    const difference = byte - (bound[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function isEqual(value: Uint8Array, top: number, other: Uint8Array): boolean {
  if (top !== other[FIELD_BYTES - 1]) return false;
  for (let i = 0; i < FIELD_BYTES - 1; i++) if (value[i] !== other[i]) return false;
  return true;
}
