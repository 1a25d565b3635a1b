import { AddressValue, RecordValue, type ScalarValue, type Value } from './value.ts';

/** The type of a value without parts, in the word that a source uses. */
export type Scalar = 'number' | 'bigint' | 'boolean' | 'string' | 'Address';

/** A property of an `interface` that describes a record. */
export interface Property {
  readonly name: string;
  readonly type: Scalar;
}

/** The type of a value. */
export type ValueType =
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'array'; readonly of: Scalar }
  | { readonly kind: 'record'; readonly name: string; readonly properties: readonly Property[] };

/** Undefined: the method gives nothing (`void`). */
export type ResultType = ValueType | undefined;

/** A parameter of a method or function. */
export interface Parameter {
  readonly name: string;
  readonly type: ValueType;
}

/** What an `interface` says of a method of another contract. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: ResultType;
}

/** The type of a scalar value. */
export function scalarOf(value: ScalarValue): Scalar {
  return value instanceof AddressValue ? 'Address' : (typeof value as Scalar);
}

/** A value's type in a word or two, for messages. */
export function describeValue(value: Value): string {
  if (Array.isArray(value)) return 'an array';
  if (value instanceof RecordValue) return 'a record';
  return scalarOf(value);
}

/** A type as a source writes it. */
export function describeType(type: ValueType): string {
  if (type.kind === 'scalar') return type.scalar;
  return type.kind === 'array' ? `${type.of}[]` : type.name;
}

/** Whether a value has a type: of arrays each element, of records exactly the properties, in any order. */
export function hasType(value: Value, type: ValueType): boolean {
  if (type.kind === 'array') return Array.isArray(value) && areAll(value, type.of);
  if (type.kind === 'record') {
    const places = value instanceof RecordValue ? placesOf(value.names, type.properties) : null;
    if (places === null) return false;
    return hasTypes((value as RecordValue).values, places, type.properties);
  }
  return !Array.isArray(value) && !(value instanceof RecordValue) && scalarOf(value) === type.scalar;
}

/** A loop, because a call for each element takes twice as long. */
function areAll(values: readonly ScalarValue[], type: Scalar): boolean {
  for (let i = 0; i < values.length; i++) if (scalarOf(values[i] as ScalarValue) !== type) return false;
  return true;
}

/** A loop, because it is most of what a call with records does. */
function hasTypes(values: readonly ScalarValue[], places: readonly number[], properties: readonly Property[]): boolean {
  for (let i = 0; i < places.length; i++) {
    if (scalarOf(values[places[i] as number] as ScalarValue) !== properties[i]?.type) return false;
  }
  return true;
}

/** By the names of a record: where it has each. */
const PLACES_BY_NAME = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** Where a record with these names has a property; undefined: it has none. Looked up once for each, as {@link placesOf}. */
export function placeOf(names: readonly string[], name: string): number | undefined {
  let places = PLACES_BY_NAME.get(names);
  if (places === undefined) {
    places = new Map(names.map((each, place) => [each, place]));
    PLACES_BY_NAME.set(names, places);
  }
  return places.get(name);
}

type Places = readonly number[] | null;

/** By the names of a record, and then by the properties of a type. Both live as long as the programs that they are of. */
const PLACES = new WeakMap<readonly string[], WeakMap<readonly Property[], Places>>();

/**
 * Where a record with these names has each property of a type; null: it has other properties. Looked up once for the two:
 * comparing each name with each other one takes a hundred times as long as a check is paid for.
 */
function placesOf(names: readonly string[], properties: readonly Property[]): Places {
  let ofNames = PLACES.get(names);
  if (ofNames === undefined) {
    ofNames = new WeakMap();
    PLACES.set(names, ofNames);
  }
  let places = ofNames.get(properties);
  if (places === undefined) {
    const found = properties.map(({ name }) => names.indexOf(name));
    places = names.length === properties.length && !found.includes(-1) ? found : null;
    ofNames.set(properties, places);
  }
  return places;
}

const NAMES = new WeakMap<readonly Property[], readonly string[]>();

/** The names of the properties of a type: always the same list, so that what is known of it is found again. */
export function namesOf(properties: readonly Property[]): readonly string[] {
  let names = NAMES.get(properties);
  if (names === undefined) {
    names = properties.map(({ name }) => name);
    NAMES.set(properties, names);
  }
  return names;
}

/** Whether two types have the same values. */
export function sameType(a: ValueType, b: ValueType): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.scalar === b.scalar;
  if (a.kind === 'array') return b.kind === 'array' && a.of === b.of;
  return b.kind === 'record' && a.name === b.name;
}
