import { utf8ToBytes } from '../../../consensus/hex.ts';
import type { ValueType } from './types.ts';

/*
 * The prices of section 10 of `docs/contracts.md`, in gas, which stand in more than one row of its tables or have no
 * operation of their own in the source. Those of operators stand beside these.
 */

/** What arithmetic of bigints costs more. */
export const BIGINT_GAS = 4;
/** Each element of an array, and each value of a record. */
export const ELEMENT_GAS = 2;
/** `a[i]`, `.length`, `.x`, `push`, `pop`, `charCodeAt` and the assignment of an element. */
export const ACCESS_GAS = 2;

export const CALL_GAS = 12;
export const AT_GAS = 500;
/** Each byte of the source of a contract that is entered for the first time. */
export const SOURCE_BYTE_GAS = 12;
export const CONVERSION_GAS = 20;
export const TEMPLATE_VALUE_GAS = 20;
export const SHA256_GAS = 100;
export const VERIFY_GAS = 200_000;
export const CHAIN_VALUE_GAS = 2;
export const HASH_GAS = 400;
export const PAY_GAS = 2_000;
export const EMIT_GAS = 400;
/** Each byte of a receipt. */
export const RECEIPT_BYTE_GAS = 20;

/** A round of `while` or `for`, without its test. */
export const ROUND_GAS = 2;
export const FOR_OF_GAS = 3;
export const ARRAY_ROUND_GAS = 3;
export const ARRAY_ROUND_ELEMENT_GAS = 4;
export const LIST_ROUND_GAS = 124;
export const LIST_ROUND_ELEMENT_GAS = 13;

/** An operation with a slot. */
export const SLOT_GAS = 60;
/** An operation with an element of a list. */
export const LIST_GAS = 120;
/** The encoded index of an element, or length of a list. */
export const INDEX_GAS = 9;
export const FIRST_USE_GAS = 400;
/** A slot that is changed, and as much again if it was absent. */
export const WRITE_GAS = 4_000;
export const WRITTEN_BYTE_GAS = 20;

const TEXT_BYTES_PER_GAS = 2;
const SEARCHED_BYTES_PER_GAS = 32;

/** *b(t)*: length of a text in UTF-8. */
export function bytesOf(text: string): number {
  return utf8ToBytes(text).length;
}

/** The gas of going through texts once. */
export function textGas(...texts: readonly string[]): number {
  return Math.ceil(texts.reduce((sum, text) => sum + bytesOf(text), 0) / TEXT_BYTES_PER_GAS);
}

/** The gas of looking for a text at so many places. */
export function searchGas(places: number, wantedBytes: number): number {
  return Math.ceil((places * wantedBytes) / SEARCHED_BYTES_PER_GAS);
}

/** The gas of a check of a value against a type. */
export function checkGas(type: ValueType, value: unknown): number {
  if (type.kind === 'record') return 1 + ELEMENT_GAS * type.properties.length;
  return 1 + elementsGas(value);
}

/** The gas of the elements of a value, where it is an array. */
export function elementsGas(value: unknown): number {
  return Array.isArray(value) ? ELEMENT_GAS * value.length : 0;
}
