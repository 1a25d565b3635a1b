/** A date, or a date with a time and its zone: without one, the machine's own would be meant. */
const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** The moment that an ISO 8601 text names, such as 2030-01-01 or 2030-01-01T12:00:00Z; null where it names none. */
export function momentOf(text: string): Date | null {
  const at = MOMENT.test(text) ? new Date(text) : new Date(Number.NaN);
  return Number.isNaN(at.getTime()) ? null : at;
}
