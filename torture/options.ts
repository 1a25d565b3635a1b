import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** Seeds are as many as can be typed again. */
const MAX_SEED = 1_000_000;

/** An argument that cannot be understood; the message is one line. */
export class ArgumentError extends Error {}

/** The options of a command: so many of what it counts, a seed, and whether to print JSON. */
export interface CommandOptions {
  readonly amount: number;
  readonly seed: number;
  readonly jobs: number;
  readonly json: boolean;
}

/**
 * Parses `--AMOUNT n --seed n --jobs n --json`; a seed that was not given is drawn.
 * @param amount the name of what is counted, such as `kills`, and how many there are where nothing is said
 */
export function parseCommand(
  argv: readonly string[],
  amount: { readonly name: string; readonly default: number },
  defaultJobs: number,
): CommandOptions {
  const text = { type: 'string' } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    const options = { [amount.name]: text, seed: text, jobs: text, json: { type: 'boolean' } as const };
    ({ values } = parseArgs({ args: [...argv], options }));
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
  const number = (name: string, fallback: number, pattern: RegExp): number => {
    const given = values[name];
    if (given === undefined) return fallback;
    if (typeof given !== 'string' || !pattern.test(given)) throw new ArgumentError(`--${name} ${given} is no number`);
    return Number(given);
  };
  return {
    amount: number(amount.name, amount.default, /^\d{1,6}(?:\.\d{1,3})?$/),
    seed: number('seed', randomInt(MAX_SEED), /^\d{1,9}$/),
    jobs: number('jobs', defaultJobs, /^[1-9]\d?$/),
    json: values.json === true,
  };
}
