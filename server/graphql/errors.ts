import { GraphQLError } from 'graphql';

/** Messages quote the input, which may be as long as a request: longer messages are cut. */
const MAX_MESSAGE_CHARS = 500;

/** Machine-readable code of an error that has no code of its own, by the stage that found it. */
export type ErrorCode =
  /** The document is not GraphQL. */
  | 'GRAPHQL_PARSE_FAILED'
  /** The document does not fit the schema. */
  | 'GRAPHQL_VALIDATION_FAILED'
  /** An argument or variable is invalid. */
  | 'BAD_INPUT'
  /** The HTTP request or WebSocket message around the operation is invalid. */
  | 'BAD_REQUEST'
  /** A limit is exceeded. */
  | 'TOO_MUCH';

/** The error as callers see it: with a code, and with a long message cut. */
export function publicError(error: GraphQLError, code: ErrorCode): GraphQLError {
  const hasCode = typeof error.extensions.code === 'string';
  const isShort = error.message.length <= MAX_MESSAGE_CHARS;
  if (hasCode && isShort) return error;
  const { message, nodes, source, positions, path, originalError, extensions } = error;
  return new GraphQLError(isShort ? message : `${message.slice(0, MAX_MESSAGE_CHARS)}…`, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions: hasCode ? extensions : { ...extensions, code },
  });
}

/** An invalid argument. The message begins with its name. */
export function badInput(argument: string, message: string): GraphQLError {
  return new GraphQLError(`${argument}: ${message}`, { extensions: { code: 'BAD_INPUT', argument } });
}

/** The caller is not allowed to do this. */
export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}

/** A limit is exceeded. */
export function tooMuch(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'TOO_MUCH' } });
}

/** What is asked for was given up when the node went back to a snapshot, while the operation was executed. */
export function reverted(): GraphQLError {
  return new GraphQLError('the node went back to a snapshot meanwhile; ask again', {
    extensions: { code: 'REVERTED' },
  });
}

/** Result of an operation that was not executed because its caller has disconnected. */
export function callerGone(): GraphQLError {
  return new GraphQLError('the caller has gone away');
}
