/**
 * Just enough of WebAssembly's binary format to write a module with one memory and exported functions.
 * Source: WebAssembly Core Specification 2.0, chapter 5 (Binary Format).
 */

/** Code, as a tree of bytes: pieces are nested instead of copied until the module is put together. */
export type Code = number | readonly Code[];

export const I32 = 0x7f;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof V128;

/** A function to be exported. Its parameters and result are `i32`; locals follow the parameters in number. */
export interface FunctionSource {
  readonly name: string;
  readonly parameters: number;
  /** The types of its locals, in order. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

/** Encodes a module with one memory, exported as `memory`. The same source always gives the same bytes. */
export function encodeModule(functions: readonly FunctionSource[], memoryPages: number): Uint8Array {
  const types = functions.map(({ parameters }) => [0x60, vector(Array(parameters).fill(I32)), vector([I32])]);
  const bodies = functions.map(({ locals, body }) => {
    const declarations = locals.map((type) => [u32(1), type]);
    return sized([vector(declarations), body, END]);
  });
  const exports = functions.map(({ name }, index) => [text(name), 0x00, u32(index)]);
  return flatten([
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, vector(types)),
    section(3, vector(functions.map((_, index) => u32(index)))),
    section(5, vector([[0x00, u32(memoryPages)]])),
    section(7, vector([[text('memory'), 0x02, u32(0)], ...exports])),
    section(10, vector(bodies)),
  ]);
}

const END = 0x0b;

function section(id: number, content: Code): Code {
  return [id, sized(content)];
}

function sized(content: Code): Code {
  const bytes = flatten(content);
  return [u32(bytes.length), [...bytes]];
}

function vector(items: readonly Code[]): Code {
  return [u32(items.length), items];
}

function text(name: string): Code {
  return vector([...name].map((character) => character.charCodeAt(0)));
}

function flatten(code: Code): Uint8Array {
  const bytes: number[] = [];
  const visit = (part: Code): void => {
    if (typeof part === 'number') bytes.push(part);
    else for (const inner of part) visit(inner);
  };
  visit(code);
  return Uint8Array.from(bytes);
}

/** LEB128 of an unsigned integer below 2^32. */
function u32(value: number): Code {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const more = rest > 0x7f ? 0x80 : 0;
    bytes.push((rest & 0x7f) | more);
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

/** LEB128 of a signed 32-bit integer. */
function s32(value: number): Code {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

export const get = (local: number): Code => [0x20, u32(local)];
export const set = (local: number, value: Code): Code => [value, 0x21, u32(local)];
export const tee = (local: number, value: Code): Code => [value, 0x22, u32(local)];

/** Repeats `body`, which says by {@link again} when to go round once more. */
export const loop = (body: Code): Code => [0x03, 0x40, body, END];
/** Goes round the innermost loop once more when the condition is not zero. */
export const again = (condition: Code): Code => [condition, 0x0d, u32(0)];
/** Leaves the function with a value when the condition is not zero. */
export const returnIf = (condition: Code, value: Code): Code => [condition, 0x04, 0x40, value, 0x0f, END];

const MEMORY_ALIGNMENT = 2;
const address = (offset: number): Code => [u32(MEMORY_ALIGNMENT), u32(offset)];

/** 32-bit integers. Operators take code that leaves their operands on the stack. */
export const i32 = {
  constant: (value: number): Code => [0x41, s32(value)],
  load: (base: Code, offset: number): Code => [base, 0x28, address(offset)],
  store: (base: Code, offset: number, value: Code): Code => [base, value, 0x36, address(offset)],
  add: (a: Code, b: Code): Code => [a, b, 0x6a],
  subtract: (a: Code, b: Code): Code => [a, b, 0x6b],
  and: (a: Code, b: Code): Code => [a, b, 0x71],
  or: (a: Code, b: Code): Code => [a, b, 0x72],
  xor: (a: Code, b: Code): Code => [a, b, 0x73],
  shiftLeft: (a: Code, bits: number): Code => [a, i32.constant(bits), 0x74],
  shiftRight: (a: Code, bits: number): Code => [a, i32.constant(bits), 0x76],
  rotateRight: (a: Code, bits: number): Code => [a, i32.constant(bits), 0x78],
  lessThan: (a: Code, b: Code): Code => [a, b, 0x49],
  atMost: (a: Code, b: Code): Code => [a, b, 0x4d],
} as const;

const simd = (opcode: number): Code => [0xfd, u32(opcode)];
const SIMD_ALIGNMENT = 4;
const simdAddress = (offset: number): Code => [u32(SIMD_ALIGNMENT), u32(offset)];

/** Four 32-bit integers side by side. */
export const i32x4 = {
  constant: (values: readonly [number, number, number, number]): Code => [
    simd(0x0c),
    values.map((value) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]),
  ],
  splat: (a: Code): Code => [a, simd(0x11)],
  load: (base: Code, offset: number): Code => [base, simd(0x00), simdAddress(offset)],
  store: (base: Code, offset: number, value: Code): Code => [base, value, simd(0x0b), simdAddress(offset)],
  add: (a: Code, b: Code): Code => [a, b, simd(0xae)],
  and: (a: Code, b: Code): Code => [a, b, simd(0x4e)],
  or: (a: Code, b: Code): Code => [a, b, simd(0x50)],
  xor: (a: Code, b: Code): Code => [a, b, simd(0x51)],
  /** Bits of `a` where the mask has ones, else of `b`. */
  select: (a: Code, b: Code, mask: Code): Code => [a, b, mask, simd(0x52)],
  shiftLeft: (a: Code, bits: number): Code => [a, i32.constant(bits), simd(0xab)],
  shiftRight: (a: Code, bits: number): Code => [a, i32.constant(bits), simd(0xad)],
  /** The bytes of each of the four integers in reverse order. */
  reverseBytes: (a: Code): Code => [a, a, simd(0x0d), [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]],
  /** All ones where `a ≤ b` as unsigned integers, else zero. */
  atMost: (a: Code, b: Code): Code => [a, b, simd(0x3e)],
  /** One bit for each of the four: its highest. */
  bitmask: (a: Code): Code => [a, simd(0xa4)],
} as const;
