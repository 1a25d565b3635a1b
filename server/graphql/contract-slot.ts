import {
  type DefaultConnectionArguments,
  type ResolveCursorConnectionArgs,
  resolveCursorConnection,
} from '@pothos/plugin-relay';
import type { Address } from '../../consensus/address.ts';
import { ByteReader } from '../../consensus/codec.ts';
import { decodeValue } from '../../consensus/contract/encoding.ts';
import type { Program } from '../../consensus/contract/program.ts';
import { fieldOfSlot } from '../../consensus/contract/slot-field.ts';
import { type SlotPath, slotKey } from '../../consensus/contract/slot-path.ts';
import { LIST_INDEX } from '../../consensus/contract/storage.ts';
import type { Field } from '../../consensus/contract/syntax.ts';
import type { Value } from '../../consensus/contract/value.ts';
import { bytesToHex, hexToBytes } from '../../consensus/hex.ts';
import { quotable } from '../../consensus/quotable.ts';
import type { NodeContext } from '../node/node-context.ts';
import { builder, DEFAULT_PAGE, MAX_PAGE } from './builder.ts';
import { jsonText } from './contract-values.ts';
import { badInput } from './errors.ts';
import { checkPage } from './pages.ts';

/** A slot of a contract, decoded by its program. */
interface SlotModel {
  /** Key in the tree of slots: the cursor. */
  readonly cursor: string;
  readonly path: SlotPath;
  readonly field: Field;
  /** Of an entry of a table or list. */
  readonly entryKey: Value | undefined;
  readonly value: Value;
}

/** The type of a slot. */
export const ContractSlotRef = builder.objectRef<SlotModel>('ContractSlot').implement({
  description: 'A value that a contract stores. What has never been written has no slot.',
  fields: (t) => ({
    path: t.field({
      type: 'Hex',
      description: 'Its path: the length of the name of its field, the name, and the encoded key of an entry.',
      resolve: ({ path }) => hexToBytes(path),
    }),
    field: t.string({ description: 'Name of its field.', resolve: ({ field }) => field.name }),
    keyJson: t.string({
      nullable: true,
      description:
        'JSON text of the key in a table, or of the place in a list; null for a single value, and for the length of a list.',
      resolve: ({ entryKey }, _, { node }) => (entryKey === undefined ? null : jsonText(node, entryKey)),
    }),
    valueJson: t.string({
      description: 'JSON text of the value, as `Receipt.resultJson` has it.',
      resolve: ({ value }, _, { node }) => jsonText(node, value),
    }),
  }),
});

/** A page of the slots of a contract. Throws `GraphQLError` `BAD_INPUT` for a page that is not read from the start. */
export function slotPage(
  node: NodeContext,
  { address, program }: { readonly address: Address; readonly program: Program },
  args: DefaultConnectionArguments,
) {
  if (args.last != null || args.before != null)
    throw badInput('last', 'this list can only be read from its start; use first and after');
  checkPage(args);
  return resolveCursorConnection(
    { args, defaultSize: DEFAULT_PAGE, maxSize: MAX_PAGE, toCursor: ({ cursor }: SlotModel) => cursor },
    ({ after, limit }: ResolveCursorConnectionArgs): SlotModel[] => {
      const slots: SlotModel[] = [];
      if (limit === 0) return slots;
      for (const { key, path, value } of node.store.slotsOf(address, after === undefined ? after : keyOf(after))) {
        slots.push({ cursor: key, path, ...decodedSlot(program, path, value) });
        if (slots.length === limit) break;
      }
      return slots;
    },
  );
}

/** The slots at paths, in their order; null where nothing was written. Throws `GraphQLError` `BAD_INPUT` for too many paths. */
export function slotsAt(
  node: NodeContext,
  { address, program }: { readonly address: Address; readonly program: Program },
  paths: readonly Uint8Array[],
): (SlotModel | null)[] {
  if (paths.length > MAX_PAGE) throw badInput('paths', `at most ${MAX_PAGE} paths are allowed, not ${paths.length}`);
  return paths.map(bytesToHex).map((path) => {
    const value = node.store.slot(address, path);
    if (value === undefined) return null;
    return { cursor: bytesToHex(slotKey(address, path)), path, ...decodedSlot(program, path, value) };
  });
}

function decodedSlot(program: Program, path: SlotPath, value: Uint8Array) {
  const { field, entryKey } = fieldOfSlot(program, path);
  const isLength = field.kind === 'list' && entryKey === undefined;
  return { field, entryKey, value: decodeValue(new ByteReader(value), isLength ? LIST_INDEX : field.type) };
}

function keyOf(cursor: string): string {
  if (!/^[0-9a-f]{64}$/.test(cursor)) throw badInput('after', `"${quotable(cursor)}" is not a cursor of this list`);
  return cursor;
}
