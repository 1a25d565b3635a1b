import { describeType, type Property, type Scalar, type ValueType } from '../consensus/contract/types.ts';

/** The type of an expression, as far as it is known before anything runs. */
export type StaticType =
  /** `literal`: what a constant is, as `tsc` shows it. */
  | { readonly kind: 'scalar'; readonly scalar: Scalar; readonly literal?: string }
  /** One of several, such as an element of `[1, 'x']`: in the order in which `tsc` shows them. */
  | { readonly kind: 'several'; readonly scalars: readonly Scalar[] }
  /** Types of its elements: none is known of `[]`, and an array that is kept or passed on has one. */
  | { readonly kind: 'array'; readonly of: readonly Scalar[] }
  /** `name` undefined: that of a literal. */
  | { readonly kind: 'record'; readonly name: string | undefined; readonly properties: readonly Property[] }
  /** What a method without a result gives. */
  | { readonly kind: 'nothing' }
  /** It was told already what is wrong, or different ways lead to different types. */
  | { readonly kind: 'unknown' };

export const UNKNOWN: StaticType = { kind: 'unknown' };
export const NOTHING: StaticType = { kind: 'nothing' };
export const NUMBER = scalarType('number');
export const BIGINT = scalarType('bigint');
export const BOOLEAN = scalarType('boolean');
export const STRING = scalarType('string');
export const ADDRESS = scalarType('Address');

/** A type without parts. */
export function scalarType(scalar: Scalar): StaticType & { readonly kind: 'scalar' } {
  return { kind: 'scalar', scalar };
}

/** The scalar that a type is, or undefined. */
export function scalarOfType(type: StaticType): Scalar | undefined {
  return type.kind === 'scalar' ? type.scalar : undefined;
}

/**
 * Without what a constant is: a variable that takes it can have other values. One that can have several types has, after an
 * assignment, the one that it was assigned.
 */
export function widened(type: StaticType): StaticType {
  if (type.kind === 'several') return UNKNOWN;
  return type.kind === 'scalar' ? scalarType(type.scalar) : type;
}

/** The type that both ways of a condition have, or unknown. */
export function commonType(a: StaticType, b: StaticType): StaticType {
  if (isAssignable(a, b) && isAssignable(b, a)) return widened(a);
  return a.kind === 'scalar' && b.kind === 'scalar' ? oneOf([a.scalar, b.scalar]) : UNKNOWN;
}

const SHOWN_ORDER: readonly Scalar[] = ['string', 'number', 'bigint', 'boolean', 'Address'];

/** A value of one of these types; unknown where there is none. */
export function oneOf(scalars: readonly Scalar[]): StaticType {
  const [first, ...more] = SHOWN_ORDER.filter((scalar) => scalars.includes(scalar));
  if (first === undefined) return UNKNOWN;
  return more.length === 0 ? scalarType(first) : { kind: 'several', scalars: [first, ...more] };
}

/** The type of the elements of an array. */
export function elementOf({ of }: StaticType & { readonly kind: 'array' }): StaticType {
  return oneOf(of);
}

/** Whether a value of a type is one of another type, for `tsc`: a record may have properties more. */
export function isAssignable(from: StaticType, to: StaticType): boolean {
  if (isOpen(from) || isOpen(to)) return true;
  if (from.kind === 'scalar') {
    return to.kind === 'scalar' ? from.scalar === to.scalar : to.kind === 'several' && to.scalars.includes(from.scalar);
  }
  if (from.kind === 'several') return to.kind === 'several' && from.scalars.every((each) => to.scalars.includes(each));
  if (from.kind === 'array') return to.kind === 'array' && isAssignable(elementOf(from), elementOf(to));
  if (from.kind !== 'record' || to.kind !== 'record') return from.kind === to.kind;
  return to.properties.every(({ name, type }) => propertyOf(from, name)?.type === type);
}

/** Whether nothing is to be said of a type: what gives nothing is no value, which the compiler tells. */
export function isOpen({ kind }: StaticType): boolean {
  return kind === 'unknown' || kind === 'nothing';
}

/** A property of a record by its name. */
export function propertyOf({ properties }: { readonly properties: readonly Property[] }, name: string) {
  return properties.find((property) => property.name === name);
}

/** A type as `tsc` shows it. */
export function typeName(type: StaticType): string {
  switch (type.kind) {
    case 'scalar':
      return type.scalar;
    case 'several':
      return type.scalars.join(' | ');
    case 'array':
      return arrayName(type.of);
    case 'record':
      return type.name ?? `{ ${type.properties.map(({ name, type: scalar }) => `${name}: ${scalar};`).join(' ')} }`;
    case 'nothing':
      return 'void';
    default:
      return 'any';
  }
}

function arrayName(of: readonly Scalar[]): string {
  const element = of.length === 0 ? 'never' : typeName(oneOf(of));
  return of.length > 1 ? `(${element})[]` : `${element}[]`;
}

/** What a constant is, or its type. */
export function literalName(type: StaticType): string {
  return (type.kind === 'scalar' ? type.literal : undefined) ?? typeName(type);
}

/** A type that a source declares. */
export function staticType(type: ValueType): StaticType {
  switch (type.kind) {
    case 'scalar':
      return scalarType(type.scalar);
    case 'array':
      return { kind: 'array', of: [type.of] };
    default:
      return { kind: 'record', name: describeType(type), properties: type.properties };
  }
}
