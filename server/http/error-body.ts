/** Machine-readable codes by HTTP status, as in the API. Other statuses mean BAD_REQUEST. */
const CODES: Readonly<Record<number, string>> = {
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'UNAVAILABLE',
};

/** The code that belongs to an HTTP status of an error. */
export function errorCodeOf(status: number): string {
  return CODES[status] ?? 'BAD_REQUEST';
}

/** Body of every error outside GraphQL, in the form of a GraphQL error with a code. */
export function errorBody(
  message: string,
  code: string,
): { errors: [{ message: string; extensions: { code: string } }] } {
  return { errors: [{ message, extensions: { code } }] };
}
