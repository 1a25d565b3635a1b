/** A type of values without parts. */
export type ScalarType = 'number' | 'bigint' | 'boolean' | 'string' | 'Address';

/** The type of a record: names and types of its properties in the order of the interface. */
export interface RecordType {
  readonly kind: 'record';
  readonly name: string;
  readonly properties: readonly { readonly name: string; readonly type: ScalarType }[];
}

/** A type that values can have. */
export type ValueType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'array'; readonly elements: ScalarType }
  | RecordType;

/** Whether two types are the same: records by name. */
export function sameType(a: ValueType, b: ValueType): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.scalar === b.scalar;
  if (a.kind === 'array') return b.kind === 'array' && a.elements === b.elements;
  return b.kind === 'record' && a.name === b.name;
}
