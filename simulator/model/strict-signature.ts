import { bytesToHex } from '../../consensus/hex.ts';

/** Ed25519 as RFC 8032 has it, without the cofactor: whether the encoding of S·B − k·A is R. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

const FIELD_PRIME = 2n ** 255n - 19n;
const GROUP_ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
/** The y of the points of small order, little-endian. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => BigInt(`0x${reversed(hex)}`));

/** Whether 32 bytes encode a point in the one canonical way, and none of small order. */
export function isStrictPoint(bytes: Uint8Array): boolean {
  const y = littleEndian(bytes) % 2n ** 255n;
  return y < FIELD_PRIME && !SMALL_ORDER.includes(y);
}

/** Whether R and S of a signature have their one encoding. */
export function isStrictSignature(signature: Uint8Array): boolean {
  return isStrictPoint(signature.subarray(0, 32)) && littleEndian(signature.subarray(32)) < GROUP_ORDER;
}

/** What the sender of a transfer signs. */
export function signedMessage(rawTransfer: Uint8Array): Uint8Array {
  const domain = [...'forklore/tx/v1'].map((letter) => letter.charCodeAt(0));
  return Uint8Array.from([...domain, ...rawTransfer.subarray(0, -64)]);
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${reversed(bytesToHex(bytes))}`);
}

function reversed(hex: string): string {
  return (hex.match(/../g) ?? []).reverse().join('');
}
