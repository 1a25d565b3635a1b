import type { Gas } from './gas.ts';
import { MAX_ARRAY } from './limits.ts';
import { ACCESS_GAS, bytesOf, elementsGas, searchGas, textGas } from './prices.ts';
import { Trap } from './trap.ts';
import { isScalar, type Scalar, sameScalar, scalarTypeOf, type Value } from './value.ts';

/** Charges for a method of an array or a text, and gives its result. */
export function callValueMethod(name: string, object: Value, args: readonly Value[], gas: Gas): Value {
  gas.charge(isAccess(name) ? ACCESS_GAS : 1);
  const [first, second] = args;
  if (Array.isArray(object)) {
    if (name === 'push') return push(object, first as Value);
    if (name === 'pop') return pop(object);
    if (name === 'slice') {
      gas.charge(elementsGas(object));
      return object.slice(bound(first), bound(second));
    }
    if (name === 'indexOf' || name === 'includes') {
      gas.charge(elementsGas(object));
      if (typeof first === 'string') gas.charge(object.length * searchGas(1, bytesOf(first)));
      const wanted = expectScalar(first as Value);
      const index = object.findIndex((element) => isEqual(element, wanted));
      return name === 'indexOf' ? index : index >= 0;
    }
  } else if (typeof object === 'string') return callTextMethod(name, object, first, second, gas);
  throw new Trap('wrong-type', `${name} is not for this`);
}

function callTextMethod(
  name: string,
  text: string,
  first: Value | undefined,
  second: Value | undefined,
  gas: Gas,
): Value {
  switch (name) {
    case 'slice':
      gas.charge(textGas(text));
      return whole(text.slice(bound(first), bound(second)));
    case 'indexOf':
    case 'includes': {
      const wanted = expectText(first);
      gas.charge(textGas(text, wanted) + searchGas(bytesOf(text), bytesOf(wanted)));
      return name === 'indexOf' ? text.indexOf(wanted) : text.includes(wanted);
    }
    case 'startsWith':
    case 'endsWith': {
      const wanted = expectText(first);
      gas.charge(textGas(wanted));
      return name === 'startsWith' ? text.startsWith(wanted) : text.endsWith(wanted);
    }
    case 'charCodeAt':
      return text.charCodeAt(expectIndex(first as Value, text.length));
    default:
      throw new Trap('wrong-type', `${name} is not for a text`);
  }
}

/** Charges for `object[index]`, and gives it. */
export function elementAt(object: Value, index: Value, gas: Gas): Value {
  gas.charge(ACCESS_GAS);
  if (typeof object === 'string') {
    gas.charge(textGas(object));
    return whole(object[expectIndex(index, object.length)] as string);
  }
  if (!Array.isArray(object)) throw new Trap('wrong-type', 'an array or text is wanted');
  return object[expectIndex(index, object.length)] as Value;
}

/** An index that is there. */
export function expectIndex(index: Value, length: number): number {
  if (typeof index !== 'number') throw new Trap('wrong-type', 'a number is wanted');
  if (index < 0 || index >= length) throw new Trap('no-element');
  return index;
}

/** What can be an element of an array, or a value of a record or of a template text. */
export function expectScalar(value: Value): Scalar {
  if (!isScalar(value)) throw new Trap('wrong-type', 'a value without parts is wanted');
  return value;
}

export function expectText(value: Value | undefined): string {
  if (typeof value !== 'string') throw new Trap('wrong-type', 'a text is wanted');
  return value;
}

function isAccess(name: string): boolean {
  return name === 'push' || name === 'pop' || name === 'charCodeAt';
}

function push(array: Scalar[], value: Value): number {
  const scalar = expectScalar(value);
  if (array.length === MAX_ARRAY) throw new Trap('array-too-long');
  return array.push(scalar);
}

function pop(array: Scalar[]): Value {
  const last = array.pop();
  if (last === undefined) throw new Trap('no-element');
  return last;
}

function bound(value: Value | undefined): number | undefined {
  if (value !== undefined && typeof value !== 'number') throw new Trap('wrong-type', 'a number is wanted');
  return value;
}

/** Whether two scalars are equal; those of two types are not. */
function isEqual(a: Scalar, b: Scalar): boolean {
  return scalarTypeOf(a) === scalarTypeOf(b) && sameScalar(a, b);
}

/** A part of a text that begins and ends between characters. */
function whole(part: string): string {
  if (/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(part)) throw new Trap('cut-character');
  return part;
}
