import { parseNumber } from '../../consensus/number-range.ts';
import { quotable } from '../../consensus/quotable.ts';
import { PLAN_RANGES, ScenarioError } from '../scenario.ts';

const MAX_SEEDS = 10_000_000;

/** Seeds from the first to the last, both included. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** Parses `1..100`: seeds that are run one after the other. Throws {@link ScenarioError}, whose message follows what names them. */
export function parseSeedRange(text: string): SeedRange {
  const parts = text.split('..');
  const [first, last] = parts.map((each) => parseNumber(PLAN_RANGES.seed, each));
  if (parts.length !== 2 || first == null || last == null)
    throw new ScenarioError(`must be two seeds like 1..100, not "${quotable(text)}"`);
  if (last < first || last - first >= MAX_SEEDS)
    throw new ScenarioError(`must go upwards, over at most ${MAX_SEEDS} seeds, not "${text}"`);
  return { first, last };
}
