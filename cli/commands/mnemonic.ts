import { MnemonicError, parseMnemonic } from '../../consensus/mnemonic.ts';
import { readTextFile } from '../../server/settings/read-text-file.ts';
import { UsageError } from '../cli-errors.ts';
import type { CliContext, InputStream } from './client-context.ts';
import { readInput } from './read-input.ts';

/** More than any mnemonic needs, in bytes. */
const MAX_INPUT_BYTES = 4_096;

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
    return checkMnemonic('--mnemonic-stdin', await readPipedWords(context.stdin));
  }
  const variable = context.environment.FORKLORE_MNEMONIC;
  return variable ? checkMnemonic('FORKLORE_MNEMONIC', variable) : undefined;
}

/** The words in lower case with single spaces. Throws `UsageError` that names the word that is wrong. */
export function checkMnemonic(label: string, text: string): string {
  try {
    return parseMnemonic(text);
  } catch (error) {
    throw error instanceof MnemonicError ? new UsageError(`${label}: ${error.message}`) : error;
  }
}

/** Words that are piped in, not checked. Throws `UsageError` when they are too long to be a mnemonic. */
export function readPipedWords(stdin: InputStream): Promise<string> {
  return readInput(stdin, 'a mnemonic', MAX_INPUT_BYTES);
}
