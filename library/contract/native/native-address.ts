import type { Address as RawAddress } from '../../../consensus/address.ts';
import type { Address } from '../address.ts';

/** An account as JavaScript has it. */
class AddressObject {
  readonly #raw: RawAddress;

  constructor(raw: RawAddress) {
    this.#raw = raw;
  }

  /** What a template text shows. */
  toString(): string {
    return this.#raw;
  }
}

/** One object for each account, so that `===` compares accounts. */
const known = new Map<RawAddress, AddressObject>();

/** The account with these 40 hex digits. */
export function addressObject(raw: RawAddress): Address {
  const object = known.get(raw) ?? new AddressObject(raw);
  known.set(raw, object);
  return object as unknown as Address;
}

/** The 40 hex digits of an account; undefined for any other value. */
export function rawAddressOf(value: unknown): RawAddress | undefined {
  return value instanceof AddressObject ? value.toString() : undefined;
}
