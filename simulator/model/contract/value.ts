import type { ScalarType, ValueType } from './types.ts';

/** An address as contracts see it: no text. */
export class AddressOf {
  /** 40 hex digits. */
  readonly hex: string;

  constructor(hex: string) {
    this.hex = hex;
  }
}

/** A record: scalars by name. */
export class RecordOf {
  readonly values: ReadonlyMap<string, Scalar>;

  constructor(values: ReadonlyMap<string, Scalar>) {
    this.values = values;
  }
}

export type Scalar = number | bigint | boolean | string | AddressOf;
/** An array is one object, as in JavaScript: whoever refers to it sees it change. */
export type Value = Scalar | Scalar[] | RecordOf;

/** The type of a scalar, or undefined if the value is an array or a record. */
export function scalarTypeOf(value: Value): ScalarType | undefined {
  if (value instanceof AddressOf) return 'Address';
  if (typeof value === 'object') return undefined;
  return typeof value as 'number' | 'bigint' | 'boolean' | 'string';
}

export function isScalar(value: Value): value is Scalar {
  return scalarTypeOf(value) !== undefined;
}

/** The type check of section 5 of `docs/contracts.md`. */
export function hasType(value: Value, type: ValueType): boolean {
  if (type.kind === 'scalar') return scalarTypeOf(value) === type.scalar;
  if (type.kind === 'array') {
    return Array.isArray(value) && value.every((element) => scalarTypeOf(element) === type.elements);
  }
  if (!(value instanceof RecordOf) || value.values.size !== type.properties.length) return false;
  return type.properties.every(({ name, type }) => {
    const property = value.values.get(name);
    return property !== undefined && scalarTypeOf(property) === type;
  });
}

/** Whether two scalars of one type are equal. */
export function sameScalar(a: Scalar, b: Scalar): boolean {
  return a instanceof AddressOf && b instanceof AddressOf ? a.hex === b.hex : a === b;
}
