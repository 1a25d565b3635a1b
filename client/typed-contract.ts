// A contract as a program uses it, with the types of its class. Amounts are base units.

import type { CallOptions } from './client-options.ts';
import type {
  AnyContract,
  ConstructorArguments,
  EventValues,
  MethodArguments,
  MethodName,
  MethodResult,
  TypedEvent,
} from './contract-class.ts';
import type { CallError, ConfirmedEvent, ContractEventPage, EmittedEvent, Receipt } from './contract-types.ts';
import type { CallRequest, ContractEventFilter, DeployRequest } from './requests.ts';
import type { BlockPlace, SubmittedContract } from './types.ts';

/** What each call of a contract is made with: who signs it, its coins, its limits. */
export interface ContractDefaults
  extends Partial<Omit<CallRequest, 'contract' | 'method' | 'arguments'>>,
    CallOptions {}

/** What a call would cost now: a dry run, and a fifth more. */
export interface CallEstimate {
  /** What the dry run used. */
  readonly gasUsed: number;
  /** What would be reserved. */
  readonly gas: number;
  /** Base units, for what is reserved. */
  readonly fee: bigint;
}

/** What came of a call in a block. */
export type TypedReceipt<Result, Events extends object> = Omit<Receipt, 'ok' | 'result' | 'events' | 'error'> & {
  readonly block: BlockPlace;
  /** What the contract itself emitted; `transaction(id)` has the events of others that it called. */
  readonly events: readonly TypedEvent<Events>[];
} & (
    | { readonly ok: true; readonly result: Result; readonly error: null }
    | { readonly ok: false; readonly result: null; readonly error: CallError | null }
  );

/** A call that the node has accepted. */
export interface SentCall<Result, Events extends object> extends SubmittedContract {
  /** Waits for the receipt, as `waitForTransaction` does. What failed in its block resolves too, with `ok: false`. */
  included(
    options?: CallOptions & { readonly confirmations?: number | undefined },
  ): Promise<TypedReceipt<Result, Events>>;
}

/** Which events of a contract are wanted. */
export interface TypedEventFilter<Name extends string> extends Omit<ContractEventFilter, 'contract' | 'name'> {
  readonly name?: Name;
}

/** A page of events, see `ContractEventPage`. */
export type TypedEventPage<Event> = Omit<ContractEventPage, 'events'> & {
  readonly events: readonly (Event & Omit<ConfirmedEvent, keyof EmittedEvent>)[];
};

/**
 * A contract at an address, by the methods of its class. All of them reject with a `ClientError`: of the kind `bad-argument` for a
 * method or an argument that its source does not have, before anything is sent; of the kind `failed` with `details.callError` where
 * the call fails.
 */
export interface TypedContract<Class, Events extends object = EventValues> {
  readonly address: string;
  /** Signs a call and submits it, as `call` does: without `gas` after a dry run, which must go well. */
  readonly send: {
    readonly [Name in MethodName<Class>]: (
      ...args: MethodArguments<Class, Name>
    ) => Promise<SentCall<MethodResult<Class, Name>, Events>>;
  };
  /** Runs a method at the tip, which changes nothing and costs nothing. */
  readonly view: {
    readonly [Name in MethodName<Class>]: (...args: MethodArguments<Class, Name>) => Promise<MethodResult<Class, Name>>;
  };
  /** What `send` would reserve and pay. Signs, and submits nothing. */
  readonly estimate: {
    readonly [Name in MethodName<Class>]: (...args: MethodArguments<Class, Name>) => Promise<CallEstimate>;
  };
  /**
   * A page of what it emitted on the active chain, newest first, as `contractEvents` gives it. A reorg can take events back:
   * `events()` of the node tells that.
   */
  events<Name extends keyof Events & string = keyof Events & string>(
    filter?: TypedEventFilter<Name>,
  ): Promise<TypedEventPage<Extract<TypedEvent<Events>, { readonly name: Name }>>>;
  /** The same contract with these defaults in place of those of the same name. */
  with(defaults: ContractDefaults): TypedContract<Class, Events>;
}

/** A contract to be put on the chain, with the arguments of its constructor. */
export type DeployOrder<Class = AnyContract> = Omit<DeployRequest, 'arguments'> &
  (readonly [] extends ConstructorArguments<Class>
    ? { readonly arguments?: ConstructorArguments<Class> }
    : { readonly arguments: ConstructorArguments<Class> });
