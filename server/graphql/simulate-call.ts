import { ADDRESS_BYTES, type Address } from '../../consensus/address.ts';
import { MAX_CALL_GAS, MAX_SOURCE_BYTES } from '../../consensus/contract/limits.ts';
import { utf8Bytes } from '../../consensus/contract/text.ts';
import { RuleError } from '../../consensus/errors.ts';
import type { SimulationRequest, SimulationTarget } from '../contracts/simulated-transaction.ts';
import { MAX_RESTARTS, MAX_SIMULATIONS, MAX_WAITING_PER_CLIENT, type Simulation } from '../contracts/simulations.ts';
import type { NodeContext } from '../node/node-context.ts';
import { type ApiContext, builder } from './builder.ts';
import { accountArgument } from './contract.ts';
import { PROGRAM_COMPLEXITY, resultJson } from './contract-values.ts';
import { badInput } from './errors.ts';
import { childContext, noSimulation, simulationsOf, turnsOf } from './execution-places.ts';
import { argumentsFromJson } from './json-arguments.ts';
import { shownAddress } from './models.ts';
import { CallErrorRef, ContractPaymentRef, EmittedEventRef } from './receipt.ts';

/** What a simulation counts in an operation: one of all gas takes a tenth of a second. */
const SIMULATION_COMPLEXITY = 1_000;
/** Who calls where no caller is named: nobody has a key with this address. */
const NOBODY: Address = '00'.repeat(ADDRESS_BYTES);
/** Longest name of a method that a call can have. */
const MAX_METHOD_BYTES = 255;

const SimulateCallInput = builder.inputType('SimulateCallInput', {
  description:
    'What to execute: a method of a contract, or the constructor of a source. Either `contract` or `source` is given.',
  fields: (t) => ({
    contract: t.string({ description: 'Address of the contract to call.' }),
    source: t.string({ description: `Source of a contract to deploy, at most ${MAX_SOURCE_BYTES} bytes of UTF-8.` }),
    method: t.string({ description: 'Method to run; required with `contract`, and not allowed with `source`.' }),
    arguments: t.field({
      type: 'Hex',
      description: 'Encoded arguments, one after the other; none if omitted. See docs/contracts.md.',
    }),
    argsJson: t.string({
      description:
        'The arguments as the text of a JSON array, instead of `arguments`; the node encodes them by the types of the source. A bigint is a whole number or its decimal digits, an Address an address or the name of a development account, a record an object.',
    }),
    caller: t.string({
      description:
        'Who calls: an address or the name of a development account. It need not be yours. If omitted, an account without coins.',
    }),
    amount: t.field({ type: 'Amount', description: 'Coins that go from the caller to the contract; 0 if omitted.' }),
    gas: t.int({ description: `Gas to reserve; if omitted, the most that is allowed, ${MAX_CALL_GAS}.` }),
  }),
});

/** The type of a simulated call. */
export const SimulatedCallRef = builder.objectRef<Simulation>('SimulatedCall').implement({
  description: 'What would have come of a deploy or a call in a block on the tip. Nothing has changed.',
  fields: (t) => ({
    ok: t.boolean({ description: 'Whether it would take effect.', resolve: ({ receipt }) => receipt.receipt.ok }),
    gasUsed: t.int({
      description:
        'Gas that a transaction with these arguments uses, that of its bytes included: the least to reserve. If it fails, all that it reserved.',
      resolve: ({ receipt }) => receipt.receipt.gasUsed,
    }),
    result: t.field({
      type: 'Hex',
      nullable: true,
      description: 'The encoded result; null if there is none.',
      resolve: ({ receipt: { receipt } }) => (receipt.result.length > 0 ? receipt.result : null),
    }),
    resultJson: t.string({
      nullable: true,
      description: 'The result as JSON text, as `Receipt.resultJson`; null if there is none.',
      complexity: PROGRAM_COMPLEXITY,
      resolve: ({ method, contract, receipt }, _, { node }) =>
        resultJson(node, contract, method, receipt.receipt.result),
    }),
    events: t.field({
      type: [EmittedEventRef],
      description: 'Events that it would emit, in order.',
      resolve: ({ receipt }) => [...receipt.receipt.events],
    }),
    payments: t.field({
      type: [ContractPaymentRef],
      description: 'What contracts would pay, in order.',
      resolve: ({ receipt }) => [...receipt.payments],
    }),
    error: t.field({
      type: CallErrorRef,
      nullable: true,
      description: 'Why it would fail; null if it would not.',
      resolve: ({ receipt }) => receipt.failure,
    }),
    contract: t.field({
      type: 'Address',
      description: 'The contract: of a deploy where it would be, if this is the next transaction of the caller.',
      resolve: ({ contract }, _, { node }) => shownAddress(node, contract),
    }),
    tip: t.field({
      type: 'Hash',
      description: 'It was executed on the state after this block, as part of the next one.',
      resolve: ({ tip }) => tip,
    }),
  }),
});

builder.queryFields((t) => ({
  simulateCall: t.field({
    type: SimulatedCallRef,
    description: `Executes a deploy or a call on the state at the tip, as if it were in the next block without a fee, and changes nothing. Reading a contract is a call of a method that gives a result. It is begun again when the tip moves, at most ${MAX_RESTARTS} times. At most ${MAX_SIMULATIONS} run at the same time; others wait for a place, at most ${MAX_WAITING_PER_CLIENT} of one client. Beyond these limits it is refused with TOO_MUCH. What no block could hold is refused with BAD_INPUT, such as an amount that the caller does not have.`,
    args: { input: t.arg({ type: SimulateCallInput, required: true, description: 'What to execute, and for whom.' }) },
    complexity: SIMULATION_COMPLEXITY,
    resolve: async (_, { input }, context) => simulate(context, await requestOf(context, input)),
  }),
}));

type Input = typeof SimulateCallInput.$inferInput;

async function requestOf(context: ApiContext, input: Input): Promise<SimulationRequest> {
  const { node } = context;
  const { arguments: encoded, argsJson } = input;
  if (encoded != null && argsJson != null) throw badInput('argsJson', 'give arguments or argsJson, not both');
  const call = {
    target: targetOf(node, input),
    caller: input.caller == null ? NOBODY : accountArgument(node, 'caller', input.caller),
    amount: input.amount ?? 0n,
    gas: gasOf(input.gas ?? MAX_CALL_GAS),
  };
  if (argsJson == null) return { ...call, args: encoded ?? new Uint8Array() };
  // Encoding by a source compiles it, which takes as long as a slice of a call.
  await turnsOf(context)();
  return { ...call, args: argumentsFromJson(node, call.target, 'argsJson', argsJson) };
}

function targetOf(node: NodeContext, { contract, source, method }: Input): SimulationTarget {
  if (contract != null && source != null) throw badInput('source', 'give a contract or a source, not both');
  if (source != null) {
    if (method != null) throw badInput('method', 'a deploy runs the constructor; leave it out');
    const sizeBytes = sizeOf('source', source);
    if (sizeBytes > MAX_SOURCE_BYTES) throw badInput('source', `${sizeBytes} bytes, at most ${MAX_SOURCE_BYTES}`);
    return { kind: 'deploy', source };
  }
  if (contract == null) throw badInput('contract', 'give the address of a contract, or a source');
  if (method == null) throw badInput('method', 'name the method of the contract to call');
  if (sizeOf('method', method) > MAX_METHOD_BYTES)
    throw badInput('method', `a name has at most ${MAX_METHOD_BYTES} bytes`);
  return { kind: 'call', contract: accountArgument(node, 'contract', contract), method };
}

/** Bytes of a text in UTF-8, which cannot hold half a character; JSON can. */
function sizeOf(argument: string, text: string): number {
  if (/\p{Surrogate}/u.test(text)) throw badInput(argument, 'holds half of a character that has two UTF-16 units');
  return utf8Bytes(text);
}

function gasOf(gas: number): number {
  if (gas < 0 || gas > MAX_CALL_GAS) throw badInput('gas', `must be from 0 to ${MAX_CALL_GAS}`);
  return gas;
}

async function simulate(context: ApiContext, request: SimulationRequest): Promise<Simulation> {
  const { node, requester } = context;
  const tip = () => node.view.chain.tip.record.hash;
  const chain = {
    networkId: node.view.params.networkId,
    state: node.store,
    contracts: node.contracts,
    tip,
    nextBlock: () => childContext(node, tip()),
  };
  try {
    const simulation = await simulationsOf(node).run(chain, request, turnsOf(context), requester);
    if ('receipt' in simulation) return simulation;
    throw noSimulation(simulation);
  } catch (error) {
    if (error instanceof RuleError) throw badInput('input', error.message);
    throw error;
  }
}
