import { wordlist } from '@scure/bip39/wordlists/english.js';
import { isValidMnemonic } from '../../consensus/keys.ts';
import { UsageError } from './cli-errors.ts';
import type { CliContext, InputStream } from './client-context.ts';
import { readTextFile } from './read-text-file.ts';

/** Words of a BIP 39 mnemonic. */
const WORD_COUNTS = [12, 15, 18, 21, 24];
/** More than any mnemonic needs, in bytes. */
const MAX_INPUT_BYTES = 4_096;
/** English words of BIP 39 differ within their first four letters. */
const DISTINCT_LETTERS = 4;
const MIN_HINT_LETTERS = 3;

/** Flags that say where a mnemonic comes from. It is never an argument: those are visible to other programs. */
export interface MnemonicFlags {
  readonly mnemonicFile?: string;
  readonly mnemonicStdin?: boolean;
}

/**
 * The mnemonic of `--mnemonic-file`, `--mnemonic-stdin` or `FORKLORE_MNEMONIC`, checked; undefined when none is given.
 * Throws `UsageError`.
 */
export async function readMnemonic(flags: MnemonicFlags, context: CliContext): Promise<string | undefined> {
  const { mnemonicFile, mnemonicStdin } = flags;
  if (mnemonicFile !== undefined && mnemonicStdin) {
    throw new UsageError('--mnemonic-file and --mnemonic-stdin exclude each other: give one of them');
  }
  if (mnemonicFile !== undefined) {
    return checkMnemonic('--mnemonic-file', readTextFile('--mnemonic-file', mnemonicFile));
  }
  if (mnemonicStdin) {
    if (context.stdin.isTTY) throw new UsageError('--mnemonic-stdin needs the words from a pipe or a file: … < FILE');
    return checkMnemonic('--mnemonic-stdin', await readInput(context.stdin));
  }
  const variable = context.environment.FORKLORE_MNEMONIC;
  return variable ? checkMnemonic('FORKLORE_MNEMONIC', variable) : undefined;
}

/** The words in lower case with single spaces. Throws `UsageError` that names the word that is wrong. */
export function checkMnemonic(label: string, text: string): string {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words[0] === '') throw new UsageError(`${label}: holds no words`);
  for (const [index, word] of words.entries()) {
    if (wordlist.includes(word)) continue;
    throw new UsageError(`${label}: word ${index + 1}, "${word}", is not in the BIP 39 English list${hintFor(word)}`);
  }
  if (!WORD_COUNTS.includes(words.length)) {
    throw new UsageError(`${label}: has ${words.length} words; a mnemonic has 12, 15, 18, 21 or 24`);
  }
  const mnemonic = words.join(' ');
  if (!isValidMnemonic(mnemonic)) {
    throw new UsageError(
      `${label}: every word is known, but the checksum is wrong: a word is another or in another place`,
    );
  }
  return mnemonic;
}

/** All of a piped input. Throws `UsageError` when it is too long to be a mnemonic. */
export async function readInput(stdin: InputStream): Promise<string> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of stdin) {
    const bytes = Buffer.from(part);
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_INPUT_BYTES) throw new UsageError('standard input is too long to be a mnemonic');
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}

function hintFor(word: string): string {
  for (let letters = DISTINCT_LETTERS; letters >= MIN_HINT_LETTERS; letters--) {
    const alike = wordlist.find((candidate) => word.length >= letters && candidate.startsWith(word.slice(0, letters)));
    if (alike !== undefined) return `; did you mean "${alike}"?`;
  }
  return '';
}
