import { MAX_BIGINT, MAX_NUMBER } from './limits.ts';
import { type Place, Refusal } from './refusal.ts';

const MAX_DECIMAL_DIGITS = 77;
const MAX_HEX_DIGITS = 64;
const MAX_EXPONENT = 15;

const HEX = /^0[xX]([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)(n?)$/;
const DECIMAL = /^([0-9]+(?:_[0-9]+)*)(n?)$/;
const WITH_EXPONENT = /^([0-9]+(?:_[0-9]+)*)[eE]([0-9]{1,2})$/;

/** The value of all digits, letters and underscores that stand together and begin with a digit. Throws `Refusal`. */
export function readNumber(written: string, place: Place): number | bigint {
  const [, hex, hexSuffix] = HEX.exec(written) ?? [];
  if (hex !== undefined) {
    const digits = hex.replaceAll('_', '');
    if (digits.length > MAX_HEX_DIGITS) throw new Refusal('bad-number', place);
    return bounded(BigInt(`0x${digits}`), hexSuffix === 'n', place);
  }
  const [, digits, suffix] = DECIMAL.exec(written) ?? [];
  if (digits !== undefined) return bounded(wholeOf(digits, place), suffix === 'n', place);
  const [, mantissa, exponent] = WITH_EXPONENT.exec(written) ?? [];
  if (mantissa === undefined || Number(exponent) > MAX_EXPONENT) throw new Refusal('bad-number', place);
  return bounded(wholeOf(mantissa, place) * 10n ** BigInt(exponent as string), false, place);
}

function wholeOf(written: string, place: Place): bigint {
  const digits = written.replaceAll('_', '');
  if (digits.startsWith('0') && digits.length > 1) throw new Refusal('leading-zero', place);
  if (digits.length > MAX_DECIMAL_DIGITS) throw new Refusal('bad-number', place);
  return BigInt(digits);
}

function bounded(value: bigint, isBigint: boolean, place: Place): number | bigint {
  if (isBigint) {
    if (value > MAX_BIGINT) throw new Refusal('bigint-too-large', place);
    return value;
  }
  if (value > MAX_NUMBER) throw new Refusal('number-too-large', place);
  return Number(value);
}
