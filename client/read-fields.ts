import { quotable } from '../consensus/quotable.ts';
import { ClientError } from './client-error.ts';

/**
 * Makes of a value that a caller gives what is sent. Throws {@link ClientError} `bad-argument` where it cannot be meant.
 * @param label names it in messages
 */
export type Reader<Read> = (label: string, value: unknown) => Read;

type Readers = Readonly<Record<string, Reader<unknown>>>;
type OptionalOf<Fields extends Readers> = {
  [Name in keyof Fields]: undefined extends ReturnType<Fields[Name]> ? Name : never;
}[keyof Fields];

/** An object whose fields were read; those that were not given are left out. */
export type FieldsRead<Fields extends Readers> = {
  readonly [Name in Exclude<keyof Fields, OptionalOf<Fields>>]: ReturnType<Fields[Name]>;
} & {
  readonly [Name in OptionalOf<Fields>]?: Exclude<ReturnType<Fields[Name]>, undefined>;
};

/** An object of a caller, as messages name it. */
export interface NamedObject {
  /** Where it is wrong, such as `mine`. */
  readonly label: string;
  /** One that is right. */
  readonly example: string;
}

/** Reads an object of a caller, which may have these fields and no other. Throws {@link ClientError} `bad-argument`. */
export function readFields<Fields extends Readers>(
  { label, example }: NamedObject,
  fields: Fields,
  given: unknown,
): FieldsRead<Fields> {
  if (!isPlainObject(given)) {
    throw badArgument(`${label} takes an object, such as ${example}, not ${kindOf(given)}`);
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(fields, name)) continue;
    throw badArgument(`${label}: there is no option "${quotable(name)}"; there are ${Object.keys(fields).join(', ')}`);
  }
  const read = Object.entries(fields).map(([name, reader]) => [name, reader(`${label}: ${name}`, given[name])]);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

/** What a caller gives cannot be meant. The message must not hold it: it may be a secret key. */
export function badArgument(message: string): ClientError {
  return new ClientError('bad-argument', message);
}

/** What a value is, in words that do not show it. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
