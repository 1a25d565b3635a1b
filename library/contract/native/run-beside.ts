import type { Address as RawAddress } from '../../../consensus/address.ts';
import type { CompiledMethod } from '../../../consensus/contract/program.ts';
import { Trap } from '../../../consensus/contract/trap.ts';
import type { ContractTransaction } from '../../../consensus/contract-transaction.ts';
import { quotable } from '../../../consensus/quotable.ts';
import { differenceOf, type MachineRun } from './compare-runs.ts';
import type { NativeChain } from './native-chain.ts';
import { type NativeContract, type NativeOutcome, NativeRun } from './native-run.ts';
import { NativeRunError } from './native-run-error.ts';

/** Failures that a class shows in the same words: those that the contract itself wants. */
const OWN_FAILURES: readonly string[] = ['required', 'thrown'];
/** Failures that end a loop with which JavaScript would go on, perhaps for ever: these the machine alone tells. */
const UNSEEN_FAILURES: readonly string[] = [
  ...['out-of-gas', 'array-too-long', 'text-too-long', 'number-too-large', 'bigint-too-large', 'no-element'],
];

/**
 * Runs a transaction natively that the machine has run, on the state before it. What the machine says counts. Throws
 * {@link NativeRunError} where the class does something else.
 * @returns what the class threw, for one that fails
 */
export function runBeside(
  chain: NativeChain,
  contracts: ReadonlyMap<RawAddress, NativeContract>,
  transaction: ContractTransaction,
  method: CompiledMethod,
  machine: MachineRun,
): unknown {
  const { failure } = machine.receipt;
  if (failure !== null && UNSEEN_FAILURES.includes(failure.code)) return undefined;
  const { contract, sender: caller, amount: value, args } = transaction;
  let outcome: NativeOutcome | undefined;
  let thrown: unknown;
  try {
    outcome = new NativeRun(chain, contracts).run({ contract, method, caller, value, args });
  } catch (error) {
    if (error instanceof NativeRunError) throw error;
    thrown = error;
  }
  if (failure !== null) {
    if (OWN_FAILURES.includes(failure.code) && messageOf(thrown) !== failure.message) {
      throw differing(`on the machine it fails: ${failure.message}`, thrown);
    }
    return thrown;
  }
  if (outcome === undefined) throw differing('the class fails, and the source on the machine does not', thrown);
  const difference = differenceOf(chain, transaction, machine, outcome, contracts);
  if (difference !== undefined) throw differing(difference, undefined);
  return undefined;
}

function differing(what: string, cause: unknown): NativeRunError {
  return new NativeRunError(`the class and its source do not do the same: ${what}; is it the same text?`, cause);
}

function messageOf(thrown: unknown): string | undefined {
  if (thrown instanceof Trap) return thrown.message;
  return thrown instanceof Error ? quotable(thrown.message) : undefined;
}
