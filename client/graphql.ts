import { initGraphQLTada, type ResultOf } from 'gql.tada';
import type { introspection } from './graphql-env.d.ts';

/** How the schema's scalars arrive: all as text, exactly as the node sends them. */
type Scalars = {
  Hash: string;
  Address: string;
  Amount: string;
  Hex: string;
  BigInt: string;
  DateTime: string;
  Cursor: string;
};

/** Reads a GraphQL document; its result and variables have the types that `schema.graphql` gives them. */
export const graphql = initGraphQLTada<{ introspection: introspection; scalars: Scalars; disableMasking: true }>();

export type { ResultOf };
