// What a world for tests of contracts takes and gives. Amounts are base units.

import type { MethodArguments, MethodName, MethodResult } from '../../client/contract-class.ts';
import type { Receipt } from '../../client/contract-types.ts';
import type { AccountOrAddress, ContractArgument, Moment } from '../../client/requests.ts';
import type { DevelopmentAccount } from '../types.ts';

/** What a world begins with. */
export interface WorldOptions {
  /** Height of the block that calls are in: default: 100. */
  readonly height?: number | undefined;
  /** What `chain.time` tells, in whole seconds; default: 2030-01-01. */
  readonly time?: Moment | undefined;
}

/** The accounts of a world: Alice, Bob, Carol, Dave, Erin, Frank, Grace, Heidi, Ivan and Judy. */
export type WorldAccounts = readonly [
  ...[alice: DevelopmentAccount, bob: DevelopmentAccount, carol: DevelopmentAccount, dave: DevelopmentAccount],
  ...[erin: DevelopmentAccount, frank: DevelopmentAccount, grace: DevelopmentAccount],
  ...[heidi: DevelopmentAccount, ivan: DevelopmentAccount, judy: DevelopmentAccount],
];

/** Who calls, and with what. */
export interface CallSettings {
  /** Signs and pays: an account of the world, or its name or address. */
  readonly from?: AccountOrAddress | undefined;
  /** Base units that go to the contract; default: 0. */
  readonly amount?: bigint | undefined;
  /**
   * Most gas that it may use. Default: a dry run, and a fifth more than that used, as a client does it; a call whose dry run
   * fails is not sent. With `gas` it is sent, and one that fails costs its fee.
   */
  readonly gas?: number | undefined;
  /** Base units; default: the least that a node takes for the bytes and the gas. */
  readonly fee?: bigint | undefined;
}

/** A contract to be put into a world. */
export interface WorldDeploy<Class> extends CallSettings {
  readonly from: AccountOrAddress;
  /** TypeScript, as it would be on the chain. */
  readonly source: string;
  /** Of the constructor, in the order of its parameters. */
  readonly arguments?: readonly ContractArgument[] | undefined;
  /**
   * The class itself, imported from the source: JavaScript then runs it beside the machine, so that breakpoints in it are
   * reached. What the machine says counts; where the two differ, a `NativeRunError` says so.
   */
  readonly native?: (new (...args: never[]) => Class & object) | undefined;
}

/** What came of a call that went well. */
export interface CallOutcome<Result> {
  /** That of the transaction's bytes included. */
  readonly gasUsed: number;
  /** What the caller paid for it. */
  readonly fee: bigint;
  /** Null where the method gives nothing. */
  readonly result: Result;
  /** Of all contracts that were called, in the order in which they were emitted. */
  readonly events: Receipt['events'];
  /** What contracts paid, in order; not the amount of the call itself. */
  readonly payments: readonly ContractPayment[];
}

/** Coins that a contract paid. */
export interface ContractPayment {
  /** Address of the contract. */
  readonly from: string;
  /** Address. */
  readonly to: string;
  readonly amount: bigint;
}

/** The methods of a class that can be called from outside. */
export type SendMethods<Class> = {
  readonly [Name in MethodName<Class>]: (
    ...args: MethodArguments<Class, Name>
  ) => CallOutcome<MethodResult<Class, Name>>;
};

/** The same, run for their result alone. */
export type ViewMethods<Class> = {
  readonly [Name in MethodName<Class>]: (...args: MethodArguments<Class, Name>) => MethodResult<Class, Name>;
};

/** A contract of a world, and who calls it. */
export interface DeployedContract<Class> {
  readonly address: string;
  /** Of its class. */
  readonly name: string;
  /** Base units that it has now. */
  readonly balance: bigint;
  /** What came of its deploy. */
  readonly deployed: CallOutcome<null>;
  /** Runs a method in a transaction, and keeps what it did. Throws `CallFailedError`; then nothing has changed. */
  readonly send: SendMethods<Class>;
  /** Runs a method, gives its result, and changes nothing. Throws `CallFailedError`. */
  readonly view: ViewMethods<Class>;
  /** The same contract, called by another account, or with other settings; those that are not named stay. */
  with(settings: CallSettings): DeployedContract<Class>;
}
