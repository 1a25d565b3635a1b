import type { ResultType } from '../consensus/contract/types.ts';
import { readCall, readCallOptions, readContractDefaults } from './arguments.ts';
import { ClientError, callFailed } from './client-error.ts';
import type { CallOptions } from './client-options.ts';
import type { TypedEvent } from './contract-class.ts';
import type { ContractEventPage, ContractValue } from './contract-types.ts';
import { namedResult } from './contract-values.ts';
import { executeContract } from './execute-contract.ts';
import type { NodeClient } from './node-client.ts';
import type { NodeTransport } from './node-transport.ts';
import { badArgument } from './read-fields.ts';
import type { CallRequest, ContractArgument } from './requests.ts';
import type {
  CallEstimate,
  ContractDefaults,
  SentCall,
  TypedContract,
  TypedEventFilter,
  TypedReceipt,
} from './typed-contract.ts';
import type { SubmittedContract } from './types.ts';

type Arguments = readonly ContractArgument[];
type Result = ContractValue | null;

/** What JavaScript asks of any object by itself, in `await` and in `JSON.stringify`. No contract has a method of such a name. */
const ASKED_OF_OBJECTS: readonly (string | symbol)[] = ['then', 'toJSON'];

/** Calls the methods of one contract by their names, whatever its class is. */
export class ContractCaller {
  readonly #node: NodeClient;
  readonly #transport: NodeTransport;
  readonly #address: string;
  readonly #defaults: ContractDefaults;

  constructor(node: NodeClient, transport: NodeTransport, address: string, defaults: ContractDefaults) {
    this.#node = node;
    this.#transport = transport;
    this.#address = address;
    this.#defaults = defaults;
  }

  /** The contract with the types of its class, which nothing checks but the compiler and, at each call, the contract's source. */
  typed<Class, Events extends object>(): TypedContract<Class, Events> {
    const contract: Omit<TypedContract<Class, Events>, 'send' | 'view' | 'estimate'> = {
      address: this.#address,
      // Their names and values are what the program says of them.
      events: ((filter?: TypedEventFilter<string>) => this.#events(filter)) as TypedContract<Class, Events>['events'],
      with: (defaults) => this.#with(defaults).typed(),
    };
    const methods = {
      send: methodsOf((method, args) => this.#send<Events>(method, args)),
      view: methodsOf((method, args) => this.#view(method, args)),
      estimate: methodsOf((method, args) => this.#estimate(method, args)),
    };
    return { ...contract, ...methods } as TypedContract<Class, Events>;
  }

  async #events(filter: TypedEventFilter<string> = {}): Promise<ContractEventPage> {
    const { timeoutMs, signal } = this.#defaults;
    return await this.#node.contractEvents({ ...filter, contract: this.#address }, { timeoutMs, signal });
  }

  #with(defaults: ContractDefaults): ContractCaller {
    const changed = { ...this.#defaults, ...readContractDefaults(defaults) };
    return new ContractCaller(this.#node, this.#transport, this.#address, changed);
  }

  async #send<Events extends object>(method: string, args: Arguments): Promise<SentCall<Result, Events>> {
    const { order, limits } = this.#call('send', method, args);
    const { submitted, result } = await executeContract(this.#node, this.#transport, order, limits);
    return {
      ...submitted,
      included: async (options = {}) => await this.#receiptOf<Events>(submitted, result, { ...limits, ...options }),
    };
  }

  async #view(method: string, args: Arguments): Promise<Result> {
    const { from, amount, gas, timeoutMs, signal } = this.#defaults;
    const request = {
      contract: this.#address,
      method,
      arguments: args,
      ...(from !== undefined && { caller: from }),
      ...(amount !== undefined && { amount }),
      ...(gas !== undefined && { gas }),
    };
    const { result, error } = await this.#node.simulateCall(request, { timeoutMs, signal });
    if (error !== null) throw callFailed(`${method} fails`, error, this.#address);
    return result;
  }

  async #estimate(method: string, args: Arguments): Promise<CallEstimate> {
    const { order, limits } = this.#call('estimate', method, args);
    const { estimateCall } = await import('./prepare-contract.ts');
    return await estimateCall(this.#transport, order, limits);
  }

  /** Throws `ClientError` `bad-argument` where nobody is named who signs. */
  #call(kind: string, method: string, args: Arguments): { order: CallRequest; limits: CallOptions } {
    const { from, timeoutMs, signal, ...others } = this.#defaults;
    if (from === undefined) {
      throw badArgument(`${kind}.${method}: nobody signs; say who, as in contract.with({ from: 'Alice' })`);
    }
    const order = readCall({ ...others, from, contract: this.#address, method, arguments: args });
    return { order, limits: readCallOptions({ timeoutMs, signal }) };
  }

  async #receiptOf<Events extends object>(
    { id, contract }: SubmittedContract,
    type: ResultType,
    options: CallOptions,
  ): Promise<TypedReceipt<Result, Events>> {
    const { receipt, block } = await this.#node.waitForTransaction(id, options);
    if (receipt === null) throw new ClientError('not-a-node', `${this.#node.url} answers, but not as a node does`);
    const { ok, error, result, events, ...others } = receipt;
    const own = events.filter((event) => event.contract === contract) as unknown as readonly TypedEvent<Events>[];
    const outcome = ok ? { ok, result: namedResult(result, type), error: null } : { ok, result: null, error };
    return { ...others, ...outcome, block, events: own };
  }
}

/** An object that has every method: whether the contract does, is found when it is called. */
function methodsOf<Called>(call: (method: string, args: Arguments) => Promise<Called>): object {
  return new Proxy(Object.create(null), {
    get: (_, name) => {
      if (typeof name !== 'string' || ASKED_OF_OBJECTS.includes(name)) return undefined;
      return (...args: Arguments) => call(name, args);
    },
  });
}
