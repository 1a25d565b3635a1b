import { encode } from './encoding.ts';
import type { Evaluation } from './evaluation.ts';
import { MAX_FRAMES } from './limits.ts';
import { runMethod } from './run-method.ts';
import { Transaction } from './transaction.ts';
import { Trap } from './trap.ts';
import type { Value } from './value.ts';
import type { CallOutcome, ContractCall, ContractView } from './world.ts';

/**
 * Sections 5 to 10 of `docs/contracts.md` once more, written to be obvious and not to be fast: runs a call to its end, and
 * changes nothing. A call that fails uses all of its gas.
 */
export function executeInModel(view: ContractView, call: ContractCall): CallOutcome {
  const { file, gasLimit } = call;
  const transaction = new Transaction(view, gasLimit);
  try {
    const invocation = transaction.enter(call, file);
    const result = runFrames(transaction, runMethod(transaction, invocation));
    const type = invocation.method.result;
    return transaction.finish(type && encode(result as Value, type));
  } catch (error) {
    if (error instanceof Trap) return { ok: false, gasUsed: gasLimit, code: error.code, message: error.message };
    throw error;
  }
}

/** Runs a method and all that are called in it, each in a frame of its own. */
function runFrames(transaction: Transaction, first: Evaluation<Value | undefined>): Value | undefined {
  const frames = [first];
  let received: Value | undefined;
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const step = frame.next(received);
    received = undefined;
    if (step.done) {
      frames.pop();
      received = step.value;
    } else {
      if (frames.length === MAX_FRAMES) throw new Trap('too-many-frames');
      frames.push(runMethod(transaction, step.value));
    }
  }
  return received;
}
