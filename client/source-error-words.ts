import type { SourceError } from '../consensus/contract/source-error.ts';
import type { SourceErrorCode } from '../consensus/contract/source-errors.ts';

/** What `tsc` calls mistakes that the compiler tells in words of its own, with the details of those. */
const WORDS: Partial<Record<SourceErrorCode, (first: string, second: string) => string>> = {
  'text-without-end': () => 'Unterminated string literal.',
  'comment-without-end': () => "'*/' expected.",
  'constant-without-value': () => "'const' declarations must be initialized.",
  'not-callable': () => 'This expression is not callable.',
  'no-import': (name) => `Module '"forklore/contract"' has no exported member '${name}'.`,
  'no-type': (name) => `Cannot find name '${name}'.`,
  'no-interface': (name) => `Cannot find name '${name}'.`,
  'no-method-in-interface': (type, name) => `Property '${name}' does not exist on type '${type}'.`,
  'other-type': (declared, found) => `Type '${found}' is not assignable to type '${declared}'.`,
  'table-needs-default': () => 'Expected 1 arguments, but got 0.',
  'parameter-needs-type': (name) => `Parameter '${name}' implicitly has an 'any' type.`,
  'constructor-result': () => 'Type annotation cannot appear on a constructor declaration.',
  'no-loop': () => 'Jump target cannot cross function boundary.',
  'missing-return': () => "Function lacks ending return statement and return type does not include 'undefined'.",
};

const SEMICOLON =
  'each statement and field ends with a semicolon, also where a line ends: look at the line before, too';

/** What is wrong with a source, in the words of `tsc` where it has some, and then with those of the compiler as a hint. */
export function sourceErrorWords({ code, detail, details }: SourceError): { message: string; hint: string | null } {
  const words = WORDS[code];
  const [first = '', second = ''] = details;
  // The first mistake of many who write TypeScript; the place is that of the token behind it, often a line below.
  if (code === 'expected' && first === ';') return { message: detail, hint: SEMICOLON };
  if (words === undefined) return { message: detail, hint: null };
  return { message: words(first, second), hint: detail };
}
