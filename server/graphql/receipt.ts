import type { Payment } from '../../consensus/contract/machine.ts';
import type { CallFailure } from '../../consensus/contract-run.ts';
import type { Receipt, ReceiptEvent } from '../../consensus/receipt.ts';
import { builder } from './builder.ts';
import { eventJson, PROGRAM_COMPLEXITY } from './contract-values.ts';
import { shownAddress } from './models.ts';

/** What came of a contract's execution, as the API shows it. */
export interface ExecutionModel {
  readonly receipt: Receipt;
  readonly failure: CallFailure | null;
  /** Null: not known. */
  readonly payments: readonly Payment[] | null;
  /** JSON text of the result; made only when it is asked for. */
  resultJson(): string | null;
}

/** The type of an event, in receipts and simulated calls. */
export const EmittedEventRef = builder.objectRef<ReceiptEvent>('EmittedEvent').implement({
  description: 'An event that a contract emitted with `chain.emit`.',
  fields: (t) => ({
    contract: t.field({
      type: 'Address',
      description: 'The contract that emitted it.',
      resolve: ({ contract }, _, { node }) => shownAddress(node, contract),
    }),
    name: t.exposeString('name', { description: 'Name of the event.' }),
    values: t.field({
      type: 'Hex',
      description: 'Its encoded values, one after the other; see docs/contracts.md.',
      resolve: ({ values }) => values,
    }),
    valuesJson: t.string({
      description:
        'Its values as the text of a JSON array: numbers, booleans and texts as they are, a bigint as decimal digits, an address as it is shown, a record as the array of its values.',
      resolve: (event, _, { node }) => eventJson(node, event),
    }),
  }),
});

/** The type of a payment of a contract. */
export const ContractPaymentRef = builder.objectRef<Payment>('ContractPayment').implement({
  description: 'Coins that a contract paid, with `chain.pay` or along with a call of another contract.',
  fields: (t) => ({
    from: t.field({
      type: 'Address',
      description: 'The contract that paid.',
      resolve: ({ from }, _, { node }) => shownAddress(node, from),
    }),
    to: t.field({
      type: 'Address',
      description: 'The account that was paid, which can be a contract.',
      resolve: ({ to }, _, { node }) => shownAddress(node, to),
    }),
    amount: t.field({ type: 'Amount', description: 'Coins.', resolve: ({ amount }) => amount }),
  }),
});

export const CallErrorRef = builder.objectRef<CallFailure>('CallError').implement({
  description:
    'Why a call failed, as this node found by itself. Only that it failed is a rule of the network: another node, or another version, may give another code and other words.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description:
        'Code of the trap, such as `required` or `out-of-gas`, or of the fault of a source that does not compile, in kebab-case; docs/contracts.md lists them. `address-taken`: the address of the deploy is in use.',
    }),
    message: t.exposeString('message', { description: 'The reason in words, for people.' }),
    contract: t.field({
      type: 'Address',
      nullable: true,
      description: 'The contract that failed: of a call within a call, the inner one.',
      resolve: ({ contract }, _, { node }) => shownAddress(node, contract),
    }),
    line: t.int({
      nullable: true,
      description: 'Line of its source, from 1; null if it failed before its first instruction or at its end.',
      resolve: ({ position }) => position?.line,
    }),
    column: t.int({
      nullable: true,
      description: 'Column in the line, from 1, in UTF-16 units; null as `line`.',
      resolve: ({ position }) => position?.column,
    }),
  }),
});

/** The type of a receipt. */
export const ReceiptRef = builder.objectRef<ExecutionModel>('Receipt').implement({
  description: 'What came of a transaction that executed a contract. The state root of its block commits to it.',
  fields: (t) => ({
    ok: t.boolean({
      description: 'Whether it took effect. A transaction that fails pays its fee, and changes nothing else.',
      resolve: ({ receipt }) => receipt.ok,
    }),
    gasUsed: t.int({
      description: 'Gas that was used; of a failed one all that it reserved.',
      resolve: ({ receipt }) => receipt.gasUsed,
    }),
    result: t.field({
      type: 'Hex',
      nullable: true,
      description: 'The encoded result of the method; null if there is none. See docs/contracts.md.',
      resolve: ({ receipt }) => (receipt.result.length > 0 ? receipt.result : null),
    }),
    resultJson: t.string({
      nullable: true,
      description:
        'The result as JSON text, by the type that the source declares: a bigint as decimal digits, an address as it is shown, a record as an object; null if there is none.',
      complexity: PROGRAM_COMPLEXITY,
      resolve: (execution) => execution.resultJson(),
    }),
    events: t.field({
      type: [EmittedEventRef],
      description: 'Events in the order in which they were emitted; none of a failed transaction.',
      resolve: ({ receipt }) => [...receipt.events],
    }),
    payments: t.field({
      type: [ContractPaymentRef],
      nullable: true,
      description:
        'What contracts paid, in order, as this node found by itself: no block holds it. None of a failed transaction. Null where the node does not know, because an earlier version connected the block; it knows after a start with --reindex.',
      resolve: ({ payments }) => payments && [...payments],
    }),
    error: t.field({
      type: CallErrorRef,
      nullable: true,
      description: 'Why it failed; null if it did not.',
      resolve: ({ failure }) => failure,
    }),
  }),
});
