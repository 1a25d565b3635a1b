import {
  BIG_SIGMA_0,
  BIG_SIGMA_1,
  BLOCK_WORDS,
  DIGEST_BITS,
  DIGEST_WORDS,
  HEADER_BITS,
  INITIAL_STATE,
  PADDING_WORD,
  ROUND_CONSTANTS,
  SCHEDULE_WORDS,
  SMALL_SIGMA_0,
  SMALL_SIGMA_1,
} from '../../consensus/sha256.ts';
import {
  again,
  type Code,
  encodeModule,
  get,
  I32,
  i32,
  i32x4,
  loop,
  returnIf,
  set,
  tee,
  V128,
  type ValueType,
} from './assembler.ts';
import { NONCE_WORD } from './reference.ts';

/**
 * Writes the WebAssembly module that searches nonces: `search(firstNonce, batches)` tries `batches` times as many nonces
 * in a row as there are lanes, and returns how many batches it did before one in which a lane may meet the target, or
 * `batches`. Whether one really does, the caller finds out: only the most significant word of the hash is looked at.
 *
 * What made it fast, measured: the rotations as one chain of xors; the message schedule in memory, the working variables
 * in locals; a loop of 16 rounds, which the processor's cache of decoded instructions holds, instead of 64 rounds in a
 * row; everything that does not depend on the nonce done before. The second hash stops at the word that decides.
 */

/** What one lane or four of them can do; the search is written once for both. */
interface Lanes {
  readonly count: number;
  readonly type: ValueType;
  constant(word: number): Code;
  load(base: Code, offset: number): Code;
  store(base: Code, offset: number, value: Code): Code;
  add(a: Code, b: Code): Code;
  and(a: Code, b: Code): Code;
  xor(a: Code, b: Code): Code;
  /** The rotations to the right of a local, and the shift, combined by xor. */
  sigma(local: number, form: { readonly rotations: readonly number[]; readonly shift: number | null }): Code;
  /** The nonces of one batch. */
  nonces(first: Code): Code;
  reverseBytes(a: Code): Code;
  /** Not zero where a lane of `a` is at most `b`, both unsigned. */
  anyAtMost(a: Code, b: Code): Code;
}

const xorAll = (lanes: Lanes, parts: readonly Code[]): Code => parts.reduce((a, b) => lanes.xor(a, b));
const addAll = (lanes: Lanes, parts: readonly Code[]): Code => parts.reduce((a, b) => lanes.add(a, b));

const ONE_LANE: Lanes = {
  ...i32,
  count: 1,
  type: I32,
  sigma(local, { rotations, shift }) {
    const parts = rotations.map((bits) => i32.rotateRight(get(local), bits));
    if (shift !== null) parts.push(i32.shiftRight(get(local), shift));
    return xorAll(ONE_LANE, parts);
  },
  nonces: (first) => first,
  reverseBytes: (a) =>
    i32.or(
      i32.and(i32.rotateRight(a, 8), i32.constant(0xff00ff00)),
      i32.and(i32.rotateRight(a, 24), i32.constant(0x00ff00ff)),
    ),
  anyAtMost: i32.atMost,
};

const FOUR_LANES: Lanes = {
  ...i32x4,
  count: 4,
  type: V128,
  constant: (word) => i32x4.constant([word, word, word, word]),
  sigma(local, { rotations, shift }) {
    const parts = rotations.flatMap((bits) => [
      i32x4.shiftRight(get(local), bits),
      i32x4.shiftLeft(get(local), 32 - bits),
    ]);
    if (shift !== null) parts.push(i32x4.shiftRight(get(local), shift));
    return xorAll(FOUR_LANES, parts);
  },
  nonces: (first) => i32x4.add(i32x4.splat(first), i32x4.constant([0, 1, 2, 3])),
  anyAtMost: (a, b) => i32x4.bitmask(i32x4.atMost(a, b)),
};

/** Rounds in the body of a loop: as many as make the working variables come round to their places. */
const LOOP_ROUNDS = 16;
/** The most significant word of a hash is the last working variable, which was `e` three rounds before the end. */
const LAST_ROUND = SCHEDULE_WORDS - 4;
/** Behind this round only `e` still matters. */
const LAST_WHOLE_ROUND = LAST_ROUND - 4;
const MEMORY_PAGES = 1;

/** Where things are in memory, in words; each word is there once for each lane. */
export const LAYOUT = {
  /** Written for each header: see `workBeforeNonce`, `midstate`, and the target's most significant word. */
  work: 0,
  midstate: 8,
  target: 16,
  /** Written once. */
  roundConstants: 64,
  /** The schedules: what is not written by the search itself stands there before. */
  headerSchedule: 128,
  digestSchedule: 192,
} as const;

/** The fixed words of memory: the round constants, and the padding of both messages. */
export function fixedWords(): { readonly at: number; readonly word: number }[] {
  return [
    ...ROUND_CONSTANTS.map((word, round) => ({ at: LAYOUT.roundConstants + round, word })),
    { at: LAYOUT.headerSchedule + NONCE_WORD + 1, word: PADDING_WORD },
    { at: LAYOUT.headerSchedule + BLOCK_WORDS - 1, word: HEADER_BITS },
    { at: LAYOUT.digestSchedule + DIGEST_WORDS, word: PADDING_WORD },
    { at: LAYOUT.digestSchedule + BLOCK_WORDS - 1, word: DIGEST_BITS },
  ];
}

/** The module with four lanes, for engines that have 128-bit SIMD, or with one for those that have not. */
export function searchModule(lanes: 1 | 4): Uint8Array {
  return new SearchSource(lanes === 4 ? FOUR_LANES : ONE_LANE).encode();
}

// Parameters come first, then the other integers, then the vectors.
const FIRST_NONCE = 0;
const BATCHES = 1;
const POSITION = 2;
const DONE = 3;
const FIRST_VECTOR = 4;
const WORKING = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => FIRST_VECTOR + i);
const SUM = FIRST_VECTOR + 8;
const WORD = FIRST_VECTOR + 9;
const SOURCE_WORD = FIRST_VECTOR + 10;
const EXCLUSIVE = [FIRST_VECTOR + 11, FIRST_VECTOR + 12] as const;
const VECTORS = 13;

/** `a` to `h`, by the local that holds each now. Instead of moving values, the names move. */
type Names = readonly number[];

class SearchSource {
  readonly #lanes: Lanes;
  /** Bytes of one word in all lanes. */
  readonly #stride: number;
  readonly #code: Code[] = [];
  #names: Names = WORKING;
  #round = 0;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
    this.#stride = lanes.count * 4;
  }

  encode(): Uint8Array {
    const { count, type } = this.#lanes;
    this.#hashHeader();
    this.#hashDigest();
    const batch = [...this.#code];
    const body = [
      loop([
        batch,
        returnIf(this.#mayMeetTarget(), get(DONE)),
        set(FIRST_NONCE, i32.add(get(FIRST_NONCE), i32.constant(count))),
        again(i32.lessThan(tee(DONE, i32.add(get(DONE), i32.constant(1))), get(BATCHES))),
      ]),
      get(DONE),
    ];
    const locals: ValueType[] = [I32, I32, ...Array<ValueType>(VECTORS).fill(type)];
    return encodeModule([{ name: 'search', parameters: 2, locals, body }], MEMORY_PAGES);
  }

  /** The second block of the header; the first, and the rounds before the nonce, are in the midstate. */
  #hashHeader(): void {
    const { add, store, reverseBytes, nonces } = this.#lanes;
    this.#emit(set(WORD, reverseBytes(nonces(get(FIRST_NONCE)))));
    this.#emit(store(ORIGIN, this.#offset(LAYOUT.headerSchedule + NONCE_WORD), get(WORD)));
    WORKING.forEach((local, i) => {
      const prepared = this.#word(LAYOUT.work + i);
      // In its own round the nonce is added to nothing but `a` and `e`.
      this.#emit(set(local, i === 0 || i === 4 ? add(prepared, get(WORD)) : prepared));
    });
    this.#begin(NONCE_WORD + 1, WORKING);
    const words = [...Array<number>(NONCE_WORD + 1), PADDING_WORD, ...Array<number>(10).fill(0), HEADER_BITS];
    for (let t = NONCE_WORD + 1; t < BLOCK_WORDS; t++) this.#roundOf([this.#constantOf(t, words[t] ?? 0)]);
    this.#loopRounds(LAYOUT.headerSchedule, SCHEDULE_WORDS);
    this.#names.forEach((local, i) => {
      const digestWord = add(get(local), this.#word(LAYOUT.midstate + i));
      this.#emit(store(ORIGIN, this.#offset(LAYOUT.digestSchedule + i), digestWord));
    });
  }

  #hashDigest(): void {
    const { constant } = this.#lanes;
    WORKING.forEach((local, i) => {
      this.#emit(set(local, constant(INITIAL_STATE[i] ?? 0)));
    });
    this.#begin(0, WORKING);
    for (let t = 0; t < DIGEST_WORDS; t++) {
      this.#roundOf([this.#constantOf(t, 0), this.#word(LAYOUT.digestSchedule + t)]);
    }
    const words = [PADDING_WORD, 0, 0, 0, 0, 0, 0, DIGEST_BITS];
    words.forEach((word, i) => {
      this.#roundOf([this.#constantOf(DIGEST_WORDS + i, word)]);
    });
    this.#loopRounds(LAYOUT.digestSchedule, SCHEDULE_WORDS - LOOP_ROUNDS);
    while (this.#round <= LAST_ROUND) this.#scheduledRound(LAYOUT.digestSchedule, ORIGIN, this.#round);
  }

  #mayMeetTarget(): Code {
    const { add, constant, reverseBytes, anyAtMost } = this.#lanes;
    // The names have moved on by one since the last round.
    const [, , , , e] = this.#names as [number, number, number, number, number];
    const mostSignificant = reverseBytes(add(get(e), constant(INITIAL_STATE[7] ?? 0)));
    return anyAtMost(mostSignificant, this.#word(LAYOUT.target));
  }

  /** Rounds from the present one up to `end`, in a loop. */
  #loopRounds(schedule: number, end: number): void {
    const before = this.#code.splice(0);
    const [first, names] = [this.#round, this.#names];
    for (let i = 0; i < LOOP_ROUNDS; i++) this.#scheduledRound(schedule, get(POSITION), first + i);
    const body = this.#code.splice(0);
    const step = this.#offset(LOOP_ROUNDS);
    const next = tee(POSITION, i32.add(get(POSITION), i32.constant(step)));
    const bytes = this.#offset(end - first);
    this.#code.push(
      ...before,
      set(POSITION, i32.constant(0)),
      loop([body, again(i32.lessThan(next, i32.constant(bytes)))]),
    );
    this.#round = end;
    this.#names = names;
  }

  /** One round with a word of the schedule that is made now. In a loop, `base` moves on with each turn of it. */
  #scheduledRound(schedule: number, base: Code, t: number): void {
    const { store } = this.#lanes;
    const word = (index: number): Code => this.#word(schedule + index, base);
    const sigmaOf = (index: number, form: Parameters<Lanes['sigma']>[1]): Code => [
      set(SOURCE_WORD, word(index)),
      this.#lanes.sigma(SOURCE_WORD, form),
    ];
    const parts = [word(t - 16), sigmaOf(t - 15, SMALL_SIGMA_0), word(t - 7), sigmaOf(t - 2, SMALL_SIGMA_1)];
    this.#emit(set(WORD, addAll(this.#lanes, parts)));
    this.#emit(store(base, this.#offset(schedule + t), get(WORD)));
    this.#roundOf([this.#word(LAYOUT.roundConstants + t, base), get(WORD)]);
  }

  #begin(round: number, names: Names): void {
    const [, b, c] = names as [number, number, number];
    this.#round = round;
    this.#names = names;
    this.#emit(set(EXCLUSIVE[round % 2 === 0 ? 0 : 1], this.#lanes.xor(get(b), get(c))));
  }

  /** One round (FIPS 180-4, 6.2.2, step 3); `inputs` are the round's constant and word, or their sum. */
  #roundOf(inputs: readonly Code[]): void {
    const { add, and, xor, sigma } = this.#lanes;
    const [a, b, c, d, e, f, g, h] = this.#names as [number, number, number, number, number, number, number, number];
    const choice = xor(get(g), and(get(e), xor(get(f), get(g))));
    this.#emit(set(SUM, addAll(this.#lanes, [sigma(e, BIG_SIGMA_1), choice, get(h), ...inputs])));
    this.#emit(set(d, add(get(d), get(SUM))));
    if (this.#round <= LAST_WHOLE_ROUND) {
      // maj(a, b, c) = b ^ ((a ^ b) & (b ^ c)), and this round's a ^ b is the next one's b ^ c.
      const [before, now] = this.#round % 2 === 0 ? EXCLUSIVE : [EXCLUSIVE[1], EXCLUSIVE[0]];
      const majority = xor(get(b), and(tee(now, xor(get(a), get(b))), get(before)));
      this.#emit(set(h, addAll(this.#lanes, [get(SUM), majority, sigma(a, BIG_SIGMA_0)])));
    }
    this.#names = [h, a, b, c, d, e, f, g];
    this.#round++;
  }

  #constantOf(round: number, word: number): Code {
    return this.#lanes.constant(((ROUND_CONSTANTS[round] ?? 0) + word) | 0);
  }

  #word(index: number, base: Code = ORIGIN): Code {
    return this.#lanes.load(base, this.#offset(index));
  }

  #offset(words: number): number {
    return words * this.#stride;
  }

  #emit(code: Code): void {
    this.#code.push(code);
  }
}

const ORIGIN: Code = i32.constant(0);
