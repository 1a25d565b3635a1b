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
  if (type.kind === 'array') return Array.isArray(value) && value.every((element) => scalarOf(element) === type.of);
  if (type.kind === 'record') {
    if (!(value instanceof RecordValue) || value.names.length !== type.properties.length) return false;
    return type.properties.every((property) => {
      const held = value.values[value.names.indexOf(property.name)];
      return held !== undefined && scalarOf(held) === property.type;
    });
  }
  return !Array.isArray(value) && !(value instanceof RecordValue) && scalarOf(value) === type.scalar;
}

/** Whether two types have the same values. */
export function sameType(a: ValueType, b: ValueType): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.scalar === b.scalar;
  if (a.kind === 'array') return b.kind === 'array' && a.of === b.of;
  return b.kind === 'record' && a.name === b.name;
}
