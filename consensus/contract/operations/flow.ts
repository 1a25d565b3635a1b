import { leaveContract } from '../enter.ts';
import type { Machine, StackValue } from '../machine.ts';
import type { OpName } from '../opcodes.ts';
import type { CompiledMethod } from '../program.ts';
import { Trap } from '../trap.ts';
import type { ValueType } from '../types.ts';
import type { ScalarValue } from '../value.ts';
import { type Handler, popBoolean, wrongType } from './handler.ts';

function load(machine: Machine, place: number): StackValue {
  return machine.stack[machine.base + place];
}

function store(machine: Machine, place: number, value: StackValue): void {
  machine.stack[machine.base + place] = value;
}

/** `&&` and `||`: the left value stays where it decides. */
function skipIf(decisive: boolean): Handler {
  return (machine, target) => {
    const value = popBoolean(machine);
    if (value !== decisive) return;
    machine.push(value);
    machine.next = target;
  };
}

/** The next element of the array in a place, whose index is in the place behind it; and whether there was one. */
function next(machine: Machine, place: number): void {
  const array = load(machine, place);
  if (!Array.isArray(array)) throw wrongType('an array or a list', array as ScalarValue);
  const element = array[load(machine, place + 1) as number];
  if (element !== undefined) machine.push(element);
  machine.push(element !== undefined);
}

function leave(machine: Machine, value: StackValue): void {
  if (machine.leaveMethod(value)) leaveContract(machine);
}

/** Variables, jumps and calls within a contract. */
export const FLOW = {
  LOAD: (machine, place) => machine.push(load(machine, place)),
  LOAD_CHECKED: (machine, place) => {
    const value = load(machine, place);
    if (value === undefined) throw new Trap('no-value-yet');
    machine.push(value);
  },
  STORE: (machine, place) => store(machine, place, machine.pop()),
  UNSET: (machine, place) => store(machine, place, undefined),
  POP: (machine) => {
    machine.pop();
  },
  COPY_TWO: (machine) => machine.stack.push(...machine.stack.slice(-2)),
  CHECK: (machine, operand) => {
    const type = machine.here.program.operands.types[operand] as ValueType;
    machine.check(machine.stack[machine.stack.length - 1] as ScalarValue, type);
  },
  JUMP: (machine, target) => {
    machine.next = target;
  },
  JUMP_IF_FALSE: (machine, target) => {
    if (!popBoolean(machine)) machine.next = target;
  },
  SKIP_IF_FALSE: skipIf(false),
  SKIP_IF_TRUE: skipIf(true),
  IS_BOOLEAN: (machine) => machine.push(popBoolean(machine)),
  ROUND: () => {},
  NEXT: next,
  CALL: (machine, operand) => machine.enterMethod(machine.here.program.methods[operand] as CompiledMethod),
  RETURN: (machine) => {
    const value = machine.pop();
    const { result } = machine.method;
    if (result !== undefined) machine.check(value, result);
    leave(machine, value);
  },
  RETURN_NOTHING: (machine) => leave(machine, undefined),
} as const satisfies Partial<Record<OpName, Handler>>;
