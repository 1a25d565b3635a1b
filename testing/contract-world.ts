import type { Address } from '../consensus/address.ts';
import { ByteReader } from '../consensus/codec.ts';
import { compileContract } from '../consensus/contract/compile.ts';
import { decodeValue, encodeValue } from '../consensus/contract/encoding.ts';
import { Execution, type Invocation, type Outcome } from '../consensus/contract/execution.ts';
import { MAX_CALL_GAS } from '../consensus/contract/limits.ts';
import { CONSTRUCTOR, type Program } from '../consensus/contract/program.ts';
import type { SlotPath } from '../consensus/contract/slot-path.ts';
import { AddressValue, RecordValue, type Value } from '../consensus/contract/value.ts';
import type { World } from '../consensus/contract/world.ts';
import { concatBytes, utf8ToBytes } from '../consensus/hex.ts';
import { type SignatureCheck, verifySignature } from '../consensus/signature.ts';

/** Values of a record by name, as tests write them. */
interface PlainRecord {
  readonly [name: string]: Value;
}

/** An argument or result as tests write it. */
export type PlainValue = Value | PlainRecord;

interface CallOptions {
  readonly from?: Address;
  readonly value?: bigint;
  readonly gas?: number;
  /** Gas of each step; all at once if it is not given. */
  readonly stepGas?: number;
}

/** A state in memory with some contracts: what a node does with outcomes, without blocks, trees and a disk. */
export class ContractWorld implements World {
  readonly networkId = Uint8Array.of(1, 2, 3, 4);
  height = 100;
  time = 1_700_000_000;
  readonly balances = new Map<Address, bigint>();
  readonly slots = new Map<Address, Map<SlotPath, Uint8Array>>();
  readonly programs = new Map<Address, Program>();

  blockHash(height: number): string {
    return height.toString(16).padStart(64, '0');
  }

  slot(contract: Address, path: SlotPath): Uint8Array | undefined {
    return this.slots.get(contract)?.get(path);
  }

  balance(address: Address): bigint {
    return this.balances.get(address) ?? 0n;
  }

  sourceBytes(contract: Address): number | undefined {
    return this.programs.get(contract)?.sourceBytes;
  }

  program(contract: Address): Program {
    const program = this.programs.get(contract);
    if (program === undefined) throw new Error(`no contract at ${contract}`);
    return program;
  }

  verifySignature(check: SignatureCheck): boolean {
    return verifySignature(check);
  }

  /** Compiles a source, and runs its constructor. The contract is there only if that went well. */
  deploy(contract: Address, source: string, args: readonly PlainValue[] = [], options: CallOptions = {}): Outcome {
    return this.deployProgram(contract, compileContract(utf8ToBytes(source)), args, options);
  }

  deployProgram(contract: Address, program: Program, args: readonly PlainValue[], options: CallOptions = {}): Outcome {
    const target = { contract, deployed: program, method: CONSTRUCTOR };
    const outcome = this.callEncoded({ ...target, ...callOf(program, CONSTRUCTOR, args, options) }, options.stepGas);
    if (outcome.ok) this.programs.set(contract, program);
    return outcome;
  }

  /** Calls a method, and keeps what it did. */
  call(contract: Address, method: string, args: readonly PlainValue[] = [], options: CallOptions = {}): Outcome {
    const call = callOf(this.program(contract), method, args, options);
    return this.callEncoded({ contract, method, ...call }, options.stepGas);
  }

  /** {@link call} or deploy with arguments as a transaction has them. */
  callEncoded(invocation: Invocation, stepGas?: number): Outcome {
    const outcome = this.execute(invocation, stepGas);
    if (outcome.ok) this.#keep(outcome);
    return outcome;
  }

  /** Runs a transaction to its end, and keeps nothing. */
  execute(transaction: Invocation, stepGas: number = transaction.gasLimit + 1): Outcome {
    const execution = new Execution(this, transaction);
    for (;;) {
      const outcome = execution.advance(stepGas);
      if (outcome !== undefined) return outcome;
    }
  }

  #keep(outcome: Outcome & { ok: true }): void {
    for (const [contract, writes] of outcome.writes) {
      const slots = this.slots.get(contract) ?? new Map<SlotPath, Uint8Array>();
      this.slots.set(contract, slots);
      for (const [path, value] of writes) {
        if (value === undefined) slots.delete(path);
        else slots.set(path, value);
      }
    }
    for (const { from, to, amount } of outcome.payments) {
      this.balances.set(from, this.balance(from) - amount);
      this.balances.set(to, this.balance(to) + amount);
    }
  }
}

/** Addresses for tests. */
export const ALICE: Address = 'aa'.repeat(20);
export const BOB: Address = 'bb'.repeat(20);
export const CONTRACT: Address = 'c0'.repeat(20);

function callOf(program: Program, method: string, args: readonly PlainValue[], options: CallOptions) {
  return {
    args: encodeArguments(program, method, args),
    caller: options.from ?? ALICE,
    value: options.value ?? 0n,
    gasLimit: options.gas ?? MAX_CALL_GAS,
  };
}

/** Encoded arguments of a method, one after the other; those that it has no parameters for too. */
export function encodeArguments(program: Program, method: string, args: readonly PlainValue[]): Uint8Array {
  const parameters = program.entries.get(method)?.parameters ?? [];
  return concatBytes(...args.map((value, i) => encodeValue(asValue(value), parameters[i]?.type)));
}

function asValue(plain: PlainValue): Value {
  if (typeof plain !== 'object' || Array.isArray(plain) || plain instanceof AddressValue) return plain;
  if (plain instanceof RecordValue) return plain;
  return new RecordValue(Object.keys(plain), Object.values(plain) as never);
}

/** The result of a call that went well, decoded by the type that its method declares. */
export function resultOf(outcome: Outcome, program: Program, method: string): Value | undefined {
  if (!outcome.ok) throw new Error(`${outcome.failure.code}: ${outcome.failure.message}`);
  const type = program.entries.get(method)?.result;
  if (type === undefined || outcome.result === undefined) return undefined;
  return decodeValue(new ByteReader(outcome.result), type);
}
