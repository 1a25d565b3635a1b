import type { Address } from '../address.ts';
import { ByteReader, DecodeError } from '../codec.ts';
import { concatBytes } from '../hex.ts';
import { decodeValue, encodedBytes, encodeValue } from './encoding.ts';
import { MAX_ARGS_BYTES, MAX_CONTRACT_DEPTH, MAX_VALUE_BYTES } from './limits.ts';
import type { Loaded, Machine } from './machine.ts';
import { popAddress, popBigint } from './operations/handler.ts';
import * as gas from './prices.ts';
import { CONSTRUCTOR, type CompiledMethod, type ContractCall, type Program } from './program.ts';
import { Storage } from './storage.ts';
import { Trap } from './trap.ts';
import type { Parameter, ResultType } from './types.ts';
import type { Value } from './value.ts';

/** A call that enters a contract which is loaded. */
export interface Entry {
  readonly contract: Address;
  readonly program: Program;
  readonly storage: Storage;
  readonly caller: Address;
  readonly value: bigint;
  readonly method: CompiledMethod;
  /** Encoded, one after the other. */
  readonly args: Uint8Array;
  /** See `Entered.declared`. */
  readonly declared: ResultType;
}

/**
 * The contract at an address, with what it holds. Its source is paid for, and then compiled, the first time that a transaction
 * enters it: further calls in the transaction do neither. `deployed`: the program of a contract that is to be.
 */
export function loadContract(machine: Machine, contract: Address, deployed?: Program): Loaded {
  if (machine.entered.length === MAX_CONTRACT_DEPTH) throw new Trap('too-many-contracts', `${MAX_CONTRACT_DEPTH}`);
  const known = machine.loaded.get(contract);
  if (known !== undefined) return known;
  const { world } = machine;
  const sourceBytes = deployed?.sourceBytes ?? world.sourceBytes(contract);
  if (sourceBytes === undefined) throw new Trap('no-contract');
  machine.charge(sourceBytes * gas.GAS_LOAD_BYTE);
  const program = deployed ?? world.program(contract);
  const loaded = { program, storage: new Storage(contract, world, machine.charge, machine.slotObserver) };
  machine.loaded.set(contract, loaded);
  return loaded;
}

/**
 * Enters a contract from outside or from another one: coins first, then the arguments are paid for, checked against its own
 * types and copied.
 */
export function enterContract(machine: Machine, entry: Entry): void {
  const { contract, program, storage, caller, value, method } = entry;
  if (value !== 0n && !method.acceptsCoins) throw new Trap('takes-no-coins', method.name);
  machine.pay(caller, contract, value);
  machine.charge(entry.args.length * gas.GAS_ENCODED_BYTE);
  const args = decodedArguments(entry.args, method);
  const isFirst = machine.entered.length === 0;
  machine.entered.push({ contract, program, storage, caller, value, method, declared: entry.declared });
  machine.stack.push(...args);
  machine.enterMethod(method, !isFirst);
}

/** The method of a contract that a call names. Traps for one that is not there, or not for others. */
export function entryOf(program: Program, name: string): CompiledMethod {
  const method = program.entries.get(name);
  if (method === undefined || method.isPrivate || name === CONSTRUCTOR) throw new Trap('no-method', name);
  return method;
}

function decodedArguments(args: Uint8Array, method: CompiledMethod): Value[] {
  if (args.length > MAX_ARGS_BYTES) throw new Trap('arguments-too-long', `${MAX_ARGS_BYTES}`);
  const reader = new ByteReader(args);
  try {
    const values = method.parameters.map(({ type }) => decodeValue(reader, type));
    reader.end();
    return values;
  } catch (error) {
    if (error instanceof DecodeError) throw new Trap('bad-arguments', method.name, error.message);
    throw error;
  }
}

/** `at<I>(address, value).method(…)`: all of it is on the stack, in this order. */
export function callContract(machine: Machine, call: ContractCall): void {
  const { signature, hasValue } = call;
  const args = machine.popMany(signature.parameters.length);
  const value = hasValue ? popBigint(machine) : 0n;
  const contract = popAddress(machine).address;
  if (machine.entered.some((entered) => entered.contract === contract)) throw new Trap('already-entered');
  const encoded = encodedArguments(machine, args, signature.parameters);
  const { program, storage } = loadContract(machine, contract);
  enterContract(machine, {
    contract,
    program,
    storage,
    caller: machine.here.contract,
    value,
    method: entryOf(program, signature.name),
    args: encoded,
    declared: signature.result,
  });
}

function encodedArguments(machine: Machine, args: readonly Value[], parameters: readonly Parameter[]): Uint8Array {
  let sizeBytes = 0;
  for (const [i, { type }] of parameters.entries()) {
    const value = args[i] as Value;
    machine.check(value, type);
    sizeBytes += encodedBytes(value, MAX_ARGS_BYTES);
    if (sizeBytes > MAX_ARGS_BYTES) throw new Trap('arguments-too-long', `${MAX_ARGS_BYTES}`);
  }
  machine.charge(sizeBytes * gas.GAS_ENCODED_BYTE);
  return concatBytes(...parameters.map(({ type }, i) => encodeValue(args[i] as Value, type)));
}

/**
 * Back in the contract that called: the result on the stack is checked against what it declared, and copied. The method of
 * the contract that was left has checked it against its own type.
 */
export function leaveContract(machine: Machine): void {
  const left = machine.entered.pop();
  const result = machine.stack.pop();
  if (left === undefined) return;
  const { declared } = left;
  if (declared === undefined || result === undefined) {
    if (declared !== undefined || result !== undefined) throw new Trap('other-result', left.method.name);
    machine.push(undefined);
    return;
  }
  machine.check(result, declared);
  const sizeBytes = encodedBytes(result, MAX_VALUE_BYTES);
  if (sizeBytes > MAX_VALUE_BYTES) throw new Trap('value-too-long', `${MAX_VALUE_BYTES}`);
  machine.charge(2 * sizeBytes * gas.GAS_ENCODED_BYTE);
  machine.push(decodeValue(new ByteReader(encodeValue(result, declared)), declared));
}
