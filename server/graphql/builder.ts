import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import RelayPlugin from '@pothos/plugin-relay';
import type { Hash } from '../../consensus/hash.ts';
import type { NodeContext } from '../node/node-context.ts';
import type { Asker } from './turns.ts';

/** What every resolver is given. */
export interface ApiContext {
  readonly node: NodeContext;
  /** Whether this caller may control the node: the local user, or the holder of the token. */
  readonly mayControl: boolean;
  /** Whether this caller is the local user, who may use the development accounts. */
  readonly isLocalUser: boolean;
  /** Takes a place among the streams of events; absent on a WebSocket, which has one itself. */
  readonly takePlace?: (() => boolean) | undefined;
  /** Aborted when the caller goes away. */
  readonly signal?: AbortSignal | undefined;
  /** Who asked, whose turn long work waits for; absent where it is for many, or for the node itself. */
  readonly asker?: Asker | undefined;
}

/** How values travel inside the program; the scalars translate at the edge. A type alias, for Pothos wants an index signature. */
type Scalars = {
  Hash: { Input: Hash; Output: Hash };
  Address: { Input: string; Output: string };
  /** Base units. */
  Amount: { Input: bigint; Output: bigint };
  Hex: { Input: Uint8Array; Output: Uint8Array };
  BigInt: { Input: bigint; Output: bigint };
  DateTime: { Input: Date; Output: Date };
  Cursor: { Input: string; Output: string };
};

/** The schema under construction. Fields are non-null unless null means something. */
export const builder = new SchemaBuilder<{
  Context: ApiContext;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Scalars: Scalars;
}>({
  defaultFieldNullability: false,
  plugins: [RelayPlugin, ComplexityPlugin],
  relay: {
    cursorType: 'String',
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    // Its connection has counted the items already.
    edgesFieldOptions: {
      nullable: { list: false, items: false },
      complexity: { field: 1, multiplier: 1 },
      description: 'The items of this page.',
    },
    nodeFieldOptions: { nullable: false, description: 'The item.' },
    cursorFieldOptions: { description: 'Position of this item, for `after` and `before`.' },
    pageInfoTypeOptions: { description: 'Whether there is more, and from where.' },
    pageInfoFieldOptions: { description: 'Where this page begins and ends, and whether there is more.' },
    hasNextPageFieldOptions: { description: 'Whether there are items after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there are items before this page.' },
    startCursorFieldOptions: { description: 'Cursor of the first item; null on an empty page.' },
    endCursorFieldOptions: { description: 'Cursor of the last item; null on an empty page.' },
    firstArgOptions: { description: 'How many items from the start, at most 100; more is refused.' },
    afterArgOptions: { description: 'Only items after this cursor.' },
    lastArgOptions: { description: 'How many items from the end, at most 100; more is refused.' },
    beforeArgOptions: { description: 'Only items before this cursor.' },
  },
  complexity: { defaultComplexity: 1, defaultListMultiplier: 10 },
});

builder.queryType({ description: 'Everything that can be read from a node.' });
builder.mutationType({
  description: 'Everything that changes a node. Expected failures are returned as data with a code, not as errors.',
});
builder.subscriptionType({ description: 'Events of a node as they happen.' });

/** Items on one page of a connection at most, and where nothing is said. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

/** Cost of a connection field: what it holds counts once for each item that was asked for. */
export function pageComplexity(args: { first?: number | null | undefined; last?: number | null | undefined }): {
  field: number;
  multiplier: number;
} {
  return { field: 1, multiplier: Math.max(1, Math.min(args.first ?? args.last ?? DEFAULT_PAGE, MAX_PAGE)) };
}
