import type { ContractArgument } from '../../client/requests.ts';
import { quotable } from '../../consensus/quotable.ts';
import { UsageError } from '../cli-errors.ts';
import { shellWord } from '../shell-word.ts';

const WHOLE = /^-?\d+$/;
/** As a source writes it: `5n`. */
const BIGINT = /^-?\d+n$/;
/** Words without quotes between brackets, which shells leave when the quotes around the whole are missing. */
const BARE_LIST = /^\[([^"'[\]{}]+)\]$/;
const MAX_SHOWN_CHARS = 60;

/**
 * The arguments of a contract, each as JSON. A whole number that JavaScript cannot hold exactly, or
 * with an n behind it, is a bigint. Throws `UsageError`, which shows how a text is quoted.
 */
export function jsonArguments(texts: readonly string[]): ContractArgument[] {
  return texts.map((text, index) => jsonArgument(text, index + 1));
}

function jsonArgument(text: string, place: number): ContractArgument {
  const trimmed = text.trim();
  if (BIGINT.test(trimmed)) return BigInt(trimmed.slice(0, -1));
  if (WHOLE.test(trimmed) && !Number.isSafeInteger(Number(trimmed))) return BigInt(trimmed);
  try {
    // What a contract takes is held against its types later.
    return JSON.parse(text);
  } catch {
    throw new UsageError(`ARG ${place} must be JSON, not ${quotable(text, MAX_SHOWN_CHARS)}: ${advice(trimmed)}`);
  }
}

function advice(text: string): string {
  const words = BARE_LIST.exec(text)?.[1];
  if (words !== undefined) {
    const list = JSON.stringify(words.split(',').map((word) => valueOfWord(word.trim())));
    return `texts in a list have double quotes, and the shell leaves them where the whole has others: ${shellWord(list)}`;
  }
  if (/^[[{]/.test(text)) {
    return `write the whole in single quotes, so that the shell leaves the double ones inside: '["noodles", "rice"]'`;
  }
  return `a text has double quotes, and the shell leaves them where there are others around: ${shellWord(JSON.stringify(text))}`;
}

function valueOfWord(word: string): unknown {
  return WHOLE.test(word) || word === 'true' || word === 'false' ? JSON.parse(word) : word;
}
