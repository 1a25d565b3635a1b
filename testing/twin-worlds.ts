import assert from 'node:assert/strict';
import type { Address } from '../consensus/address.ts';
import { compileContract } from '../consensus/contract/compile.ts';
import { encodeValue } from '../consensus/contract/encoding.ts';
import type { Outcome } from '../consensus/contract/execution.ts';
import { CONSTRUCTOR, type Program } from '../consensus/contract/program.ts';
import { SourceError } from '../consensus/contract/source-error.ts';
import { bytesToHex } from '../consensus/hex.ts';
import { readSource } from '../simulator/model/contract/read-source.ts';
import { Refusal } from '../simulator/model/contract/refusal.ts';
import type { SourceFile } from '../simulator/model/contract/syntax.ts';
import type { CallOutcome } from '../simulator/model/contract/world.ts';
import { ContractWorld } from './contract-world.ts';
import { ModelWorld } from './model-world.ts';

/** A source that compiles, for the machine and for the model. */
export interface TwinContract {
  readonly program: Program;
  readonly file: SourceFile;
}

/** A call of both, with encoded arguments. */
interface TwinCall {
  readonly contract: Address;
  readonly args: Uint8Array;
  readonly caller: Address;
  readonly value: bigint;
  readonly gasLimit: number;
}

/**
 * Compiles a source for the machine and for the model, or gives the codes with which they refuse it. Throws if only one of
 * them does.
 */
export function compileTwice(
  source: Uint8Array,
): TwinContract | { readonly machineCode: string; readonly modelCode: string } {
  const program = attempt(() => compileContract(source), SourceError);
  const file = attempt(() => readSource(source), Refusal);
  if (program instanceof SourceError && file instanceof Refusal) {
    return { machineCode: program.code, modelCode: file.code };
  }
  if (program instanceof SourceError) throw new Error(`only the machine refuses it: ${program.message}`);
  if (file instanceof Refusal) throw new Error(`only the model refuses it: ${file.message}`);
  return { program, file };
}

/** {@link compileTwice} of a source that compiles. */
export function twinContract(source: Uint8Array): TwinContract {
  const contract = compileTwice(source);
  if ('machineCode' in contract) throw new Error(`it does not compile: ${contract.machineCode}`);
  return contract;
}

function attempt<Result, Failure extends Error>(
  run: () => Result,
  refusal: new (...args: never[]) => Failure,
): Result | Failure {
  try {
    return run();
  } catch (error) {
    if (error instanceof refusal) return error;
    throw error;
  }
}

/** Two equal states: on one the machine runs contracts, on the other the model. Throws where an outcome differs. */
export class TwinWorlds {
  readonly machine = new ContractWorld();
  readonly model = new ModelWorld();

  setBalance(address: Address, balance: bigint): void {
    this.machine.balances.set(address, balance);
    this.model.balances.set(address, balance);
  }

  setHeight(height: number): void {
    this.machine.height = height;
    this.model.height = height;
  }

  /** Runs the constructor. The contract is there only if that goes well. */
  deploy({ program, file }: TwinContract, call: TwinCall): Outcome {
    const { contract } = call;
    const invocation = { ...call, method: CONSTRUCTOR };
    this.model.contracts.set(contract, file);
    const outcome = this.#compared(
      this.machine.callEncoded({ ...invocation, deployed: program }),
      this.model.call(invocation, true),
    );
    if (outcome.ok) this.machine.programs.set(contract, program);
    else this.model.contracts.delete(contract);
    return outcome;
  }

  /** Calls a method of a contract that is there. */
  call(method: string, call: TwinCall): Outcome {
    return this.#compared(this.machine.callEncoded({ ...call, method }), this.model.call({ ...call, method }));
  }

  #compared(outcome: Outcome, inModel: CallOutcome): Outcome {
    // The page leaves open what comes first where gas is short.
    const isShort = !outcome.ok && !inModel.ok && [outcome.failure.code, inModel.code].includes('out-of-gas');
    if (!isShort) assert.deepEqual(shownByModel(inModel), shownByMachine(outcome));
    return outcome;
  }
}

function shownByMachine(outcome: Outcome): unknown {
  if (!outcome.ok) return { gasUsed: outcome.gasUsed, code: outcome.failure.code };
  const { gasUsed, result, payments } = outcome;
  const events = outcome.events.map(({ contract, name, values }) => [
    contract,
    name,
    ...values.map((value) => bytesToHex(encodeValue(value))),
  ]);
  return { gasUsed, result: result && bytesToHex(result), events, payments, writes: shownWrites(outcome.writes) };
}

function shownByModel(outcome: CallOutcome): unknown {
  if (!outcome.ok) return { gasUsed: outcome.gasUsed, code: outcome.code };
  const { gasUsed, result, payments } = outcome;
  const events = outcome.events.map(({ contract, name, values }) => [contract, name, ...values.map(bytesToHex)]);
  return { gasUsed, result: result && bytesToHex(result), events, payments, writes: shownWrites(outcome.writes) };
}

function shownWrites(writes: ReadonlyMap<string, ReadonlyMap<string, Uint8Array | undefined>>): string[] {
  return [...writes]
    .flatMap(([contract, slots]) =>
      [...slots].map(([path, value]) => `${contract} ${path} ${value ? bytesToHex(value) : 'removed'}`),
    )
    .toSorted();
}
