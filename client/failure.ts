import { CombinedError } from '@urql/core';

/** An action did not succeed: the reason in words, and a code that the documentation of the API knows. */
export class Failure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'Failure';
    this.code = code;
  }
}

/** Nothing came back: the node is gone, or does not talk to this page. */
export const UNREACHABLE = 'unreachable';
/** Something else answers. */
const NO_NODE = 'no-node';
/** The caller gave up. */
export const ABORTED = 'aborted';

/** What went wrong, as a {@link Failure}; `url` is the node that was asked. */
export function failureOf(error: unknown, url: string): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof CombinedError))
    return new Failure('unknown', error instanceof Error ? error.message : String(error));
  const [graphqlError] = error.graphQLErrors;
  if (graphqlError) return new Failure(String(graphqlError.extensions?.code ?? 'graphql-error'), graphqlError.message);
  const cause = error.networkError;
  if (cause instanceof Failure) return cause;
  if (cause?.name === 'AbortError') return new Failure(ABORTED, 'given up');
  if (cause?.name === 'TimeoutError') return new Failure(UNREACHABLE, `${url} took too long to answer`);
  if (error.response) return new Failure(NO_NODE, `${url} answers, but not as a node does`);
  return new Failure(UNREACHABLE, `${url} does not answer`);
}

/** The success among the results of a mutation. Throws a {@link Failure} for the other. */
export function succeeded<Result extends { __typename: string }>(
  result: Result,
): Exclude<Result, { code: string; message: string }> {
  if ('code' in result && 'message' in result) throw new Failure(String(result.code), String(result.message));
  return result as Exclude<Result, { code: string; message: string }>;
}
