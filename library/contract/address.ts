declare const address_: unique symbol;

/** An account: of a person or of a contract. It is no text; `===` compares accounts, and a template text shows 40 hex digits. */
export interface Address {
  readonly [address_]: never;
}

/** Values without parts: keys of tables, elements of arrays, properties of records. */
export type Scalar = number | bigint | boolean | string | Address;
