/** Whether a value has to be waited for. Where it need not, nothing is: a promise for each item of a list costs more than the item. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
