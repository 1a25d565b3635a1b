import { Kind, type ValueNode } from 'graphql';
import { AmountError, formatAmount, parseAmount } from '../../consensus/amount.ts';
import { isHash } from '../../consensus/hash.ts';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import { quotable } from '../../consensus/quotable.ts';
import { builder } from './builder.ts';

/** Maximum text of a scalar, in characters. */
const MAX_SCALAR_CHARS = 8_192;
/** Maximum text of bytes, in characters: any transaction in hex is shorter. */
const MAX_HEX_CHARS = 65_536;

/** Maximum length of an invalid value quoted in a message. */
const MAX_QUOTED_CHARS = 80;

/** An invalid value of a scalar. GraphQL adds the variable, or the place in the document, before the message. */
export class ScalarError extends Error {
  override readonly name = 'ScalarError';
  readonly extensions = { code: 'BAD_INPUT' };
}

function wrong(message: string): ScalarError {
  return new ScalarError(message);
}

function textOf(scalar: string, value: unknown, maxChars = MAX_SCALAR_CHARS): string {
  if (typeof value !== 'string') throw wrong(`${scalar} must be a string`);
  if (value.length > maxChars) throw wrong(`${scalar} is longer than ${maxChars} characters`);
  return value;
}

function parseHash(value: unknown): string {
  const text = textOf('Hash', value).toLowerCase();
  if (!isHash(text)) throw wrong(`Hash must be 64 hex digits, not ${quoted(value)}`);
  return text;
}

function parseHex(value: unknown): Uint8Array {
  const text = textOf('Hex', value, MAX_HEX_CHARS).toLowerCase();
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw wrong('Hex must be an even number of hex digits');
  return hexToBytes(text);
}

function parseBigInt(value: unknown): bigint {
  const text = isWhole(value) ? digitsOf(value) : textOf('BigInt', value);
  if (!/^(0|[1-9][0-9]{0,77})$/.test(text)) throw wrong(`BigInt must be a decimal integer, not ${quoted(value)}`);
  return BigInt(text);
}

/** Converts coins to base units. Numbers are accepted only if they are exact: integers. */
function amountOf(value: unknown): bigint {
  if (typeof value === 'number') {
    if (!isWhole(value)) {
      throw wrong(`Amount must be a decimal string such as "1.5"; the number ${value} may have lost digits`);
    }
    return amountOf(digitsOf(value));
  }
  try {
    return parseAmount(textOf('Amount', value));
  } catch (error) {
    if (error instanceof AmountError) throw wrong(error.message);
    throw error;
  }
}

/** Whether a value is an integer that JSON represents exactly. */
function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

/** The number as it was written: `-0` is not a valid amount, but JavaScript would print it as 0. */
function digitsOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function quoted(value: unknown): string {
  return quotable(JSON.stringify(String(value).slice(0, MAX_QUOTED_CHARS)), 2 * MAX_QUOTED_CHARS);
}

/** Integer literals arrive as digits, so they are exact at any size. */
function literalText(scalar: string, node: ValueNode): string {
  if (node.kind === Kind.STRING || node.kind === Kind.INT) return node.value;
  throw wrong(`${scalar} must be a string`);
}

function stringLiteral(scalar: string, node: ValueNode): string {
  if (node.kind === Kind.STRING) return node.value;
  throw wrong(`${scalar} must be a string`);
}

builder.scalarType('Hash', {
  description:
    'A block hash, transaction id or Merkle root: 32 bytes as 64 hex digits in display order, which reverses the bytes. Input may be in upper case; output is in lower case.',
  serialize: (hash) => hash,
  parseValue: parseHash,
  parseLiteral: (node) => parseHash(stringLiteral('Hash', node)),
});

builder.scalarType('Address', {
  description: 'An address: bech32m with the prefix of the network, such as lore1….',
  serialize: (address) => address,
  parseValue: (value) => textOf('Address', value),
  parseLiteral: (node) => stringLiteral('Address', node),
});

builder.scalarType('Amount', {
  description:
    'Coins as a decimal string with up to 8 decimals, such as "10" or "0.5". Input may also be an integer, but never a float, which could lose digits.',
  serialize: (baseUnits) => formatAmount(baseUnits),
  parseValue: amountOf,
  parseLiteral: (node) => {
    if (node.kind === Kind.FLOAT) {
      amountOf(node.value);
      throw wrong(`Amount must be a decimal string: write "${node.value}"`);
    }
    return amountOf(literalText('Amount', node));
  },
});

builder.scalarType('Hex', {
  description: 'Bytes as hex digits, two per byte. Input may be in upper case; output is in lower case.',
  serialize: (bytes) => bytesToHex(bytes),
  parseValue: parseHex,
  parseLiteral: (node) => parseHex(stringLiteral('Hex', node)),
});

builder.scalarType('BigInt', {
  description: 'A non-negative integer of up to 78 decimal digits, as a decimal string. Input may also be an integer.',
  serialize: (value) => value.toString(),
  parseValue: parseBigInt,
  parseLiteral: (node) => parseBigInt(literalText('BigInt', node)),
});

builder.scalarType('DateTime', {
  description: 'A UTC time in ISO 8601 with milliseconds, such as 2026-01-01T00:00:00.000Z.',
  serialize: (date) => date.toISOString(),
  parseValue: (value) => {
    const date = new Date(textOf('DateTime', value));
    if (Number.isNaN(date.getTime())) throw wrong(`DateTime must be ISO 8601, not ${quoted(value)}`);
    return date;
  },
});

builder.scalarType('Cursor', {
  description: 'A position in the stream of events of one node. Opaque: pass it back unchanged.',
  serialize: (cursor) => cursor,
  parseValue: (value) => textOf('Cursor', value),
  parseLiteral: (node) => stringLiteral('Cursor', node),
});
