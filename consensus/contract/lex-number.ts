import { MAX_BIGINT, MAX_NUMBER } from './limits.ts';
import { SourceError } from './source-error.ts';
import type { PackedPosition } from './source-position.ts';

/** Digits of 2^255 − 1, and of 2^53 − 1. Longer literals are refused unread: conversion takes more than linear time. */
const MAX_DECIMAL_DIGITS = 77;
const MAX_HEX_DIGITS = 64;
/** 10^15 < 2^53 < 10^16. */
const MAX_EXPONENT = 15;

/** Most literals there are: few digits, and nothing else. */
const SHORT = /^(?:0|[1-9][0-9]{0,14})$/;
const PARTS = /^(?:0[xX](?<hex>[0-9a-fA-F_]*)|(?<decimal>[0-9_]+)(?:[eE](?<exponent>[0-9]+))?)(?<big>n?)$/;

/**
 * The value of a whole number: decimal, with an exponent (`1e3`), or hexadecimal (`0xff`), with single `_` between digits,
 * and an `n` behind a bigint. `text` has only letters, digits, `_` and dots. Throws {@link SourceError}.
 */
export function numberLiteral(text: string, at: PackedPosition): number | bigint {
  if (SHORT.test(text)) return Number(text);
  if (text.includes('.')) throw new SourceError('not-whole', at, [text]);
  const { hex, decimal = '', exponent = '', big } = PARTS.exec(text)?.groups ?? {};
  if (big === undefined || (big !== '' && exponent !== '')) throw new SourceError('bad-number', at, [text]);
  const written = hex ?? decimal;
  if (written === '' || written.startsWith('_') || written.endsWith('_') || written.includes('__')) {
    throw new SourceError('bad-number', at, [text]);
  }
  const digits = written.replaceAll('_', '');
  if (hex === undefined && digits.length > 1 && digits.startsWith('0'))
    throw new SourceError('leading-zero', at, [text]);
  const isTooLong = digits.length > (hex === undefined ? MAX_DECIMAL_DIGITS : MAX_HEX_DIGITS);
  if (isTooLong || exponent.length > 2 || Number(exponent) > MAX_EXPONENT) throw outOfBounds(big, text, at);
  const value = BigInt(hex === undefined ? digits : `0x${digits}`) * 10n ** BigInt(exponent);
  if (value > (big === '' ? BigInt(MAX_NUMBER) : MAX_BIGINT)) throw outOfBounds(big, text, at);
  return big === '' ? Number(value) : value;
}

function outOfBounds(big: string, text: string, at: PackedPosition): SourceError {
  return new SourceError(big === '' ? 'number-too-large' : 'bigint-too-large', at, [text]);
}
