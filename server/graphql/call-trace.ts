import type { Address } from '../../consensus/address.ts';
import { signedTransactionsOf } from '../../consensus/block.ts';
import {
  MAX_TRACE_PAGE_BYTES,
  MAX_TRACE_PAGE_STEPS,
  MAX_TRACE_STEPS,
  MAX_TRACED_VALUE_BYTES,
  type Trace,
  type TracedLocal,
  type TracedSlot,
  type TraceStep,
} from '../../consensus/contract/trace.ts';
import type { CallFailure } from '../../consensus/contract-run.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import type { Hash } from '../../consensus/hash.ts';
import { decodeReceipt } from '../../consensus/receipt.ts';
import { decodeUndo } from '../../consensus/undo.ts';
import { RecordedState } from '../contracts/recorded-state.ts';
import { MAX_RESTARTS } from '../contracts/simulations.ts';
import { type ExecutedTransaction, type TracePage, traceExecution } from '../contracts/trace-execution.ts';
import type { NodeContext, TransactionLocation } from '../node/node-context.ts';
import { KEPT_READS_BLOCKS } from '../store/read-records.ts';
import { type ApiContext, builder } from './builder.ts';
import { badInput, callerGone } from './errors.ts';
import { childContext, noSimulation, simulationsOf, turnsOf } from './execution-places.ts';
import { shownAddress } from './models.ts';
import { CallErrorRef } from './receipt.ts';
import { SimulatedCallRef } from './simulate-call.ts';

/** What a trace counts in an operation besides the fields of its steps: everything is executed again. */
const TRACE_COMPLEXITY = 1_000;
/** Steps of a page where the caller names no number. */
const DEFAULT_TRACE_PAGE = 100;
/** Variables in scope, and those or slots that a step changes or reads, as the complexity of an operation counts them. */
const USUAL_LOCALS = 3;
const USUAL_CHANGES = 1;

/** A page of a trace with what came of the run. */
interface TraceModel {
  readonly trace: Trace;
  readonly gasUsed: number;
  readonly failure: CallFailure | null;
}

const VALUE_TEXT =
  'JSON text of the value, as `Receipt.resultJson` has it; null if there is none, and if it is too long.';
const TOO_LONG_TEXT = `Whether it is left out because it, or the key, is longer than ${MAX_TRACED_VALUE_BYTES} bytes.`;

const TraceLocalRef = builder.objectRef<TracedLocal>('TraceLocal').implement({
  description: 'A variable or parameter of a method, at a step. Without a value it has none yet.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name in the source.' }),
    valueJson: t.exposeString('valueJson', { nullable: true, description: VALUE_TEXT }),
    isTooLong: t.exposeBoolean('isTooLong', { description: TOO_LONG_TEXT }),
  }),
});

const TraceSlotRef = builder.objectRef<TracedSlot>('TraceSlot').implement({
  description:
    'A slot that a step has read or written. Without a value it holds nothing, and reading it gives the default.',
  fields: (t) => ({
    field: t.exposeString('field', { description: 'Name of its field.' }),
    keyJson: t.exposeString('keyJson', {
      nullable: true,
      description:
        'JSON text of the key in a table, or of the place in a list; null for a single value, and for the length of a list.',
    }),
    valueJson: t.exposeString('valueJson', { nullable: true, description: VALUE_TEXT }),
    isTooLong: t.exposeBoolean('isTooLong', { description: TOO_LONG_TEXT }),
  }),
});

const usualList = (multiplier: number) => ({ field: 1, multiplier });

const TraceStepRef = builder.objectRef<TraceStep>('TraceStep').implement({
  description:
    'One step of an execution: a statement, the test of an `else if`, or a round of a loop. What a method does that it calls belongs to the steps of that method.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in the trace, from 0.' }),
    contract: t.field({
      type: 'Address',
      description: 'The contract whose source it is in.',
      resolve: ({ contract }, _, { node }) => shownAddress(node, contract),
    }),
    method: t.exposeString('method', { description: 'Method or function of the source, or `constructor`.' }),
    line: t.int({ description: 'Line of the source, from 1.', resolve: ({ position }) => position.line }),
    column: t.int({
      description: 'Column in the line, from 1, in UTF-16 units.',
      resolve: ({ position }) => position.column,
    }),
    gasUsed: t.exposeInt('gasUsed', { description: 'Gas that the transaction has used before the step.' }),
    gas: t.exposeInt('gas', { description: 'Gas of the step itself, without that of the steps of what it calls.' }),
    depth: t.exposeInt('depth', {
      description: 'Methods that have begun and not ended, of all contracts together: 1 in the one that is called.',
    }),
    locals: t.field({
      type: [TraceLocalRef],
      description: 'Variables and parameters in scope, as they are before the step.',
      complexity: usualList(USUAL_LOCALS),
      resolve: ({ locals }) => [...locals],
    }),
    changes: t.field({
      type: [TraceLocalRef],
      description:
        'Those that have another value after the step, or are in scope only then; none of a step that fails.',
      complexity: usualList(USUAL_CHANGES),
      resolve: ({ changes }) => [...changes],
    }),
    reads: t.field({
      type: [TraceSlotRef],
      description: 'Slots of the contract that it has read, each once.',
      complexity: usualList(USUAL_CHANGES),
      resolve: ({ reads }) => [...reads],
    }),
    writes: t.field({
      type: [TraceSlotRef],
      description:
        'Slots of the contract that it has written, each once, with what they hold then. They are kept, and paid for, when the whole transaction ends well.',
      complexity: usualList(USUAL_CHANGES),
      resolve: ({ writes }) => [...writes],
    }),
  }),
});

const CallTraceRef = builder.objectRef<TraceModel>('CallTrace').implement({
  description: 'A page of the steps in which a deploy or a call was executed.',
  fields: (t) => ({
    steps: t.field({
      type: [TraceStepRef],
      description: `The steps of the page. It has fewer than were asked for at the end, and where their values take more than ${MAX_TRACE_PAGE_BYTES} bytes: the next page begins behind the last one.`,
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ trace }) => [...trace.steps],
    }),
    total: t.int({ description: 'Steps of all pages together.', resolve: ({ trace }) => trace.total }),
    complete: t.boolean({
      description: `Whether these are all steps of the run: a trace holds the first ${MAX_TRACE_STEPS}.`,
      resolve: ({ trace }) => trace.isComplete,
    }),
    gasBefore: t.int({
      nullable: true,
      description:
        'Gas that was used before the first step: for the bytes of the transaction, its arguments and the source of the contract; null if there was no step.',
      resolve: ({ trace }) => trace.gasBefore,
    }),
    gasAtReturn: t.int({
      nullable: true,
      description:
        'Gas that was used when the method returned. What is more in `gasUsed` was for the result and for slots that are kept. Null if it failed earlier.',
      resolve: ({ trace }) => trace.gasAtReturn,
    }),
    gasUsed: t.exposeInt('gasUsed', {
      description: 'Gas that was used in the end, as in the receipt; of a failed run all that was reserved.',
    }),
    error: t.field({
      type: CallErrorRef,
      nullable: true,
      description: 'Why it failed, as this node finds by itself; null if it did not.',
      resolve: ({ failure }) => failure,
    }),
  }),
});

const pageArguments = {
  from: { description: 'Index of the first step of the page; 0 if omitted.' },
  first: {
    description: `Maximum number of steps on the page, from 1 to ${MAX_TRACE_PAGE_STEPS}; ${DEFAULT_TRACE_PAGE} if omitted.`,
  },
};

interface PageArguments {
  readonly from?: number | null | undefined;
  readonly first?: number | null | undefined;
}

/** The fields of a step count once for each step that is asked for. */
function traceComplexity({ first }: PageArguments): { field: number; multiplier: number } {
  const steps = Math.max(1, Math.min(first ?? DEFAULT_TRACE_PAGE, MAX_TRACE_PAGE_STEPS));
  return { field: TRACE_COMPLEXITY, multiplier: steps };
}

builder.objectField(SimulatedCallRef, 'trace', (t) =>
  t.field({
    type: CallTraceRef,
    description:
      'The steps in which it was executed. It is executed again for them, on the same state. A page of many steps with all of their fields exceeds the limit on the fields of an operation: ask for fewer.',
    args: { from: t.arg.int(pageArguments.from), first: t.arg.int(pageArguments.first) },
    complexity: traceComplexity,
    resolve: async (simulation, args, context) => {
      const trace = await traced(simulation, args, context);
      // Nothing that it reads can be taken back: only its caller can have gone.
      if (trace === undefined) throw callerGone();
      return trace;
    },
  }),
);

builder.queryField('transactionTrace', (t) =>
  t.field({
    type: CallTraceRef,
    nullable: true,
    description: `The steps in which a CONFIRMED deploy or call was executed, on what it read then; null for other transactions. Its block is executed again up to it, and gives the same receipt; why a call failed is what this node finds, and no rule of the network checks it. What was read is kept for the last ${KEPT_READS_BLOCKS} blocks: an older transaction is refused with BAD_INPUT.`,
    args: {
      id: t.arg({ type: 'Hash', required: true, description: 'Id of the transaction.' }),
      from: t.arg.int(pageArguments.from),
      first: t.arg.int(pageArguments.first),
    },
    complexity: traceComplexity,
    resolve: (_, { id, ...page }, context) => transactionTrace(id, page, context),
  }),
);

async function traced(
  executed: ExecutedTransaction,
  args: PageArguments,
  context: ApiContext,
  isThere: () => boolean = () => true,
): Promise<TraceModel | undefined> {
  const { node, requester } = context;
  const page = pageOf(node, args);
  const waitForTurn = turnsOf(context);
  const turn = async () => (await waitForTurn()) && isThere();
  const run = () => traceExecution(executed, page, node.contracts, turn);
  const trace = await simulationsOf(node).inPlace(run, requester);
  if (trace === undefined) return undefined;
  if ('code' in trace) throw noSimulation(trace);
  const { bytes, failure } = executed.receipt;
  return { trace, gasUsed: decodeReceipt(bytes).gasUsed, failure };
}

function pageOf(node: NodeContext, { from, first }: PageArguments): TracePage {
  if (from != null && from < 0) throw badInput('from', 'must be 0 or more');
  if (first != null && (first < 1 || first > MAX_TRACE_PAGE_STEPS))
    throw badInput('first', `must be from 1 to ${MAX_TRACE_PAGE_STEPS}`);
  const shown = (address: Address) => shownAddress(node, address);
  return { from: from ?? 0, first: first ?? DEFAULT_TRACE_PAGE, shownAddress: shown };
}

async function transactionTrace(id: Hash, page: PageArguments, context: ApiContext): Promise<TraceModel | null> {
  const { node, requester } = context;
  for (let starts = 0; starts <= MAX_RESTARTS; starts++) {
    const location = node.store.transactionLocation(id);
    const executed = location && executedAt(node, location);
    if (location === undefined || executed === undefined) return null;
    const isThere = () => node.store.hashAtHeight(location.height) === location.blockHash;
    const trace = await traced(executed, page, context, isThere);
    if (trace !== undefined) return trace;
    if (requester?.connection.destroyed) throw callerGone();
  }
  throw noSimulation({ code: 'tip-moves' });
}

/** A deploy or call of the active chain with what it was executed on; undefined for others. */
function executedAt(node: NodeContext, location: TransactionLocation): ExecutedTransaction | undefined {
  const { blockHash, height, index } = location;
  const { store } = node;
  const block = store.block(blockHash);
  assertInvariant(block !== undefined, `body of ${blockHash} is stored`);
  const transaction = block.transactions[index];
  if (transaction === undefined || !('contract' in transaction)) return undefined;
  const reads = store.blockReads(height);
  if (reads === undefined) {
    throw badInput(
      'id',
      `what the transaction read is not kept: only that of the last ${KEPT_READS_BLOCKS} blocks is, and none of blocks that an earlier version of the node has connected`,
    );
  }
  const [undo, receipt] = [store.undo(blockHash), store.receipt(transaction.txid)];
  assertInvariant(undo !== undefined && receipt !== undefined, `block ${blockHash} has undo record and receipts`);
  return {
    before: signedTransactionsOf(block).slice(0, index - 1),
    transaction,
    context: childContext(node, block.header.prevHash),
    state: RecordedState.ofBlock(decodeUndo(undo), reads, store),
    receipt,
  };
}
