import { parseAmount } from '../consensus/amount.ts';
import type { ResultType } from '../consensus/contract/types.ts';
import { prefixOfAddress } from '../consensus/spending-rules.ts';
import { ClientError, succeeded } from './client-error.ts';
import type {
  CallTrace,
  Contract,
  ContractEventPage,
  ContractScalarKind,
  ContractType,
  EmittedEvent,
  Receipt,
  SimulatedCall,
} from './contract-types.ts';
import { decodeResult, decodeValues } from './contract-values.ts';
import type { ResultOf } from './graphql.ts';
import type * as documents from './operation-documents.ts';
import type {
  Account,
  Block,
  BlockPage,
  BlockTemplate,
  ChainTip,
  DevAccount,
  Mempool,
  MinedBlock,
  NodeEvent,
  Transaction,
} from './types.ts';

// Answers come with the scalars of the schema, whose 64-bit numbers and amounts are text. Programs get them as numbers:
// this file turns the one into the other, and knows which fields they are in.

type Answer<Field extends keyof typeof documents> = ResultOf<(typeof documents)[Field]>;

/** An event as it is streamed; a gap is told by the watch itself. */
export type StreamedEvent = Exclude<Answer<'FollowSubscription'>['events'], { __typename: 'GapEvent' }>;

/** Digits of the largest whole number that a node gives, which has 256 bits. */
const MAX_DIGITS = 78;
const WHOLE_NUMBER = /^\d+$/;

/**
 * What `convert` makes of the data of an answer. Throws {@link ClientError} `not-a-node` where that is not what the schema
 * says: a node may leave out any field, or fill it with anything. A `ClientError` of `convert` is thrown as it is.
 */
export function typedAnswer<Data, Typed>(url: string, data: Data, convert: (data: Data) => Typed): Typed {
  try {
    return convert(data);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw new ClientError('not-a-node', `${url} answers, but not as a node does`, { cause: error });
  }
}

// All that follow throw some error for what is not of the schema; they are used within typedAnswer.

export function blockOf(block: Answer<'TipQuery'>['tip']): Block {
  return { ...block, totalWork: wholeNumberOf(block.totalWork), reward: parseAmount(block.reward) };
}

export function blockPageOf({ edges, pageInfo }: Answer<'BlockSummariesQuery'>['blocks']): BlockPage {
  return { edges: edges.map(({ cursor, node }) => ({ cursor, node: blockOf(node) })), pageInfo };
}

export function transactionOf(transaction: NonNullable<Answer<'TransactionSummaryQuery'>['transaction']>): Transaction {
  const { nonce, contract, receipt } = transaction;
  return {
    ...withSums(transaction),
    nonce: nonce === null ? null : wholeNumberOf(nonce),
    receipt: receipt && executionOf(receipt, contract ?? '', undefined),
  };
}

export function contractOf(contract: NonNullable<Answer<'ContractQuery'>['contract']>): Contract {
  const { methods, fields } = contract;
  return {
    ...contract,
    balance: parseAmount(contract.balance),
    methods: methods.map((method) => ({
      ...method,
      parameters: method.parameters.map((parameter) => ({ ...parameter, valueType: typeOf(parameter.valueType) })),
      resultType: method.resultType && typeOf(method.resultType),
    })),
    fields: fields.map((field) => ({ ...field, valueType: typeOf(field.valueType) })),
  };
}

type GivenType = NonNullable<Answer<'ContractQuery'>['contract']>['fields'][number]['valueType'];

function typeOf({ kind, element, name, properties }: GivenType): ContractType {
  switch (kind) {
    case 'ARRAY':
      return { kind, element: scalarKindOf(element?.kind) };
    case 'RECORD':
      return {
        kind,
        name: name ?? '',
        properties: (properties ?? []).map((each) => ({ name: each.name, type: scalarKindOf(each.type.kind) })),
      };
    default:
      return { kind };
  }
}

function scalarKindOf(kind: GivenType['kind'] | undefined): ContractScalarKind {
  if (kind !== undefined && kind !== 'ARRAY' && kind !== 'RECORD') return kind;
  throw new TypeError(`${kind} is no type without parts`);
}

/** @param type of the result as its method declares it; undefined: it gives nothing */
export function simulatedCallOf(
  simulated: Answer<'SimulateCallQuery'>['simulateCall'],
  type: ResultType,
  trace: CallTrace | null,
): SimulatedCall {
  const { contract, payments, tip } = simulated;
  return { ...executionOf(simulated, contract, type), contract, tip, payments: payments.map(paymentOf), trace };
}

type Executed = Omit<
  NonNullable<NonNullable<Answer<'TransactionSummaryQuery'>['transaction']>['receipt']>,
  'resultJson'
>;

function executionOf(executed: Executed, contract: string, type: ResultType): Receipt {
  const { ok, gasUsed, result, events, payments, error } = executed;
  return {
    ok,
    gasUsed,
    result: result === null ? null : decodeResult(result, type, prefixOfAddress(contract)),
    events: events.map(emittedOf),
    payments: payments?.map(paymentOf) ?? null,
    error,
  };
}

type Emitted = Pick<Executed['events'][number], 'contract' | 'name' | 'values'>;

function emittedOf({ contract, name, values }: Emitted): EmittedEvent {
  return { contract, name, values: decodeValues(values, prefixOfAddress(contract)) };
}

export function eventPageOf({ edges, pageInfo }: Answer<'ContractEventsQuery'>['contractEvents']): ContractEventPage {
  const events = edges.map(({ node }) => {
    const { contract, values } = node;
    return { ...node, values: decodeValues(values, prefixOfAddress(contract)) };
  });
  return { events, endCursor: pageInfo.endCursor, hasNextPage: pageInfo.hasNextPage };
}

function paymentOf<Paid extends { readonly amount: string }>(payment: Paid) {
  return { ...payment, amount: parseAmount(payment.amount) };
}

export function accountOf(account: Answer<'AccountSummaryQuery'>['account']): Account {
  return {
    ...account,
    balance: parseAmount(account.balance),
    nonce: wholeNumberOf(account.nonce),
    pendingBalance: parseAmount(account.pendingBalance),
    pendingNonce: wholeNumberOf(account.pendingNonce),
    transactions: {
      edges: account.transactions.edges.map(({ node }) => {
        const { receipt } = node;
        const payments = receipt?.payments?.map(paymentOf);
        return { node: { ...withSums(node), receipt: receipt && { ...receipt, payments: payments ?? null } } };
      }),
    },
  };
}

export function mempoolOf(mempool: Answer<'MempoolQuery'>['mempool']): Mempool {
  return {
    ...mempool,
    minimumFeeRate: parseAmount(mempool.minimumFeeRate),
    transactions: { edges: mempool.transactions.edges.map(({ node }) => ({ node: transferOf(node) })) },
  };
}

export function blockTemplateOf(template: Answer<'TemplateQuery'>['blockTemplate']): BlockTemplate {
  return {
    ...template,
    reward: parseAmount(template.reward),
    fees: parseAmount(template.fees),
    transactions: template.transactions.map(transferOf),
  };
}

export function chainTipOf(tip: Answer<'TipsQuery'>['chainTips'][number]): ChainTip {
  return { ...tip, totalWork: wholeNumberOf(tip.totalWork) };
}

export function devAccountOf(account: Answer<'DevAccountsQuery'>['devAccounts'][number]): DevAccount {
  return { ...account, balance: parseAmount(account.balance) };
}

export function minedBlockOf<Mined extends { readonly reward: string } & Omit<MinedBlock, 'reward'>>(
  block: Mined,
): MinedBlock {
  return { ...block, reward: parseAmount(block.reward) };
}

export function eventOf(event: StreamedEvent): NodeEvent {
  if (event.__typename === 'ContractEvent') return { ...event, events: event.events.map(emittedOf) };
  if (event.__typename !== 'BlockEvent') return event;
  return { ...event, block: { ...event.block, reward: parseAmount(event.block.reward) } };
}

/** A transfer that waits: it always has a nonce. */
function transferOf<Waiting extends Sums & { readonly nonce: string | null }>(transfer: Waiting) {
  return { ...withSums(transfer), nonce: wholeNumberOf(transfer.nonce) };
}

interface Sums {
  readonly amount: string;
  readonly fee: string;
}

function withSums<Moving extends Sums>(transaction: Moving) {
  return { ...transaction, amount: parseAmount(transaction.amount), fee: parseAmount(transaction.fee) };
}

/** The wall clock that a change of it gives. */
export function timeOf(change: Answer<'SetTimeMutation'>['change']): Date {
  return new Date(succeeded(change).now);
}

function wholeNumberOf(text: string | null): bigint {
  if (text !== null && text.length <= MAX_DIGITS && WHOLE_NUMBER.test(text)) return BigInt(text);
  throw new RangeError(`"${text}" is no whole number`);
}
