import { type DefaultConnectionArguments, resolveOffsetConnection } from '@pothos/plugin-relay';
import { DEFAULT_PAGE, MAX_PAGE } from './builder.ts';

/** A page of a list that is at hand; only the items of the page are made. */
export function pageOfArray<T, R>(items: readonly T[], args: DefaultConnectionArguments, make: (item: T) => R) {
  return resolveOffsetConnection(
    { args, defaultSize: DEFAULT_PAGE, maxSize: MAX_PAGE, totalCount: items.length },
    ({ limit, offset }) => items.slice(offset, offset + limit).map(make),
  );
}
