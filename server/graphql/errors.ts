import { GraphQLError } from 'graphql';

/** Errors repeat what they are about, which a caller may have made as long as a request can be: they are cut here. */
const MAX_MESSAGE_CHARS = 500;

/** What an error is, for programs: where nothing closer to it has said so, by the place where it was found. */
export type ErrorCode =
  /** The document is no GraphQL. */
  | 'GRAPHQL_PARSE_FAILED'
  /** The document does not fit the schema. */
  | 'GRAPHQL_VALIDATION_FAILED'
  /** An argument or a variable cannot be used. */
  | 'BAD_INPUT'
  /** The request around the operation is wrong. */
  | 'BAD_REQUEST'
  /** More is asked for than anybody is given. */
  | 'TOO_MUCH';

/** The same error as callers are told it: with a code, and with the beginning of its message where that is too long. */
export function told(error: GraphQLError, code: ErrorCode): GraphQLError {
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

/** An argument that cannot be used. The message names it. */
export function badInput(argument: string, message: string): GraphQLError {
  return new GraphQLError(`${argument}: ${message}`, { extensions: { code: 'BAD_INPUT', argument } });
}

/** The caller is not allowed to do this. */
export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}

/** In place of an operation that is not executed, because nobody is there any more to be answered. */
export function callerGone(): GraphQLError {
  return new GraphQLError('the caller has gone away');
}
