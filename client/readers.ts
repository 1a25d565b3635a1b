import { MAX_AMOUNT } from '../consensus/amount.ts';
import { isHash } from '../consensus/hash.ts';
import { checkSignal, checkTimeout } from './call-limits.ts';
import { isObject } from './client-error.ts';
import { momentOf } from './moment.ts';
import { badArgument, kindOf, type Reader } from './read-fields.ts';
import type { AccountOrAddress, ContractArgument } from './requests.ts';

// Readers of single values. All throw `ClientError` `bad-argument`, whose message never shows the value.

/** Largest `Int` of GraphQL: heights, counts and seconds. */
export const MAX_INT = 2 ** 31 - 1;
const SECRET_KEY_BYTES = 32;
/** What may be a secret key as text; a hash looks the same. */
const LIKE_A_KEY = /^(0x)?[0-9a-f]{64}$/i;
/** An address of any network; whether its checksum is right says the node. */
const LIKE_AN_ADDRESS = /^[a-z]{1,16}1[02-9ac-hj-np-z]+$/i;
/** The longest text that may be a name; secret keys are longer in any usual form. */
const LIKE_A_NAME = /^[0-9a-z-]{1,40}$/i;
const HEX = /^([0-9a-f]{2})+$/i;

/** A value that need not be given. */
export function optional<Read>(reader: Reader<Read>): Reader<Read | undefined> {
  return (label, value) => (value === undefined ? undefined : reader(label, value));
}

/** A value that may be null. */
export function nullable<Read>(reader: Reader<Read>): Reader<Read | null> {
  return (label, value) => (value === null ? null : reader(label, value));
}

/** A list of such values. */
export function listOf<Read>(reader: Reader<Read>): Reader<Read[]> {
  return (label, value) => {
    if (!Array.isArray(value)) throw mustBe(label, 'a list', value);
    return value.map((item, index) => reader(`${label}[${index}]`, item));
  };
}

/** One of these words. */
export function oneOf<Word extends string>(...words: readonly Word[]): Reader<Word> {
  return (label, value) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw badArgument(`${label} must be one of ${words.join(', ')}`);
    return word;
  };
}

/** A whole number that is not below `min`, and that GraphQL has. */
export function wholeNumber(min: number): Reader<number> {
  return (label, value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= MAX_INT) return value;
    throw mustBe(label, `a whole number from ${min} to ${MAX_INT}`, value);
  };
}

/** Any finite number. */
export const finiteNumber: Reader<number> = (label, value) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw mustBe(label, 'a number', value);
};

/** True or false. */
export const truth: Reader<boolean> = (label, value) => {
  if (typeof value === 'boolean') return value;
  throw mustBe(label, 'true or false', value);
};

/** Any text. */
export const anyText: Reader<string> = (label, value) => {
  if (typeof value === 'string') return value;
  throw mustBe(label, 'a string', value);
};

/** A text that names something to the node, and is no key: ids that a node gave, URLs, cursors. */
export const plainText: Reader<string> = (label, value) => {
  const text = anyText(label, value);
  if (LIKE_A_KEY.test(text)) throw badArgument(`${label} must not look like a key, and was not sent`);
  return text;
};

/** The hash of a block or the id of a transaction, in lower case. */
export function hash(label: string, value: unknown, wanted = '64 hex digits'): string {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (isHash(text)) return text;
  throw mustBe(label, wanted, value);
}

/** A block: a number is a height of the active chain. */
export function blockId(label: string, id: unknown): { readonly height: number } | { readonly hash: string } {
  if (typeof id === 'number') return { height: wholeNumber(0)(label, id) };
  return { hash: hash(label, id, '64 hex digits, or a height as a number') };
}

/** The address of a contract. A text that may be a key is neither sent nor shown. */
export const contractAddress: Reader<string> = (label, value) => {
  if (typeof value === 'string' && LIKE_AN_ADDRESS.test(value)) return value;
  throw mustBe(label, 'the address of a contract', value);
};

/** Values as a contract takes them; what they must be says its source. */
export const contractArguments: Reader<readonly ContractArgument[]> = (label, value) => {
  if (Array.isArray(value)) return value;
  throw mustBe(label, 'a list', value);
};

/** A signed transaction. */
export const transactionHex: Reader<string> = (label, value) => {
  if (typeof value === 'string' && HEX.test(value) && !LIKE_A_KEY.test(value)) return value;
  throw mustBe(label, 'a signed transaction as hex digits, two for each byte', value);
};

/** Base units. What are none, `checkAmount` refuses before anything is sent, with an `AmountError` as everywhere. */
export const baseUnits: Reader<bigint> = (_, value) => value as bigint;

/** Milliseconds that a call may take. */
export const timeLimit: Reader<number> = (label, value) => {
  checkTimeout(label, value);
  return value;
};

/** An account nonce. */
export const accountNonce: Reader<bigint> = (label, value) => {
  if (typeof value === 'bigint' && value >= 0n && value <= MAX_AMOUNT) return value;
  throw mustBe(label, `a bigint from 0n to ${MAX_AMOUNT}n`, value);
};

/** Bytes of any kind of array, also of another realm, as test frameworks have them. */
export const bytes: Reader<Uint8Array> = (label, value) => {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw mustBe(label, 'a Uint8Array', value);
};

/** 32 bytes. */
export const secretKey: Reader<Uint8Array> = (label, value) => {
  if (ArrayBuffer.isView(value) && value.byteLength === SECRET_KEY_BYTES) return bytes(label, value);
  throw mustBe(label, `a Uint8Array of ${SECRET_KEY_BYTES} bytes, as deriveKeyPair gives it`, value);
};

/** A moment as the API takes it. */
export const moment: Reader<string> = (label, value) => {
  const at = typeof value === 'string' ? momentOf(value) : value;
  // Of any realm.
  const isDate = Object.prototype.toString.call(at) === '[object Date]';
  if (isDate && !Number.isNaN((at as Date).getTime())) return (at as Date).toISOString();
  throw mustBe(label, 'a Date, or ISO 8601 text such as "2030-01-01" or "2030-01-01T12:00:00Z"', value);
};

/** What gives a call up. */
export const abortSignal: Reader<AbortSignal> = (label, value) => {
  checkSignal(label, value);
  return value;
};

/** A function, or a class. */
export function functionLike<Called>(): Reader<Called> {
  return (label, value) => {
    if (typeof value === 'function') return value as Called;
    throw mustBe(label, 'a function', value);
  };
}

/** Any object, as it is. */
export const anyObject: Reader<Readonly<Record<string, unknown>>> = (label, value) => {
  if (isObject(value) && !Array.isArray(value)) return value;
  throw mustBe(label, 'an object', value);
};

/** An account: a text as it is, and of an object its address alone. A text that may be a key is neither sent nor shown. */
export const account: Reader<AccountOrAddress> = (label, value) => {
  if (typeof value === 'string') return addressText(label, value);
  if (isObject(value) && typeof value.address === 'string') {
    return { address: addressText(`${label}.address`, value.address) };
  }
  throw mustBe(label, 'an address, the name of a development account, or an object with an address', value);
};

/** Whether a text may be an address or a name, and is no key. */
export function mayBeAccount(text: string): boolean {
  return !LIKE_A_KEY.test(text) && (LIKE_A_NAME.test(text) || LIKE_AN_ADDRESS.test(text));
}

function addressText(label: string, text: string): string {
  if (mayBeAccount(text)) return text;
  throw badArgument(`${label} must be an address or the name of a development account: what is given is neither`);
}

function mustBe(label: string, wanted: string, value: unknown) {
  const isKindWrong = typeof value !== 'string' && typeof value !== 'number';
  return badArgument(`${label} must be ${wanted}${isKindWrong ? `, not ${kindOf(value)}` : ''}`);
}
