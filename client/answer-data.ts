import type { TypedDocumentNode } from '@urql/core';
import { ClientError, isObject } from './client-error.ts';

/** The root fields of the schema that may be null. */
export const NULLABLE_FIELDS: readonly string[] = ['block', 'contract', 'transaction', 'transactionTrace'];

/**
 * The data of an answer to a document. Throws {@link ClientError} `not-a-node` where a field that was asked for is
 * missing, or null without permission of the schema.
 */
export function answerData<Data>(document: TypedDocumentNode<Data, never>, data: unknown, url: string): Data {
  if (!isObject(data) || !rootFieldsOf(document).every((field) => hasField(data, field))) {
    throw new ClientError('not-a-node', `${url} answers, but not as a node does`);
  }
  return data as Data;
}

interface RootField {
  readonly name: string;
  /** Its name in the answer. */
  readonly key: string;
}

function rootFieldsOf(document: TypedDocumentNode<unknown, never>): RootField[] {
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== 'OperationDefinition') return [];
    return definition.selectionSet.selections.flatMap((selection) =>
      selection.kind === 'Field'
        ? [{ name: selection.name.value, key: selection.alias?.value ?? selection.name.value }]
        : [],
    );
  });
}

function hasField(data: Readonly<Record<string, unknown>>, { name, key }: RootField): boolean {
  const value = Object.hasOwn(data, key) ? data[key] : undefined;
  return value === null ? NULLABLE_FIELDS.includes(name) : value !== undefined;
}
