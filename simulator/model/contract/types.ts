/** A type of values without parts. */
export type ScalarType = 'number' | 'bigint' | 'boolean' | 'string' | 'Address';

/** The type of a record: names and types of its properties in the order of the interface. */
export interface RecordType {
  readonly kind: 'record';
  readonly properties: readonly { readonly name: string; readonly type: ScalarType }[];
}

/** A type that values can have. */
export type ValueType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'array'; readonly elements: ScalarType }
  | RecordType;

/** Whether two types hold the same values, with the same encodings. */
export function sameType(a: ValueType, b: ValueType): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.scalar === b.scalar;
  if (a.kind === 'array') return b.kind === 'array' && a.elements === b.elements;
  if (b.kind !== 'record' || a.properties.length !== b.properties.length) return false;
  return a.properties.every(({ name, type }, i) => name === b.properties[i]?.name && type === b.properties[i]?.type);
}
