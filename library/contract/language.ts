// What a contract can use without declaring it, for editors, for `tsc --strict` and for native runs: docs/contracts.md says what
// each does. The machine does not read this file. It knows less than TypeScript does: what TypeScript accepts need not compile.

import { isRawAddress } from '../../consensus/address.ts';
import { Trap } from '../../consensus/contract/trap.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { sha256 as sha256OfBytes } from '../../consensus/sha256.ts';
import type { Address, Scalar } from './address.ts';
import { bindList, bindTable, elementsOf, entriesOf, HeldElements, HeldEntries } from './native/containers.ts';
import { addressObject } from './native/native-address.ts';
import { nativeHost } from './native/native-host.ts';

/** The account with these 40 hex digits in lower case. */
export function address(digits: string): Address {
  if (typeof digits !== 'string' || !isRawAddress(digits)) throw new Trap('bad-address');
  return addressObject(digits);
}

/** Entries by key, as a field: `votes = new Table<Address, number>(0)`. An entry that was never set is `absent`. */
export class Table<K extends Scalar, V> {
  constructor(absent: V) {
    bindTable(this, new HeldEntries(absent));
  }

  get(key: K): V {
    return entriesOf(this).get(key) as V;
  }

  set(key: K, value: V): void {
    entriesOf(this).set(key, value);
  }

  /** Whether there is an entry, also one that equals `absent`. */
  has(key: K): boolean {
    return entriesOf(this).has(key);
  }

  delete(key: K): void {
    entriesOf(this).delete(key);
  }
}

/** Elements in order, as a field: `bids = new List<Bid>()`. Each has a place of its own in the state, unlike those of an array. */
export class List<T> {
  constructor() {
    bindList(this, new HeldElements());
  }

  get length(): number {
    return elementsOf(this).length;
  }

  /** The call fails where there is no such element; `pop` likewise. */
  get(index: number): T {
    return elementsOf(this).get(index) as T;
  }

  set(index: number, value: T): void {
    elementsOf(this).set(index, value);
  }

  push(value: T): void {
    elementsOf(this).push(value);
  }

  pop(): T {
    return elementsOf(this).pop() as T;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }
}

/** What a contract knows of the chain, and does on it. */
export interface Chain {
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
}

export const chain: Chain = {
  get caller() {
    return nativeHost().caller;
  },
  get value() {
    return nativeHost().value;
  },
  get balance() {
    return nativeHost().balance;
  },
  get height() {
    return nativeHost().height;
  },
  get time() {
    return nativeHost().time;
  },
  hash: (height) => nativeHost().hash(height),
  pay: (to, amount) => nativeHost().pay(to, amount),
  emit: (name, ...values) => nativeHost().emit(name, values),
};

/** Ends the call with a message, and takes back all that it did, unless the condition is true. */
export function require(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Trap('required', message);
}

/** Another contract, through an interface of its methods: `at<Token>(token).transfer(to, 5n)`. `value` comes with the call. */
export function at<I>(contract: Address, value = 0n): I {
  return nativeHost().at(contract, value) as I;
}

/** SHA-256 of the UTF-8 of a text, 64 hex digits. */
export function sha256(text: string): string {
  return bytesToHex(sha256OfBytes(utf8ToBytes(text)));
}

/** Whether `key` signed this message for this contract. Hex digits: 64 of the key, 128 of the signature. */
export function verify(key: string, message: string, signature: string): boolean {
  return nativeHost().verify(key, message, signature);
}
