import { gql, type TypedDocumentNode } from '@urql/core';
import { DocumentError } from './document-error.ts';

/** One operation that ends with its answer. */
export interface ParsedOperation<Data> {
  readonly kind: 'query' | 'mutation';
  readonly document: TypedDocumentNode<Data, Record<string, unknown>>;
}

/** Reads a GraphQL document that holds one query or mutation. Throws {@link DocumentError}. */
export function parseOperation<Data>(text: string): ParsedOperation<Data> {
  const document = parsed<Data>(text);
  const operations = document.definitions.flatMap((part) => (part.kind === 'OperationDefinition' ? [part] : []));
  const [kind] = operations.map(({ operation }) => operation);
  if (kind === undefined || operations.length > 1) {
    throw new DocumentError('operations', `the document must hold one operation, not ${operations.length}`);
  }
  if (kind === 'subscription') {
    throw new DocumentError('subscription', 'the document must be a query or a mutation, not a subscription');
  }
  return { kind, document };
}

function parsed<Data>(text: string): ParsedOperation<Data>['document'] {
  try {
    return gql<Data, Record<string, unknown>>(text);
  } catch (error) {
    throw new DocumentError(
      'syntax',
      `the document is not GraphQL: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
