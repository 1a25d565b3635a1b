import { ByteReader, ByteWriter } from './codec.ts';
import { assertInvariant, RuleError } from './errors.ts';
import { doubleSha256, type Hash, hashFromBytes, hashToBytes } from './hash.ts';
import type { NetworkParams } from './params.ts';
import { bitsToTarget, hashToInteger } from './target.ts';

/** Size of an encoded header. */
export const HEADER_BYTES = 80;
/** The last time that a header can hold, in Unix seconds: 2106-02-07T06:28:15Z. */
export const MAX_HEADER_TIME = 0xffff_ffff;
/** Times that {@link medianTimePast} looks at. */
export const MEDIAN_TIME_BLOCKS = 11;

/** A block header, byte for byte Bitcoin's. Any version is accepted. */
export interface BlockHeader {
  readonly version: number;
  readonly prevHash: Hash;
  readonly merkleRoot: Hash;
  /** Seconds since 1970. */
  readonly time: number;
  /** Compact target. */
  readonly bits: number;
  readonly nonce: number;
}

/** The 80 bytes `version i32 | prevHash 32 | merkleRoot 32 | time u32 | bits u32 | nonce u32`. */
export function encodeHeader(header: BlockHeader): Uint8Array {
  return new ByteWriter(HEADER_BYTES)
    .i32(header.version)
    .bytes(hashToBytes(header.prevHash))
    .bytes(hashToBytes(header.merkleRoot))
    .u32(header.time)
    .u32(header.bits)
    .u32(header.nonce)
    .finish();
}

/** Reads the next 80 bytes. Throws `DecodeError` when fewer are left. */
export function readHeader(reader: ByteReader): BlockHeader {
  return {
    version: reader.i32(),
    prevHash: hashFromBytes(reader.bytes(32)),
    merkleRoot: hashFromBytes(reader.bytes(32)),
    time: reader.u32(),
    bits: reader.u32(),
    nonce: reader.u32(),
  };
}

/** Decodes exactly 80 bytes. Throws `DecodeError`. */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  const reader = new ByteReader(bytes);
  const header = readHeader(reader);
  reader.end();
  return header;
}

/** Double SHA-256 of the encoded header. */
export function blockHash(header: BlockHeader): Hash {
  return hashFromBytes(doubleSha256(encodeHeader(header)));
}

/**
 * Proof of work: needs nothing but the header and its hash.
 * Throws `RuleError` `bad-bits`, `bits-above-limit` or `high-hash`.
 */
export function checkHeaderSanity(header: BlockHeader, hash: Hash, params: Pick<NetworkParams, 'limitBits'>): void {
  // [reject] Bits are positive, canonical and below 2^256.
  const target = bitsToTarget(header.bits);
  // [reject] The target is at most the network's limit.
  if (target > bitsToTarget(params.limitBits)) {
    throw new RuleError('bits-above-limit', `0x${header.bits.toString(16)} is easier than the network allows`);
  }
  // [reject] The block hash is at most the target.
  if (hashToInteger(hash) > target) throw new RuleError('high-hash', `${hash} is above the target`);
}

/** What the ancestors demand of a header. */
export interface HeaderContext {
  /** Height of the header that is checked. */
  readonly height: number;
  readonly requiredBits: number;
  /** {@link medianTimePast} of the up to `MEDIAN_TIME_BLOCKS` ancestors before it. */
  readonly medianTimePast: number;
}

/**
 * The rules that need ancestors' headers and the node's own clock. Throws `RuleError` `bad-difficulty-bits`,
 * `time-too-old` or `time-too-new`; the last is checked last, because it alone may pass later.
 */
export function checkHeaderContext(
  header: BlockHeader,
  context: HeaderContext,
  nowSeconds: number,
  params: NetworkParams,
): void {
  // [reject] Bits are those that the difficulty schedule requires.
  if (header.bits !== context.requiredBits) {
    const wanted = context.requiredBits.toString(16);
    throw new RuleError(
      'bad-difficulty-bits',
      `0x${header.bits.toString(16)} at height ${context.height}, not 0x${wanted}`,
    );
  }
  // [reject] The time is later than the median of the previous 11 times.
  if (header.time <= context.medianTimePast) {
    throw new RuleError('time-too-old', `${header.time} is not after the median ${context.medianTimePast}`);
  }
  // [ignore] The time is at most the node's own clock plus the future limit.
  if (header.time > nowSeconds + params.futureLimitSeconds) {
    throw new RuleError('time-too-new', `${header.time} is ${header.time - nowSeconds} s ahead of this node's clock`);
  }
}

/** Median of the times of the last up to 11 ancestors, in any order; the upper one where their count is even. */
export function medianTimePast(times: readonly number[]): number {
  const middle = times.toSorted((a, b) => a - b)[times.length >> 1];
  assertInvariant(middle !== undefined && times.length <= MEDIAN_TIME_BLOCKS, `${times.length} ancestors' times`);
  return middle;
}
