import { type DefaultConnectionArguments, resolveOffsetConnection } from '@pothos/plugin-relay';
import { DEFAULT_PAGE, MAX_PAGE } from './builder.ts';
import { badInput } from './errors.ts';

/**
 * Rejects a page size over the limit, instead of returning a smaller page that looks like the end of the list.
 * @throws GraphQLError `BAD_INPUT`
 */
export function checkPage({ first, last }: DefaultConnectionArguments): void {
  for (const [argument, count] of [
    ['first', first],
    ['last', last],
  ] as const) {
    if (count != null && (count < 0 || count > MAX_PAGE)) throw badInput(argument, `must be from 0 to ${MAX_PAGE}`);
  }
}

/** A page of a list in memory; only the items of the page are converted by `make`. */
export function pageOfArray<T, R>(items: readonly T[], args: DefaultConnectionArguments, make: (item: T) => R) {
  checkPage(args);
  return resolveOffsetConnection(
    { args, defaultSize: DEFAULT_PAGE, maxSize: MAX_PAGE, totalCount: items.length },
    ({ limit, offset }) => items.slice(offset, offset + limit).map(make),
  );
}
