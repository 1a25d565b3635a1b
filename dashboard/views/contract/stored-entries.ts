import { SlotsAtQuery, type SlotsData, SlotsQuery } from '../../../client/documents.ts';
import { encodeValue } from '../../../consensus/contract/encoding.ts';
import type { Program } from '../../../consensus/contract/program.ts';
import type { SlotPath } from '../../../consensus/contract/slot-path.ts';
import { bytesToHex } from '../../../consensus/hex.ts';
import { shownStored } from '../../model/contract-state.ts';
import type { ShownValue } from '../../model/contract-value.ts';
import type { NodeLink } from '../../state/node-link.ts';

/** Slots that a node gives at once. */
export const SLOTS_PAGE = 100;

/** A key and its value in a table. */
export interface StoredEntry {
  readonly key: ShownValue;
  readonly value: ShownValue;
}

/** What was found of the tables of a contract. */
export interface StoredTables {
  /** By the name of the table. */
  readonly entries: ReadonlyMap<string, readonly StoredEntry[]>;
  /** Whether there are slots that were not looked at. */
  readonly hasMore: boolean;
}

/** JSON texts of what is stored at paths, in their order, and the height of the tip. Throws `ClientError`. */
export async function storedAt(
  link: NodeLink,
  address: string,
  paths: readonly SlotPath[],
  signal: AbortSignal,
): Promise<{ readonly height: number; readonly values: readonly (string | null)[] }> {
  const pages = Array.from({ length: Math.max(1, Math.ceil(paths.length / SLOTS_PAGE)) }, (_, page) =>
    link.query(SlotsAtQuery, { address, paths: paths.slice(page * SLOTS_PAGE, (page + 1) * SLOTS_PAGE) }, signal),
  );
  const answers = await Promise.all(pages);
  const values = answers.flatMap(({ contract }) => contract?.slotsAt.map((slot) => slot?.valueJson ?? null) ?? []);
  return { height: answers[0]?.tip.height ?? 0, values };
}

/** The path of an element of a list. @param fieldPath that of the list */
export function elementPath(fieldPath: SlotPath, place: number): SlotPath {
  return fieldPath + bytesToHex(encodeValue(place));
}

/** The entries of all tables among the first slots of a contract. Throws `ClientError`, and for values of wrong types. */
export async function storedTables(
  link: NodeLink,
  { address, program, pages }: { readonly address: string; readonly program: Program; readonly pages: number },
  signal: AbortSignal,
): Promise<StoredTables> {
  const entries = new Map<string, StoredEntry[]>();
  let after: string | null = null;
  for (let page = 0; page < pages; page++) {
    const answer: SlotsData = await link.query(SlotsQuery, { address, first: SLOTS_PAGE, after }, signal);
    if (!answer.contract) break;
    const { edges, pageInfo } = answer.contract.slots;
    for (const { node } of edges) {
      const field = program.fields.find(({ name }) => name === node.field);
      if (field?.kind !== 'table' || node.keyJson === null) continue;
      const key = shownStored(node.keyJson, { kind: 'scalar', scalar: field.key });
      const value = shownStored(node.valueJson, field.type);
      entries.set(field.name, [...(entries.get(field.name) ?? []), { key, value }]);
    }
    if (!pageInfo.hasNextPage) return { entries, hasMore: false };
    after = pageInfo.endCursor;
  }
  return { entries, hasMore: after !== null };
}
