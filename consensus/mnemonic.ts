import { entropyToMnemonic, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { assertInvariant } from './errors.ts';
import { quotable } from './quotable.ts';

/** Of a new mnemonic: 16 bytes make twelve words. */
export const MNEMONIC_ENTROPY_BYTES = 16;
/** Words of a BIP 39 mnemonic. */
const WORD_COUNTS = [12, 15, 18, 21, 24];
/** English words of BIP 39 differ within their first four letters. */
const DISTINCT_LETTERS = 4;
const MIN_HINT_LETTERS = 3;

/** What is wrong with a text that is no mnemonic. */
export type MnemonicProblem =
  | { readonly kind: 'empty' }
  /** Not in the list. Words are counted from 1; `hint` is one that begins alike, or null. */
  | { readonly kind: 'unknown-word'; readonly position: number; readonly word: string; readonly hint: string | null }
  | { readonly kind: 'bad-length'; readonly words: number }
  /** Every word is known, but they do not belong together in this order. */
  | { readonly kind: 'bad-checksum' };

/** A text is not a BIP 39 mnemonic; the message says why, for people, and the problem for programs. */
export class MnemonicError extends Error {
  readonly problem: MnemonicProblem;

  constructor(problem: MnemonicProblem) {
    super(messageOf(problem));
    this.name = 'MnemonicError';
    this.problem = problem;
  }
}

/** Twelve English words for 16 bytes of entropy, which the caller takes from a secure source. */
export function newMnemonic(entropy: Uint8Array): string {
  assertInvariant(entropy.length === MNEMONIC_ENTROPY_BYTES, 'a new mnemonic takes 16 bytes of entropy');
  return entropyToMnemonic(entropy, wordlist);
}

/** An English BIP 39 mnemonic in lower case with single spaces, its checksum checked. Throws {@link MnemonicError}. */
export function parseMnemonic(text: string): string {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words[0] === '') throw new MnemonicError({ kind: 'empty' });
  for (const [index, word] of words.entries()) {
    if (!wordlist.includes(word)) {
      throw new MnemonicError({ kind: 'unknown-word', position: index + 1, word, hint: hintFor(word) });
    }
  }
  if (!WORD_COUNTS.includes(words.length)) throw new MnemonicError({ kind: 'bad-length', words: words.length });
  const mnemonic = words.join(' ');
  if (!validateMnemonic(mnemonic, wordlist)) throw new MnemonicError({ kind: 'bad-checksum' });
  return mnemonic;
}

function messageOf(problem: MnemonicProblem): string {
  switch (problem.kind) {
    case 'empty':
      return 'holds no words';
    case 'unknown-word': {
      const hint = problem.hint === null ? '' : `; did you mean "${problem.hint}"?`;
      return `word ${problem.position}, "${quotable(problem.word)}", is not in the BIP 39 English list${hint}`;
    }
    case 'bad-length':
      return `has ${problem.words} words; a mnemonic has 12, 15, 18, 21 or 24`;
    case 'bad-checksum':
      return 'every word is known, but the checksum is wrong: a word is another or in another place';
  }
}

function hintFor(word: string): string | null {
  for (let letters = DISTINCT_LETTERS; letters >= MIN_HINT_LETTERS; letters--) {
    const alike = wordlist.find((candidate) => word.length >= letters && candidate.startsWith(word.slice(0, letters)));
    if (alike !== undefined) return alike;
  }
  return null;
}
