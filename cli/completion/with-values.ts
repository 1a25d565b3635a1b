import type { Argument, Option } from 'commander';

/**
 * Says which words an option or an argument takes, so that a shell can complete them. They are not checked here: the
 * parser of the value does that, in words that name where it came from.
 */
export function withValues<Target extends Argument | Option>(target: Target, values: readonly string[] = []): Target {
  target.argChoices = [...values];
  return target;
}
