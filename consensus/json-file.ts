import { quotable } from './quotable.ts';

const MAX_VALUE_CHARS = 60;
/** How messages name what a schema expects. */
const WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
};

/** JSON that somebody wrote is not what it has to be. The message is one line: the place in the file, and the problem. */
export class JsonFileError extends Error {
  override readonly name = 'JsonFileError';
}

/** What a schema found: the part of an issue of valibot that messages are made of. */
export interface JsonIssue {
  /** A type, a field in quotes where it is missing, or `never` for a field that there is not. */
  readonly expected: string | null;
  readonly received: string;
  /** The value; of a field that there is not, its name. */
  readonly input: unknown;
  readonly message: string;
  /** From the outermost to the field itself. */
  readonly path?: readonly { readonly key: unknown }[] | undefined;
}

type JsonCheck<T> = (
  json: object,
  config: { readonly message: (issue: JsonIssue) => string },
) =>
  | { readonly success: true; readonly output: T }
  | { readonly success: false; readonly issues: readonly [JsonIssue, ...JsonIssue[]] };

/**
 * What an object in JSON says. Whatever reads a file that people write does it by this function, so that all of them word
 * their problems alike: `events[0].crash: must be a whole number from 0 to 4999, not -1`.
 * @param check valibot's `safeParse` with the schema of the file; it takes the messages of `config` where the schema has none
 * Throws {@link JsonFileError}.
 */
export function parseJsonFile<T>(text: string, check: JsonCheck<T>): T {
  const result = check(parseObject(text), { message: problemOf });
  if (result.success) return result.output;
  const [first] = result.issues;
  // A misspelt field is missing as well, and the spelling is what helps.
  const issue = result.issues.find(isUnknownField) ?? first;
  const path = isUnknownField(issue) ? issue.path?.slice(0, -1) : issue.path;
  throw new JsonFileError([...placeOf(path), issue.message].join(': '));
}

/** The message of a schema that takes only certain values: says which, and quotes what is there instead. */
export function mustBe(what: string): (issue: Pick<JsonIssue, 'input'>) => string {
  return ({ input }) => (input === undefined ? 'is missing' : `must be ${what}, not ${shown(input)}`);
}

/** The message of a schema of an object: of a field that there is not, it says which there are. */
export function hasFields(fields: object): (issue: JsonIssue) => string {
  return (issue) =>
    isUnknownField(issue) ? `${problemOf(issue)}; there are ${Object.keys(fields).join(', ')}` : problemOf(issue);
}

function problemOf(issue: JsonIssue): string {
  const { expected, input } = issue;
  if (isUnknownField(issue)) return `unknown field "${quotable(String(input))}"`;
  return mustBe(WORDS[expected ?? ''] ?? String(expected))(issue);
}

function isUnknownField({ expected }: JsonIssue): boolean {
  return expected === 'never';
}

function parseObject(text: string): object {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new JsonFileError(`is not JSON (${quotable(error instanceof Error ? error.message : String(error))})`);
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw new JsonFileError(mustBe('an object')({ input: json }));
}

/** Such as `events[0].crash`; nothing for the whole. */
function placeOf(path: JsonIssue['path'] = []): readonly string[] {
  if (path.length === 0) return [];
  const place = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return [quotable(place.replace(/^\./, ''))];
}

/** A value in a message. What holds lists or objects itself is only named: it may be deeper than can be printed. */
function shown(value: unknown): string {
  const isPlain = (each: unknown): boolean => typeof each !== 'object' || each === null;
  if (Array.isArray(value) && !value.every(isPlain)) return 'a list';
  if (!Array.isArray(value) && !isPlain(value)) return 'an object';
  return quotable(JSON.stringify(value), MAX_VALUE_CHARS);
}
