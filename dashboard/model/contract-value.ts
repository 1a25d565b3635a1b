import { formatAddress } from '../../consensus/address.ts';
import { ByteReader, DecodeError } from '../../consensus/codec.ts';
import { decodeUntypedValue } from '../../consensus/contract/encoding.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from '../../consensus/contract/value.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { quotable } from '../../consensus/quotable.ts';

/** A value of a contract, as it is shown. An account is told apart from a text with the same letters. */
export type ShownValue = ShownScalar | { readonly kind: 'list'; readonly items: readonly ShownScalar[] } | ShownRecord;

export type ShownScalar =
  | { readonly kind: 'account'; readonly address: string }
  | { readonly kind: 'text'; readonly text: string }
  /** A number or a boolean, as a source writes it. */
  | { readonly kind: 'plain'; readonly text: string };

export interface ShownRecord {
  readonly kind: 'record';
  readonly properties: readonly { readonly name: string; readonly value: ShownScalar }[];
}

/** Characters of a text, and elements of a list, that a sentence has room for. */
const MAX_SENTENCE_CHARS = 40;
const MAX_SENTENCE_ITEMS = 4;

/** @param addressPrefix of the network */
export function shownValue(value: Value, addressPrefix: string): ShownValue {
  const scalar = (each: ScalarValue): ShownScalar => shownScalar(each, addressPrefix);
  if (Array.isArray(value)) return { kind: 'list', items: value.map(scalar) };
  if (!(value instanceof RecordValue)) return scalar(value);
  const properties = value.names.map((name, i) => ({ name, value: scalar(value.values[i] as ScalarValue) }));
  return { kind: 'record', properties };
}

function shownScalar(value: ScalarValue, addressPrefix: string): ShownScalar {
  if (value instanceof AddressValue) return { kind: 'account', address: formatAddress(value.address, addressPrefix) };
  return typeof value === 'string' ? { kind: 'text', text: value } : { kind: 'plain', text: String(value) };
}

/**
 * Arguments, or the values of an event, from their encoding; null for bytes that are none. Nothing says how the properties of
 * a record are called: it is shown as a list.
 */
export function shownValues(hex: string, addressPrefix: string): readonly ShownValue[] | null {
  try {
    const reader = new ByteReader(hexToBytes(hex));
    const values: ShownValue[] = [];
    while (reader.remaining > 0) values.push(shownValue(decodeUntypedValue(reader), addressPrefix));
    return values;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** A value in a sentence: `“noodles”`, `[1, 2, …]`. @param nameOf what an account is called */
export function valueText(value: ShownValue, nameOf: (address: string) => string): string {
  switch (value.kind) {
    case 'account':
      return nameOf(value.address);
    case 'text':
      return `“${quotable(value.text, MAX_SENTENCE_CHARS)}”`;
    case 'plain':
      return value.text;
    case 'list': {
      const items = value.items.slice(0, MAX_SENTENCE_ITEMS).map((item) => valueText(item, nameOf));
      return `[${[...items, ...(value.items.length > MAX_SENTENCE_ITEMS ? ['…'] : [])].join(', ')}]`;
    }
    case 'record':
      return `{ ${value.properties.map((each) => `${each.name}: ${valueText(each.value, nameOf)}`).join(', ')} }`;
  }
}
