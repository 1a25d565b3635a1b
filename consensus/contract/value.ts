import type { Address } from '../address.ts';

/** An account, as a contract computes with it. A text with the same digits is another value. */
export class AddressValue {
  readonly address: Address;

  constructor(address: Address) {
    this.address = address;
  }
}

/** A record: names and values in the order in which they were written. It never changes. */
export class RecordValue {
  readonly names: readonly string[];
  readonly values: readonly ScalarValue[];

  constructor(names: readonly string[], values: readonly ScalarValue[]) {
    this.names = names;
    this.values = values;
  }
}

/** A value without parts. Numbers are whole and never −0. */
export type ScalarValue = number | bigint | boolean | string | AddressValue;

/** All that a contract computes with. Only arrays can change, and they hold only scalars. */
export type Value = ScalarValue | ScalarValue[] | RecordValue;
