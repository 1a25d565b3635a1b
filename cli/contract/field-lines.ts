import type { ContractScalar, ContractValue } from '../../client/contract-types.ts';
import { shownValue } from '../../client/contract-values.ts';
import { compileContract } from '../../consensus/contract/compile.ts';
import type { Field } from '../../consensus/contract/syntax.ts';
import { describeType, type Scalar, type ValueType } from '../../consensus/contract/types.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { printable } from '../../consensus/quotable.ts';
import { prefixOfAddress } from '../../consensus/spending-rules.ts';
import { sourceText } from './contract-text.ts';

/** What a contract stores, as the API tells it. */
export interface StoredContract {
  readonly address: string;
  readonly source: string;
  readonly slots: {
    readonly edges: readonly { readonly node: Slot }[];
    readonly pageInfo: { readonly hasNextPage: boolean };
  };
}

interface Slot {
  readonly field: string;
  readonly keyJson: string | null;
  readonly valueJson: string;
}

/**
 * The fields of a contract with what they hold: what is stored, or what the source says of what has never been written. Throws
 * `SourceError`, and other errors for slots that are not those of the source.
 */
export function fieldLines({ address, source, slots }: StoredContract): string[] {
  const stored = slots.edges.map(({ node }) => node);
  const prefix = prefixOfAddress(address);
  return compileContract(utf8ToBytes(source)).fields.flatMap((field) => {
    const own = stored.filter((slot) => slot.field === field.name);
    const single = own.find(({ keyJson }) => keyJson === null)?.valueJson;
    const entries = own.filter(({ keyJson }) => keyJson !== null).sort(byKey);
    // Of slots that are on another page nothing is known.
    const isKnown = single !== undefined || !slots.pageInfo.hasNextPage;
    const held = isKnown || field.kind === 'table' ? heldText(field, single, prefix) : '';
    return [printable(`${field.name}: ${typeText(field)}${held}`), ...entries.map((slot) => entryText(field, slot))];
  });
}

function typeText(field: Field): string {
  const type = describeType(field.type);
  if (field.kind === 'value') return type;
  return field.kind === 'list' ? `List<${type}>` : `Table<${field.key}, ${type}>`;
}

/** Of a field that is no table its value; of a table what it has where nothing was set. */
function heldText(field: Field, storedJson: string | undefined, prefix: string): string {
  if (field.kind === 'list') return `, length ${storedJson ?? 0}`;
  if (field.kind === 'table') return `, ${sourceText(shownValue(field.absent, prefix))} where not set`;
  if (storedJson !== undefined) return ` = ${sourceText(valueOfJson(storedJson, field.type))}`;
  if (field.initial === undefined) return ', never assigned';
  return ` = ${sourceText(shownValue(field.initial, prefix))}`;
}

function entryText(field: Field, { keyJson, valueJson }: Slot): string {
  const key: ValueType = { kind: 'scalar', scalar: field.kind === 'table' ? field.key : 'number' };
  const at = sourceText(valueOfJson(keyJson ?? '', key));
  return printable(`  [${at}] = ${sourceText(valueOfJson(valueJson, field.type))}`);
}

/** A value by its type, which alone tells a bigint from a text. */
function valueOfJson(json: string, type: ValueType): ContractValue {
  const value = JSON.parse(json);
  if (type.kind === 'scalar') return scalarOf(value, type.scalar);
  if (type.kind === 'array') return value.map((element: unknown) => scalarOf(element, type.of));
  return Object.fromEntries(
    type.properties.map((property) => [property.name, scalarOf(value[property.name], property.type)]),
  );
}

function scalarOf(value: unknown, type: Scalar): ContractScalar {
  return type === 'bigint' ? BigInt(value as string) : (value as ContractScalar);
}

function byKey({ keyJson: a }: Slot, { keyJson: b }: Slot): number {
  return (a ?? '').localeCompare(b ?? '', 'en', { numeric: true });
}
