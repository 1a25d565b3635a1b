import type { LinkConditions } from '../../client/link-conditions.ts';
import { type NumberRange, numbers, parseNumber, wholeNumbers } from '../../consensus/number-range.ts';

/** What nodes take; docs/weather.md. */
export const WEATHER_RANGES = {
  /** Milliseconds. */
  delay: wholeNumbers(0, 60_000),
  bytesPerSecond: wholeNumbers(1, 1_000_000_000),
  /** Percent. */
  loss: numbers(0, 100),
} as const;

const PERCENT = 100;
/** A probability in percent, without what the arithmetic of floats adds to it. */
const DIGITS = 12;

/** What stands in the fields; an empty one changes nothing. */
export interface WeatherDraft {
  readonly least: string;
  readonly most: string;
  readonly bytesPerSecond: string;
  readonly loss: string;
}

/** What is wrong with a field: it is no number of its range, or the longest delay is below the shortest. */
export type FieldProblem = { readonly kind: 'range'; readonly range: NumberRange } | { readonly kind: 'order' };

export type WeatherProblems = { readonly [Field in keyof WeatherDraft]?: FieldProblem };

type DraftConditions = Omit<LinkConditions, 'cut'>;

/** The fields for conditions that are set; all are empty where there are none. */
export function draftOf(conditions: LinkConditions | null): WeatherDraft {
  const { delayMs = [], bytesPerSecond = null, loss = 0 } = conditions ?? {};
  const [least = 0, most = least] = delayMs;
  return {
    least: most === 0 ? '' : String(least),
    most: most === 0 ? '' : String(most),
    bytesPerSecond: bytesPerSecond === null ? '' : String(bytesPerSecond),
    loss: loss === 0 ? '' : String(Number((loss * PERCENT).toPrecision(DIGITS))),
  };
}

/** Reads the fields. One delay stands for both. @returns the conditions, or null, and what is wrong with each field */
export function readDraft(draft: WeatherDraft): { conditions: DraftConditions | null; problems: WeatherProblems } {
  const problems: { -readonly [Field in keyof WeatherDraft]?: FieldProblem } = {};
  const read = (field: keyof WeatherDraft, range: NumberRange): number | null => {
    const text = draft[field].trim();
    const value = text === '' ? null : parseNumber(range, text);
    if (text !== '' && value === null) problems[field] = { kind: 'range', range };
    return value;
  };
  const given = [read('least', WEATHER_RANGES.delay), read('most', WEATHER_RANGES.delay)] as const;
  const bytesPerSecond = read('bytesPerSecond', WEATHER_RANGES.bytesPerSecond);
  const loss = (read('loss', WEATHER_RANGES.loss) ?? 0) / PERCENT;
  const least = given[0] ?? given[1] ?? 0;
  const most = given[1] ?? least;
  if (least > most) problems.most = { kind: 'order' };
  const isWrong = Object.keys(problems).length > 0;
  return { conditions: isWrong ? null : { delayMs: [least, most], bytesPerSecond, loss }, problems };
}
