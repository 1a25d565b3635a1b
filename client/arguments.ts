import type { CallOptions, NodeClientOptions, WebSocketClass } from './client-options.ts';
import type { LinkConditions } from './link-conditions.ts';
import { badArgument, type FieldsRead, type NamedObject, type Reader, readFields } from './read-fields.ts';
import * as read from './readers.ts';
import type {
  CallRequest,
  ContractEventFilter,
  DeployRequest,
  KeyOwner,
  MessageRequest,
  MiningOrder,
  MiningSettings,
  TransferRequest,
  ViewRequest,
} from './requests.ts';
import type { TracePage } from './trace-types.ts';
import type { ContractDefaults } from './typed-contract.ts';

// What each object of a caller may hold. A field that a type has and a table lacks does not compile.

type FieldsOf<Given> = Record<keyof Given, Reader<unknown>>;

const CALL_OPTIONS = {
  timeoutMs: read.optional(read.timeLimit),
  signal: read.optional(read.abortSignal),
} satisfies FieldsOf<CallOptions>;

const MINING_ORDER = {
  count: read.optional(read.wholeNumber(1)),
  to: read.optional(read.account),
  transactions: read.optional(read.listOf(read.hash)),
  parent: read.optional(read.hash),
} satisfies FieldsOf<MiningOrder>;

const MINING_SETTINGS = {
  mode: read.oneOf('CONTINUOUS', 'INTERVAL', 'OFF', 'ON_TRANSACTION'),
  threads: read.optional(read.wholeNumber(1)),
  hashrateLimit: read.optional(read.finiteNumber),
  intervalSeconds: read.optional(read.finiteNumber),
  address: read.optional(read.account),
} satisfies FieldsOf<MiningSettings>;

const TRANSFER = {
  from: payer,
  to: read.account,
  amount: read.baseUnits,
  fee: read.optional(read.baseUnits),
  memo: read.optional(read.anyText),
  nonce: read.optional(read.accountNonce),
  genesisHash: read.optional(read.hash),
} satisfies FieldsOf<TransferRequest>;

const EXECUTION = {
  amount: read.optional(read.baseUnits),
  gas: read.optional(read.wholeNumber(0)),
  fee: read.optional(read.baseUnits),
  nonce: read.optional(read.accountNonce),
  genesisHash: read.optional(read.hash),
};

const CONTRACT_ORDER = { ...EXECUTION, from: payer, arguments: read.optional(read.contractArguments) };

const CONTRACT_DEFAULTS = {
  ...EXECUTION,
  from: read.optional(payer),
  ...CALL_OPTIONS,
} satisfies FieldsOf<ContractDefaults>;

const DEPLOY = { ...CONTRACT_ORDER, source: read.anyText } satisfies FieldsOf<DeployRequest>;

const CALL = {
  ...CONTRACT_ORDER,
  contract: read.contractAddress,
  method: read.plainText,
} satisfies FieldsOf<CallRequest>;

const TRACE_PAGE = {
  from: read.optional(read.wholeNumber(0)),
  first: read.optional(read.wholeNumber(1)),
} satisfies FieldsOf<TracePage>;

const VIEW = {
  contract: read.contractAddress,
  method: read.plainText,
  arguments: CONTRACT_ORDER.arguments,
  caller: read.optional(read.account),
  amount: CONTRACT_ORDER.amount,
  gas: CONTRACT_ORDER.gas,
  trace: read.optional(tracePage),
} satisfies FieldsOf<ViewRequest>;

const MESSAGE = {
  from: keyOwner,
  contract: read.contractAddress,
  message: read.anyText,
  genesisHash: read.hash,
} satisfies FieldsOf<MessageRequest>;

const EVENT_FILTER = {
  contract: read.optional(read.contractAddress),
  name: read.optional(read.plainText),
  transaction: read.optional(read.hash),
  fromHeight: read.optional(read.wholeNumber(0)),
  toHeight: read.optional(read.wholeNumber(0)),
  first: read.optional(read.wholeNumber(0)),
  after: read.optional(read.plainText),
} satisfies FieldsOf<ContractEventFilter>;

const LINK_CONDITIONS = {
  delayMs: read.optional(read.listOf(read.wholeNumber(0))),
  bytesPerSecond: read.optional(read.nullable(read.wholeNumber(0))),
  loss: read.optional(read.finiteNumber),
  cut: read.optional(read.truth),
} satisfies FieldsOf<LinkConditions>;

const PAGE = { first: read.optional(read.wholeNumber(0)), after: read.optional(read.plainText) };
const EVENTS = { after: read.optional(read.plainText), signal: CALL_OPTIONS.signal };
const CONFIRMATIONS = { ...CALL_OPTIONS, confirmations: read.optional(read.wholeNumber(0)) };

const CLIENT_OPTIONS = {
  url: read.anyText,
  adminToken: read.optional(read.anyText),
  webSocket: read.optional(read.functionLike<WebSocketClass>()),
  fetch: read.optional(read.functionLike<typeof fetch>()),
  answerTimeoutMs: read.optional(read.timeLimit),
  maxAnswerBytes: read.optional(read.finiteNumber),
  closed: read.optional(read.abortSignal),
} satisfies FieldsOf<NodeClientOptions>;

/** Reads the object that an argument is. */
function objectReader<Fields extends Record<string, Reader<unknown>>>(
  named: NamedObject,
  fields: Fields,
): (given: unknown) => FieldsRead<Fields> {
  return (given) => readFields(named, fields, given);
}

// Each throws `ClientError` `bad-argument`.

export const readCallOptions = objectReader({ label: 'options', example: '{ timeoutMs: 5000 }' }, CALL_OPTIONS);
export const readWaitOptions = objectReader({ label: 'options', example: '{ confirmations: 2 }' }, CONFIRMATIONS);
export const readEventOptions = objectReader({ label: 'events', example: 'events({ after: cursor })' }, EVENTS);
export const readPage = objectReader({ label: 'blocks', example: 'blocks({ first: 3 })' }, PAGE);
export const readMiningOrder = objectReader({ label: 'mine', example: 'mine({ count: 3 })' }, MINING_ORDER);
export const readMiningSettings = objectReader(
  { label: 'setMining', example: "setMining({ mode: 'OFF' })" },
  MINING_SETTINGS,
);
export const readTransfer = objectReader(
  { label: 'send', example: "send({ from: 'Alice', to: 'Bob', amount: parseCoins('1.5') })" },
  TRANSFER,
);
export const readDeploy = objectReader(
  { label: 'deploy', example: "deploy({ from: 'Alice', source, arguments: [['noodles', 'rice'], 100] })" },
  DEPLOY,
);
export const readCall = objectReader(
  { label: 'call', example: "call({ from: 'Alice', contract, method: 'vote', arguments: [0] })" },
  CALL,
);
export const readView = objectReader(
  { label: 'simulateCall', example: "simulateCall({ contract, method: 'winner' })" },
  VIEW,
);
export const readTracePage = objectReader(
  { label: 'transactionTrace', example: 'transactionTrace(id, { from: 0, first: 100 })' },
  TRACE_PAGE,
);
export const readContractDefaults = objectReader(
  { label: 'contract', example: "contract(address, { from: 'Alice' })" },
  CONTRACT_DEFAULTS,
);
export const readMessage = objectReader(
  { label: 'signMessage', example: "signMessage({ from: keyPair, contract, message: 'pay the seller', genesisHash })" },
  MESSAGE,
);
export const readEventFilter = objectReader(
  { label: 'contractEvents', example: "contractEvents({ contract, name: 'Voted' })" },
  EVENT_FILTER,
);
export const readLinkConditions = objectReader(
  { label: 'setLinkConditions', example: 'setLinkConditions(url, { loss: 0.1 })' },
  LINK_CONDITIONS,
);
export const readClientOptions = objectReader(
  { label: 'connectNode', example: "connectNode({ url: 'http://127.0.0.1:5000' })" },
  CLIENT_OPTIONS,
);

/** A page of a trace within another object. */
function tracePage(label: string, value: unknown): TracePage {
  return readFields({ label, example: '{ from: 0, first: 100 }' }, TRACE_PAGE, value);
}

/** Who pays: the keys of an account, or the name of a development account. */
function payer(label: string, value: unknown): KeyOwner | string {
  const known = read.account(label, value);
  return typeof known === 'string' ? known : keyOwner(label, value);
}

/** The keys of an account. Other fields of it are not read. */
function keyOwner(label: string, value: unknown): KeyOwner {
  const known = read.account(label, value);
  if (typeof known === 'string')
    throw badArgument(`${label} must have the keys of an account, not its name or address`);
  return { ...known, secretKey: read.secretKey(`${label}.secretKey`, (value as Partial<KeyOwner>).secretKey) };
}
