import type { BlockContext } from '../../consensus/block-context.ts';
import { BlockExecution, type BlockReceipt, TRANSACTION_WORK } from '../../consensus/block-execution.ts';
import type { Trace } from '../../consensus/contract/trace.ts';
import { type TraceOptions, Tracer } from '../../consensus/contract/tracer.ts';
import type { ContractHost } from '../../consensus/contract-host.ts';
import type { ContractTransaction } from '../../consensus/contract-transaction.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import { bytesEqual } from '../../consensus/hex.ts';
import type { SignedTransaction } from '../../consensus/transaction.ts';
import type { RecordedState } from './recorded-state.ts';

/** Gas that is used before others are served, where nothing is traced: a few milliseconds. */
export const SLICE_GAS = 100_000;
/** The same where each instruction is watched, and steps are kept. */
export const TRACE_SLICE_GAS = 10_000;

/** A transaction that was executed, and all that decided what came of it. */
export interface ExecutedTransaction {
  /** What was executed before it on the same state, in order. */
  readonly before: readonly SignedTransaction[];
  readonly transaction: ContractTransaction;
  readonly context: BlockContext;
  readonly state: RecordedState;
  readonly receipt: Pick<BlockReceipt, 'bytes' | 'failure'>;
}

/** Steps that a caller wants of a trace. */
export type TracePage = Omit<TraceOptions, 'gas'>;

/**
 * Executes a transaction again and traces it. Throws `InvariantError` where something else comes of it than the first time:
 * then this program is wrong, or what was recorded.
 * @param waitForTurn resolves when the next slice may run; false: it is given up
 * @returns undefined where it was given up
 */
export async function traceExecution(
  executed: ExecutedTransaction,
  page: TracePage,
  host: ContractHost,
  waitForTurn: () => Promise<boolean>,
): Promise<Trace | undefined> {
  const { before, transaction, context, state, receipt } = executed;
  const execution = new BlockExecution(state, context, host);
  let work = SLICE_GAS;
  for (const each of before) {
    execution.begin(each);
    work += TRANSACTION_WORK;
    do {
      if (work >= SLICE_GAS) {
        if (!(await waitForTurn())) return undefined;
        work = 0;
      }
      work += execution.advance(SLICE_GAS - work);
    } while (execution.isRunning);
  }
  const tracer = new Tracer({ ...page, gas: transaction.gas });
  execution.begin(transaction, tracer);
  do {
    if (!(await waitForTurn())) return undefined;
    execution.advance(TRACE_SLICE_GAS);
  } while (execution.isRunning);
  const replayed = execution.receipts.at(-1);
  const { txid } = transaction;
  assertInvariant(
    replayed?.txid === txid && bytesEqual(replayed.bytes, receipt.bytes),
    `executed again, transaction ${txid} gives another receipt than it did: gas ${replayed?.receipt.gasUsed}`,
  );
  return tracer.trace;
}
