/*
 * What a contract can use without declaring it, for editors and for `tsc --strict`: docs/contracts.md says what each does. The
 * machine does not read this file. It knows less than TypeScript does: what TypeScript accepts need not compile.
 */

declare const address_: unique symbol;

/** An account: of a person or of a contract. It is no text; `===` compares accounts, and a template text shows 40 hex digits. */
export interface Address {
  readonly [address_]: never;
}

/** The account with these 40 hex digits in lower case. */
export function address(digits: string): Address;

/** Values without parts: keys of tables, elements of arrays, properties of records. */
type Scalar = number | bigint | boolean | string | Address;

/** Entries by key, as a field: `votes = new Table<Address, number>(0)`. An entry that was never set is `absent`. */
export class Table<K extends Scalar, V> {
  constructor(absent: V);
  get(key: K): V;
  set(key: K, value: V): void;
  /** Whether there is an entry, also one that equals `absent`. */
  has(key: K): boolean;
  delete(key: K): void;
}

/** Elements in order, as a field: `bids = new List<Bid>()`. Each has a place of its own in the state, unlike those of an array. */
export class List<T> {
  readonly length: number;
  /** The call fails where there is no such element; `pop` likewise. */
  get(index: number): T;
  set(index: number, value: T): void;
  push(value: T): void;
  pop(): T;
  [Symbol.iterator](): IterableIterator<T>;
}

export declare const chain: {
  /** Who called: an account, or another contract. */
  readonly caller: Address;
  /** Base units that came with this call. A method that does not mention it takes none. */
  readonly value: bigint;
  /** Base units that this contract has, `value` included. */
  readonly balance: bigint;
  /** Of the block that the call is in. */
  readonly height: number;
  /** Median of the times of the 11 blocks below, in seconds since 1970. */
  readonly time: number;
  /** The hash of one of the 256 blocks below, 64 hex digits. */
  hash(height: number): string;
  /** Sends base units of this contract. */
  pay(to: Address, amount: bigint): void;
  /** Tells an event; its name is a text that is written there. */
  emit(name: string, ...values: readonly (Scalar | readonly Scalar[])[]): void;
};

/** Ends the call with a message, and takes back all that it did, unless the condition is true. */
export function require(condition: boolean, message: string): asserts condition;

/** Another contract, through an interface of its methods: `at<Token>(token).transfer(to, 5n)`. `value` comes with the call. */
export function at<I>(contract: Address, value?: bigint): I;

/** SHA-256 of the UTF-8 of a text, 64 hex digits. */
export function sha256(text: string): string;

/** Whether `key` signed this message for this contract. Hex digits: 64 of the key, 128 of the signature. */
export function verify(key: string, message: string, signature: string): boolean;
