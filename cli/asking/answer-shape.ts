/**
 * What a node's answer must look like before anything is made of it: a kind of value (with `?`, or null), a list of one
 * shape, or an object with at least these fields; `or null` is a field that says that the object may be null itself.
 */
export type Shape = Kind | readonly [Shape] | { readonly [field: string]: Shape };
type Kind = keyof Kinds;

interface Kinds {
  text: string;
  number: number;
  boolean: boolean;
  'text?': string | null;
  'number?': number | null;
}

/** Marks an object that may be missing: `{ ...OR_NULL, hash: 'text' }`. */
export const OR_NULL = { 'or null': 'boolean' } as const;
const OR_NULL_FIELD = 'or null';

/** The type of what has this shape. */
export type Shaped<S> = S extends Kind
  ? Kinds[S]
  : S extends readonly [infer Item]
    ? readonly Shaped<Item>[]
    : S extends typeof OR_NULL
      ? { readonly [Field in Exclude<keyof S, typeof OR_NULL_FIELD>]: Shaped<S[Field]> } | null
      : { readonly [Field in keyof S]: Shaped<S[Field]> };

/** Whether a value has this shape. */
export function hasShape<const S extends Shape>(value: unknown, shape: S): value is Shaped<S> & {} {
  return misshapen(value, shape, '') === null;
}

/** Where a value does not have this shape, as a path of fields; null where it has. */
export function misshapen(value: unknown, shape: Shape, path: string): string | null {
  if (typeof shape === 'string') return isKind(value, shape) ? null : path;
  if (isList(shape)) {
    if (!Array.isArray(value)) return path;
    return firstMisshapen(value.map((item, index) => [item, shape[0], `${path}[${index}]`]));
  }
  if (value === null && OR_NULL_FIELD in shape) return null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return path;
  const fields = Object.entries(shape).filter(([field]) => field !== OR_NULL_FIELD);
  const own = new Map<string, unknown>(Object.entries(value));
  return firstMisshapen(
    fields.map(([field, inner]) => [own.get(field), inner, path === '' ? field : `${path}.${field}`]),
  );
}

function firstMisshapen(parts: readonly (readonly [value: unknown, shape: Shape, path: string])[]): string | null {
  for (const [value, shape, path] of parts) {
    const found = misshapen(value, shape, path);
    if (found !== null) return found;
  }
  return null;
}

function isKind(value: unknown, kind: Kind): boolean {
  if (value === null) return kind.endsWith('?');
  if (kind === 'boolean') return typeof value === 'boolean';
  return kind.startsWith('text') ? typeof value === 'string' : typeof value === 'number';
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
