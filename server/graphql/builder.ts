import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import RelayPlugin from '@pothos/plugin-relay';
import type { Hash } from '../../consensus/hash.ts';
import type { NodeContext } from '../node/node-context.ts';
import type { Requester } from './fair-queue.ts';

/** Maximum and default number of items on one page of a connection. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 20;

/** Context of every resolver. */
export interface ApiContext {
  readonly node: NodeContext;
  /** Whether this caller may control the node: the local user, or the holder of the token. */
  readonly mayControl: boolean;
  /** Whether this caller is the local user, who may use the development accounts. */
  readonly isLocalUser: boolean;
  /** Takes one of the limited places for event streams; absent on a WebSocket, which is counted itself. */
  readonly takePlace?: (() => boolean) | undefined;
  /** Aborted when the caller disconnects. */
  readonly signal?: AbortSignal | undefined;
  /** Who asked, for fair scheduling of long work; absent for work shared by many, or of the node itself. */
  readonly requester?: Requester | undefined;
}

/** Internal types of scalar values; the scalars convert at the boundary. A type alias, since Pothos needs an index signature. */
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

/** Builder of the schema. Fields are non-null unless null has a meaning. */
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
    // The connection field has counted the items already.
    edgesFieldOptions: {
      nullable: { list: false, items: false },
      complexity: { field: 1, multiplier: 1 },
      description: 'Items of the page, each with its cursor.',
    },
    nodeFieldOptions: { nullable: false, description: 'The item itself.' },
    cursorFieldOptions: { description: 'Position of the item in the list, for `after` and `before`.' },
    pageInfoTypeOptions: { description: 'Position of a page in its list.' },
    pageInfoFieldOptions: { description: 'Position of the page, and whether there are more items.' },
    hasNextPageFieldOptions: { description: 'Whether the list has items after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether the list has items before this page.' },
    startCursorFieldOptions: { description: 'Cursor of the first item of the page; null if the page is empty.' },
    endCursorFieldOptions: { description: 'Cursor of the last item of the page; null if the page is empty.' },
    firstArgOptions: {
      description: `Maximum number of items, counted from the start, from 0 to ${MAX_PAGE}; without \`first\` and \`last\`, ${DEFAULT_PAGE}. Other values are refused with BAD_INPUT.`,
    },
    afterArgOptions: { description: 'Only items after this cursor, from an earlier page.' },
    lastArgOptions: {
      description: `Maximum number of items, counted from the end, from 0 to ${MAX_PAGE}. Other values are refused with BAD_INPUT.`,
    },
    beforeArgOptions: { description: 'Only items before this cursor, from an earlier page.' },
  },
  complexity: { defaultComplexity: 1, defaultListMultiplier: 10 },
});

builder.queryType({
  description:
    'Everything that can be read from a node. An operation that fails has errors whose `extensions.code` is one of: GRAPHQL_PARSE_FAILED, the document is not GraphQL; GRAPHQL_VALIDATION_FAILED, it does not fit this schema; BAD_INPUT, an argument or variable is invalid; BAD_REQUEST, the HTTP request or WebSocket message around it is invalid; REQUEST_ENTITY_TOO_LARGE, the request body is too large; TOO_MUCH, it exceeds a limit, such as depth or number of fields; FORBIDDEN, the caller may not do this; SLOW_SUBSCRIBER, a subscription fell too far behind; REVERTED, the node went back to a snapshot while it was answered; INTERNAL_SERVER_ERROR, a bug, with an id that the log of the node repeats.',
});
builder.mutationType({
  description:
    'Everything that changes a node. Expected failures are returned as data with a `code` in kebab-case; invalid arguments and missing permission are errors, with the codes listed at Query.',
});
builder.subscriptionType({
  description: 'Events of a node as they happen, over WebSocket (graphql-transport-ws) or server-sent events.',
});

/** Complexity of a connection field: its content counts once per requested item. */
export function pageComplexity(args: { first?: number | null | undefined; last?: number | null | undefined }): {
  field: number;
  multiplier: number;
} {
  return { field: 1, multiplier: Math.max(1, Math.min(args.first ?? args.last ?? DEFAULT_PAGE, MAX_PAGE)) };
}
