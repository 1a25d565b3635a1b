import { GraphQLError } from 'graphql';

/** Errors repeat what they are about, which a caller may have made as long as a request can be: they are cut here. */
const MAX_MESSAGE_CHARS = 500;

/** The same error; a copy with the beginning of its message where that is too long. */
export function cutMessage(error: GraphQLError): GraphQLError {
  if (error.message.length <= MAX_MESSAGE_CHARS) return error;
  const { nodes, source, positions, path, originalError, extensions } = error;
  return new GraphQLError(`${error.message.slice(0, MAX_MESSAGE_CHARS)}…`, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions,
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
