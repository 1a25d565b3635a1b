import { isRawAddress } from '../../address.ts';
import { MAX_ARRAY, MAX_TEXT_UNITS } from '../limits.ts';
import type { Machine } from '../machine.ts';
import type { OpName } from '../opcodes.ts';
import { GAS_CONVERT, GAS_ELEMENT, TEXT_PAIRS_PER_GAS } from '../prices.ts';
import { isWholePart, utf8Bytes } from '../text.ts';
import { Trap } from '../trap.ts';
import { placeOf } from '../types.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from '../value.ts';
import { chargeText } from './arithmetic.ts';
import { type Handler, isScalar, popNumber, popText, wrongType } from './handler.ts';

/** A value as an element of an array, or as a part of a record or text: none of them has parts itself. */
function scalar(value: Value): ScalarValue {
  if (!isScalar(value)) throw wrongType('a value without parts', value);
  return value;
}

function popArray(machine: Machine): ScalarValue[] {
  const value = machine.pop();
  if (!Array.isArray(value)) throw wrongType('an array', value);
  return value;
}

function popSequence(machine: Machine): ScalarValue[] | string {
  const value = machine.pop();
  if (!Array.isArray(value) && typeof value !== 'string') throw wrongType('an array or a text', value);
  return value;
}

/** An index of something of this length. JavaScript would give undefined beyond it. */
function checkIndex(index: number, length: number): number {
  if (index < 0 || index >= length) throw new Trap('no-element', `${index}`, `${length}`);
  return index;
}

/** A part of a text, which must be a text again. */
function wholePart(machine: Machine, text: string, start?: number, end?: number): string {
  chargeText(machine, utf8Bytes(text));
  const part = text.slice(start, end);
  if (!isWholePart(part)) throw new Trap('cut-character');
  return part;
}

function slice(machine: Machine, count: number): void {
  const [start, end] = machine.popMany(count).map((bound) => {
    if (typeof bound !== 'number') throw wrongType('number', bound);
    return bound;
  });
  const from = popSequence(machine);
  if (typeof from === 'string') return machine.push(wholePart(machine, from, start, end));
  machine.charge(from.length * GAS_ELEMENT);
  machine.push(from.slice(start, end));
}

/** The first place of something in an array or text, or -1; charged by the product of what may be compared. */
function indexOf(machine: Machine): number {
  const wanted = machine.pop();
  const within = popSequence(machine);
  if (typeof within === 'string') {
    if (typeof wanted !== 'string') throw wrongType('string', wanted);
    const pairs = utf8Bytes(within) * utf8Bytes(wanted);
    chargeText(machine, utf8Bytes(within) + utf8Bytes(wanted));
    machine.charge(Math.ceil(pairs / TEXT_PAIRS_PER_GAS));
    return within.indexOf(wanted);
  }
  const element = scalar(wanted);
  const each = typeof element === 'string' ? Math.ceil(utf8Bytes(element) / TEXT_PAIRS_PER_GAS) : 0;
  machine.charge(within.length * (GAS_ELEMENT + each));
  return placeIn(within, element);
}

/** A loop for accounts and one of the engine's for all others: a comparison that fits both takes four times as long. */
function placeIn(array: readonly ScalarValue[], wanted: ScalarValue): number {
  if (!(wanted instanceof AddressValue)) return array.indexOf(wanted);
  for (let i = 0; i < array.length; i++) {
    const other = array[i];
    if (other instanceof AddressValue && other.address === wanted.address) return i;
  }
  return -1;
}

/** Whether a text has another one at its start or end. */
function hasAtEdge(test: (text: string, part: string) => boolean): Handler {
  return (machine) => {
    const part = popText(machine);
    const text = popText(machine);
    chargeText(machine, utf8Bytes(part));
    machine.push(test(text, part));
  };
}

/** A scalar as a template text shows it. */
function shown(value: ScalarValue): string {
  return value instanceof AddressValue ? value.address : String(value);
}

function template(machine: Machine, operand: number): void {
  const pieces = machine.here.program.operands.templates[operand] as readonly string[];
  const values = machine.popMany(pieces.length - 1);
  machine.charge(values.length * GAS_CONVERT);
  let units = 0;
  const parts: string[] = [];
  for (const [i, piece] of pieces.entries()) {
    parts.push(piece);
    const value = values[i];
    if (value !== undefined) parts.push(shown(scalar(value)));
  }
  for (const part of parts) units += part.length;
  if (units > MAX_TEXT_UNITS) throw new Trap('text-too-long', `${MAX_TEXT_UNITS}`);
  chargeText(
    machine,
    parts.reduce((sizeBytes, part) => sizeBytes + utf8Bytes(part), 0),
  );
  machine.push(parts.join(''));
}

/** Arrays, texts and records. */
export const VALUES = {
  CONSTANT: (machine, operand) => machine.push(machine.here.program.operands.constants[operand]),
  ARRAY: (machine, count) => {
    machine.charge(count * GAS_ELEMENT);
    machine.push(machine.popMany(count).map(scalar));
  },
  RECORD: (machine, operand) => {
    const names = machine.here.program.operands.shapes[operand] as readonly string[];
    machine.charge(names.length * GAS_ELEMENT);
    machine.push(new RecordValue(names, machine.popMany(names.length).map(scalar)));
  },
  TEMPLATE: template,
  INDEX: (machine) => {
    const index = popNumber(machine);
    const from = popSequence(machine);
    checkIndex(index, from.length);
    machine.push(typeof from === 'string' ? wholePart(machine, from, index, index + 1) : from[index]);
  },
  SET_INDEX: (machine) => {
    const value = scalar(machine.pop());
    const index = popNumber(machine);
    const array = popArray(machine);
    array[checkIndex(index, array.length)] = value;
  },
  MEMBER: (machine, operand) => {
    const name = machine.here.program.operands.names[operand] as string;
    const record = machine.pop();
    if (!(record instanceof RecordValue)) throw wrongType(`a record with ${name}`, record);
    const place = placeOf(record.names, name);
    if (place === undefined) throw new Trap('no-property', name);
    machine.push(record.values[place]);
  },
  LENGTH: (machine) => machine.push(popSequence(machine).length),
  PUSH: (machine) => {
    const value = scalar(machine.pop());
    const array = popArray(machine);
    if (array.length === MAX_ARRAY) throw new Trap('array-too-long', `${MAX_ARRAY}`);
    machine.push(array.push(value));
  },
  TAKE_LAST: (machine) => {
    const value = popArray(machine).pop();
    if (value === undefined) throw new Trap('no-element', '-1', '0');
    machine.push(value);
  },
  SLICE: slice,
  INDEX_OF: (machine) => machine.push(indexOf(machine)),
  INCLUDES: (machine) => machine.push(indexOf(machine) >= 0),
  STARTS_WITH: hasAtEdge((text, part) => text.startsWith(part)),
  ENDS_WITH: hasAtEdge((text, part) => text.endsWith(part)),
  CHAR_CODE_AT: (machine) => {
    const index = popNumber(machine);
    const text = popText(machine);
    machine.push(text.charCodeAt(checkIndex(index, text.length)));
  },
  TO_ADDRESS: (machine) => {
    const text = popText(machine);
    if (!isRawAddress(text)) throw new Trap('bad-address');
    machine.push(new AddressValue(text));
  },
} as const satisfies Partial<Record<OpName, Handler>>;
