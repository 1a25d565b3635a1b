/** What an error is, for programs, as in the answers of the API. A status that is not listed is the caller's mistake. */
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

/** What every error that is no answer of the API looks like: as an error of the API, with a code. */
export function errorBody(
  message: string,
  code: string,
): { errors: [{ message: string; extensions: { code: string } }] } {
  return { errors: [{ message, extensions: { code } }] };
}
