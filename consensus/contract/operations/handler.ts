import type { Machine } from '../machine.ts';
import { Trap } from '../trap.ts';
import { describeValue } from '../types.ts';
import { AddressValue, RecordValue, type Value } from '../value.ts';

/** Does what one instruction says. Its price is paid; what depends on sizes it charges itself, before the work. */
export type Handler = (machine: Machine, operand: number) => void;

/** The value on top as a boolean: nothing else counts as true or false. */
export function popBoolean(machine: Machine): boolean {
  const value = machine.pop();
  if (typeof value !== 'boolean') throw wrongType('boolean', value);
  return value;
}

export function popNumber(machine: Machine): number {
  const value = machine.pop();
  if (typeof value !== 'number') throw wrongType('number', value);
  return value;
}

export function popBigint(machine: Machine): bigint {
  const value = machine.pop();
  if (typeof value !== 'bigint') throw wrongType('bigint', value);
  return value;
}

export function popText(machine: Machine): string {
  const value = machine.pop();
  if (typeof value !== 'string') throw wrongType('string', value);
  return value;
}

export function popAddress(machine: Machine): AddressValue {
  const value = machine.pop();
  if (!(value instanceof AddressValue)) throw wrongType('Address', value);
  return value;
}

/** Whether a value has no parts, and so can be compared, joined into texts and put into arrays. */
export function isScalar(value: Value): value is Exclude<Value, unknown[] | RecordValue> {
  return !Array.isArray(value) && !(value instanceof RecordValue);
}

export function wrongType(wanted: string, value: Value): Trap {
  return new Trap('wrong-type', wanted, describeValue(value));
}

export function wrongTypes(operator: string, left: Value, right: Value): Trap {
  return new Trap('wrong-types', operator, describeValue(left), describeValue(right));
}
