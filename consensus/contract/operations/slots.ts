import { MAX_NUMBER } from '../limits.ts';
import type { Entered, Machine } from '../machine.ts';
import type { OpName } from '../opcodes.ts';
import type { SlotPath } from '../slot-path.ts';
import { LIST_INDEX } from '../storage.ts';
import type { Field } from '../syntax.ts';
import { Trap } from '../trap.ts';
import { scalarOf } from '../types.ts';
import { type Handler, isScalar, popNumber, wrongType } from './handler.ts';

type FieldOf<K extends Field['kind']> = Extract<Field, { kind: K }>;

/** The declaration of a field, which the compiler knows to be of a kind, and its path. */
function fieldAt<K extends Field['kind']>({ program }: Entered, operand: number): [FieldOf<K>, SlotPath] {
  return [program.fields[operand] as FieldOf<K>, program.fieldPaths[operand] as SlotPath];
}

function getField(machine: Machine, operand: number): void {
  const { here } = machine;
  const [{ type, initial }, path] = fieldAt<'value'>(here, operand);
  const stored = here.storage.read(path, type);
  if (stored !== undefined) return machine.push(stored);
  if (initial === undefined) throw new Trap('no-value-yet');
  if (!Array.isArray(initial)) return machine.push(initial);
  const own = initial.slice();
  here.storage.hold(path, type, own);
  machine.push(own);
}

/** The path of the entry whose key is on top of the stack. */
function popEntry(machine: Machine, operand: number): [FieldOf<'table'>, SlotPath] {
  const [field, path] = fieldAt<'table'>(machine.here, operand);
  const key = machine.pop();
  if (!isScalar(key) || scalarOf(key) !== field.key) throw wrongType(field.key, key);
  return [field, machine.here.storage.entryPath(path, key)];
}

/** A list, its path, and its length. */
function listAt(machine: Machine, operand: number): [FieldOf<'list'>, SlotPath, number] {
  const [field, path] = fieldAt<'list'>(machine.here, operand);
  return [field, path, (machine.here.storage.read(path, LIST_INDEX) ?? 0) as number];
}

/** The path of an element that is there. */
function elementPath(machine: Machine, path: SlotPath, index: number, length: number): SlotPath {
  if (index < 0 || index >= length) throw new Trap('no-element', `${index}`, `${length}`);
  return machine.here.storage.entryPath(path, index);
}

function setTable(machine: Machine, operand: number): void {
  const value = machine.pop();
  const [field, path] = popEntry(machine, operand);
  machine.here.storage.write(path, field.type, value);
  machine.push(undefined);
}

function getElement(machine: Machine, operand: number): void {
  const index = popNumber(machine);
  const [field, path, length] = listAt(machine, operand);
  machine.push(machine.here.storage.read(elementPath(machine, path, index, length), field.type));
}

function setElement(machine: Machine, operand: number): void {
  const value = machine.pop();
  const index = popNumber(machine);
  const [field, path, length] = listAt(machine, operand);
  machine.here.storage.write(elementPath(machine, path, index, length), field.type, value);
  machine.push(undefined);
}

function pushElement(machine: Machine, operand: number): void {
  const value = machine.pop();
  const [field, path, length] = listAt(machine, operand);
  if (length === MAX_NUMBER) throw new Trap('number-too-large');
  const { storage } = machine.here;
  storage.write(storage.entryPath(path, length), field.type, value);
  storage.write(path, LIST_INDEX, length + 1);
  machine.push(undefined);
}

function popElement(machine: Machine, operand: number): void {
  const [field, path, length] = listAt(machine, operand);
  const { storage } = machine.here;
  const last = elementPath(machine, path, length - 1, length);
  const value = storage.read(last, field.type);
  storage.write(last, field.type, undefined);
  storage.write(path, LIST_INDEX, length - 1);
  machine.push(value);
}

/** The element at the index on top of the stack, for a loop; and whether there was one. */
function nextElement(machine: Machine, operand: number): void {
  const index = popNumber(machine);
  const [field, path, length] = listAt(machine, operand);
  const isThere = index < length;
  if (isThere) machine.push(machine.here.storage.read(elementPath(machine, path, index, length), field.type));
  machine.push(isThere);
}

/** Fields, tables and lists. */
export const SLOTS = {
  FIELD_GET: getField,
  FIELD_SET: (machine, operand) => {
    const [{ type }, path] = fieldAt<'value'>(machine.here, operand);
    machine.here.storage.write(path, type, machine.pop());
  },
  TABLE_GET: (machine, operand) => {
    const [field, path] = popEntry(machine, operand);
    machine.push(machine.here.storage.read(path, field.type) ?? field.absent);
  },
  TABLE_SET: setTable,
  TABLE_HAS: (machine, operand) => {
    const [field, path] = popEntry(machine, operand);
    machine.push(machine.here.storage.read(path, field.type) !== undefined);
  },
  TABLE_DELETE: (machine, operand) => {
    const [field, path] = popEntry(machine, operand);
    machine.here.storage.write(path, field.type, undefined);
    machine.push(undefined);
  },
  LIST_LENGTH: (machine, operand) => machine.push(listAt(machine, operand)[2]),
  LIST_GET: getElement,
  LIST_SET: setElement,
  LIST_PUSH: pushElement,
  LIST_POP: popElement,
  NEXT_OF_LIST: nextElement,
} as const satisfies Partial<Record<OpName, Handler>>;
