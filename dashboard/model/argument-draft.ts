import { AddressError, type AddressProblem, parseAddress } from '../../consensus/address.ts';
import { encodeValue } from '../../consensus/contract/encoding.ts';
import { MAX_ARGS_BYTES, MAX_ARRAY, MAX_BIGINT, MAX_TEXT_UNITS } from '../../consensus/contract/limits.ts';
import { namesOf, type Parameter, type Scalar, type ValueType } from '../../consensus/contract/types.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from '../../consensus/contract/value.ts';
import { concatBytes } from '../../consensus/hex.ts';
import type { NamedAccount } from './dev-accounts.ts';

/** What was typed for an argument: one text, or one for each element of an array, or for each property of a record. */
export type ArgumentDraft = readonly string[];

/** What is wrong with a text. */
export type TextProblem =
  | AddressProblem
  | 'not-whole'
  | 'number-too-large'
  | 'bigint-too-large'
  | 'text-too-long'
  | 'half-character';

/** How addresses are read. */
export interface DraftAccounts {
  readonly addressPrefix: string;
  /** Accounts whose names may stand for their addresses. */
  readonly named: readonly NamedAccount[];
}

/** The arguments of a call, as far as they are right. */
export interface CheckedArguments {
  /** For each argument and each of its texts; null for what is right or not typed yet. */
  readonly problems: readonly (readonly (TextProblem | null)[])[];
  /** Of all together. */
  readonly problem: 'list-too-long' | 'arguments-too-long' | null;
  /** Encoded, one after the other; null while something is missing or wrong. */
  readonly args: Uint8Array | null;
}

/** Digits of the largest bigint, and its sign. */
const MAX_BIGINT_CHARS = `-${MAX_BIGINT}`.length;

/** What stands in the form before anything is typed. */
export function emptyDraft(type: ValueType): ArgumentDraft {
  if (type.kind === 'array') return [];
  return scalarsOf(type, []).map(emptyText);
}

/** A text of a new element. */
export function emptyText(scalar: Scalar): string {
  return scalar === 'boolean' ? 'false' : '';
}

/** The type of each text of a draft. */
export function scalarsOf(type: ValueType, draft: ArgumentDraft): readonly Scalar[] {
  switch (type.kind) {
    case 'scalar':
      return [type.scalar];
    case 'array':
      return draft.map(() => type.of);
    case 'record':
      return type.properties.map((property) => property.type);
  }
}

/** Reads what was typed for each parameter. */
export function checkArguments(
  parameters: readonly Parameter[],
  drafts: readonly ArgumentDraft[],
  accounts: DraftAccounts,
): CheckedArguments {
  const read = parameters.map(({ type }, index) => {
    const draft = drafts[index] ?? emptyDraft(type);
    return scalarsOf(type, draft).map((scalar, place) => readText(draft[place] ?? '', scalar, accounts));
  });
  const problems = read.map((readings) => readings.map((reading) => ('problem' in reading ? reading.problem : null)));
  if (read.some((readings) => readings.length > MAX_ARRAY)) return { problems, problem: 'list-too-long', args: null };
  const encoded: Uint8Array[] = [];
  for (const [index, { type }] of parameters.entries()) {
    const values = (read[index] ?? []).flatMap((reading) => ('value' in reading ? [reading.value] : []));
    if (values.length !== read[index]?.length) return { problems, problem: null, args: null };
    encoded.push(encodeValue(valueFrom(type, values), type));
  }
  const args = concatBytes(...encoded);
  return args.length > MAX_ARGS_BYTES
    ? { problems, problem: 'arguments-too-long', args: null }
    : { problems, problem: null, args };
}

function valueFrom(type: ValueType, values: ScalarValue[]): Value {
  if (type.kind === 'array') return values;
  if (type.kind === 'record') return new RecordValue(namesOf(type.properties), values);
  return values[0] as ScalarValue;
}

/** A value, what is wrong with the text, or nothing where nothing was typed. */
type Reading = { readonly value: ScalarValue } | { readonly problem: TextProblem } | { readonly missing: true };

function readText(text: string, scalar: Scalar, accounts: DraftAccounts): Reading {
  if (scalar === 'string') return readString(text);
  const trimmed = text.trim();
  if (trimmed === '') return { missing: true };
  switch (scalar) {
    case 'boolean':
      return { value: trimmed === 'true' };
    case 'Address':
      return readAccount(trimmed, accounts);
    default:
      return readWhole(trimmed, scalar);
  }
}

function readString(text: string): Reading {
  if (text.length > MAX_TEXT_UNITS) return { problem: 'text-too-long' };
  return /\p{Surrogate}/u.test(text) ? { problem: 'half-character' } : { value: text };
}

function readWhole(text: string, scalar: 'number' | 'bigint'): Reading {
  if (!/^-?\d+$/.test(text)) return { problem: 'not-whole' };
  const tooLarge = { problem: `${scalar}-too-large` } as const;
  if (text.length > MAX_BIGINT_CHARS) return tooLarge;
  const value = BigInt(text);
  if (scalar === 'bigint') return value > MAX_BIGINT || value < -MAX_BIGINT ? tooLarge : { value };
  const number = Number(value);
  return Number.isSafeInteger(number) ? { value: number } : tooLarge;
}

function readAccount(text: string, { addressPrefix, named }: DraftAccounts): Reading {
  const account = named.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  try {
    return { value: new AddressValue(parseAddress(account?.address ?? text, addressPrefix)) };
  } catch (error) {
    if (error instanceof AddressError) return { problem: error.problem };
    throw error;
  }
}
