import fc from 'fast-check';
import { ByteReader } from '../../consensus/codec.ts';
import { concatBytes } from '../../consensus/hex.ts';
import * as limits from '../../protocol/limits.ts';

/** Encoded bytes, cut where their decoder reads: numbers, lengths, hashes, texts each for themselves. */
export type Parts = readonly Uint8Array[];

type ReaderMethod = (this: ByteReader, ...args: unknown[]) => unknown;
const READS = ['u8', 'u16', 'u32', 'i32', 'u64', 'bytes'] as const;

/**
 * Cuts valid bytes into what their decoder reads one after the other. The decoder itself says where the fields are, so
 * that a format that changes needs no change here.
 */
export function partsOf(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): Uint8Array[] {
  const ends: number[] = [];
  // A decoder may use further readers for what it has read; only the first one reads the input.
  let reader: ByteReader | null = null;
  let depth = 0;
  const methods = ByteReader.prototype as unknown as Record<(typeof READS)[number], ReaderMethod>;
  const originals = READS.map((name) => [name, methods[name]] as const);
  for (const [name, original] of originals) {
    methods[name] = function (this: ByteReader, ...args: unknown[]): unknown {
      reader ??= this;
      depth++;
      try {
        return original.apply(this, args);
      } finally {
        depth--;
        if (depth === 0 && reader === this) ends.push(this.offset);
      }
    };
  }
  try {
    decode(bytes);
  } finally {
    for (const [name, original] of originals) methods[name] = original;
  }
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}

const KINDS = [
  'flip',
  'number',
  'step',
  'drop',
  'double',
  'swap',
  'cut',
  'append',
  'splice',
  'replace',
  'grow',
] as const;

/** One change of encoded bytes. `at` and `to` choose parts, whatever their number. */
export interface Mutation {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly to: number;
  readonly number: bigint;
  readonly noise: Uint8Array;
}

const LIMITS = Object.values(limits).flatMap((limit) => [BigInt(limit) - 1n, BigInt(limit), BigInt(limit) + 1n]);
const EDGES = [7n, 8n, 15n, 16n, 31n, 32n, 53n, 63n, 64n].flatMap((bits) => [
  2n ** bits - 1n,
  2n ** bits,
  2n ** bits + 1n,
]);
/** Numbers at which implementations go wrong: powers of two, what a double holds exactly, and every limit of the wire. */
const BOUNDARIES = [0n, 1n, 2n, 3n, ...EDGES, ...LIMITS];
/** Fields of one list item: of hashes and positions, of texts, of headers, of transfers. */
const ITEM_PARTS = [1, 2, 6, 10];
/** A grown list ends here; beyond it nothing new is to be seen. */
const MAX_GROWN_BYTES = 1_100_000;
const GROWN_COUNTS = [0, 2, 3, 100, ...new Set(LIMITS.map(Number).filter((limit) => limit < 7_000))];

/** A change that knows the structure: it moves whole fields, and changes numbers and lengths to those that hurt. */
export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat(4_000),
  to: fc.nat(4_000),
  number: fc.oneof(fc.constantFrom(...BOUNDARIES), fc.bigInt({ min: 0n, max: 2n ** 64n })),
  noise: fc.uint8Array({ maxLength: 12 }),
});

/** A few changes, one after the other. */
export const mutations = fc.array(mutation, { maxLength: 5 });

/** Applies changes to bytes; `donor` is another valid encoding, parts of which may be put in. */
export function mutated(parts: Parts, donor: Parts, changes: readonly Mutation[]): Uint8Array {
  return concatBytes(...changes.reduce<Parts>((current, change) => apply(current, donor, change), parts));
}

function apply(parts: Parts, donor: Parts, change: Mutation): Parts {
  const at = change.at % Math.max(1, parts.length);
  const to = change.to % Math.max(1, parts.length);
  const part = parts[at] ?? new Uint8Array();
  const [first, last] = [Math.min(at, to), Math.max(at, to) + 1];
  switch (change.kind) {
    case 'flip':
      return parts.toSpliced(at, 1, flipped(part, change.to));
    case 'number':
      return parts.toSpliced(at, 1, numberOf(part.length, change.number));
    case 'step':
      return parts.toSpliced(at, 1, stepped(part, change.to % 2 === 0 ? 1n : -1n));
    case 'drop':
      return parts.toSpliced(first, last - first);
    case 'double':
      return parts.toSpliced(last, 0, ...parts.slice(first, last));
    case 'swap':
      return parts.toSpliced(at, 1, parts[to] ?? part).toSpliced(to, 1, part);
    case 'cut':
      return [...parts.slice(0, at), part.subarray(0, change.to % (part.length + 1))];
    case 'append':
      return [...parts, change.noise];
    case 'splice':
      return [...parts.slice(0, at), ...donor.slice(change.to % (donor.length + 1))];
    case 'replace':
      return parts.toSpliced(at, 1, change.noise);
    case 'grow':
      return grown(parts, at, change);
  }
}

function flipped(part: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(part);
  const position = (bit >> 3) % Math.max(1, copy.length);
  if (copy.length > 0) copy[position] = (copy[position] as number) ^ (1 << (bit & 7));
  return copy;
}

/** Little-endian, cut to the size of the field. */
function numberOf(sizeBytes: number, value: bigint): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function stepped(part: Uint8Array, step: bigint): Uint8Array {
  const value = part.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return numberOf(part.length, (value + step) & (2n ** BigInt(8 * part.length) - 1n));
}

/** Takes the part at `at` for the count of a list, and repeats what follows that often: a list that is too long, in earnest. */
function grown(parts: Parts, at: number, change: Mutation): Parts {
  const size = ITEM_PARTS[change.to % ITEM_PARTS.length] ?? 1;
  const item = parts.slice(at + 1, at + 1 + size);
  const itemBytes = item.reduce((sum, { length }) => sum + length, 0);
  const wanted = GROWN_COUNTS[Number(change.number % BigInt(GROWN_COUNTS.length))] ?? 0;
  const count = itemBytes === 0 ? 0 : Math.min(wanted, Math.floor(MAX_GROWN_BYTES / itemBytes));
  const items = Array.from({ length: count }, () => item).flat();
  return [
    ...parts.slice(0, at),
    numberOf(parts[at]?.length ?? 0, BigInt(count)),
    ...items,
    ...parts.slice(at + 1 + size),
  ];
}
