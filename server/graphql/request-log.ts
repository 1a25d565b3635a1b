import { type DocumentNode, type ExecutionResult, getOperationAST, Kind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { quotable } from '../../consensus/quotable.ts';
import type { ApiContext } from './builder.ts';

/** Of an operation's name in a line of the log. */
const MAX_NAME_CHARS = 80;
const DIGITS_OF_MS = 100;

/** Writes one line: what was asked, and how it ended. */
export type LogRequest = (fields: { readonly durationMs: number; readonly outcome: string }, operation: string) => void;

/**
 * Logs each operation once it is answered, over HTTP and WebSocket; of a subscription, that it has begun. Those of the node
 * itself are left out.
 */
export function requestLogPlugin(log: LogRequest): Plugin<ApiContext> {
  const begin = (operation: string) => {
    const startMs = performance.now();
    return (outcome: string) => {
      const durationMs = Math.round((performance.now() - startMs) * DIGITS_OF_MS) / DIGITS_OF_MS;
      log({ durationMs, outcome }, operation);
    };
  };
  return {
    onParse() {
      const end = begin('operation');
      return ({ result }) => {
        if (result instanceof Error) end('GRAPHQL_PARSE_FAILED');
      };
    },
    onValidate({ params: { documentAST } }) {
      const end = begin(operationOf(documentAST, null));
      return ({ valid, result }) => {
        if (!valid) end(errorCodeOf(result[0]) ?? 'GRAPHQL_VALIDATION_FAILED');
      };
    },
    onExecute({ args: { document, operationName, contextValue } }) {
      if (!(contextValue as ApiContext).requester) return;
      const end = begin(operationOf(document, operationName));
      return { onExecuteDone: ({ result }) => end(outcomeOf(result)) };
    },
    onSubscribe({ args: { document, operationName } }) {
      const end = begin(operationOf(document, operationName));
      return { onSubscribeResult: ({ result }) => end(outcomeOf(result)) };
    },
  };
}

/** Kind and name, such as `mutation mine`; where it has no name, of its fields. */
function operationOf(document: DocumentNode, operationName: string | null | undefined): string {
  const operation = getOperationAST(document, operationName);
  if (!operation) return 'operation';
  const fields = operation.selectionSet.selections.map((field) => (field.kind === Kind.FIELD ? field.name.value : '…'));
  return `${operation.operation} ${quotable(operation.name?.value ?? fields.join(' '), MAX_NAME_CHARS)}`;
}

/** `ok`, or the code of the first error or failure. */
function outcomeOf(result: object): string {
  if (Symbol.asyncIterator in result) return 'ok';
  const { errors, data }: ExecutionResult = result;
  if (errors?.[0]) return errorCodeOf(errors[0]) ?? 'INTERNAL_SERVER_ERROR';
  for (const value of Object.values(data ?? {})) {
    if (typeof value === 'object' && value !== null && 'code' in value) return String(value.code);
  }
  return 'ok';
}

function errorCodeOf(error: unknown): string | undefined {
  const { extensions } = error as { extensions?: { code?: unknown } };
  return typeof extensions?.code === 'string' ? extensions.code : undefined;
}
