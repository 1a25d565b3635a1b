import { mustBe } from '../consensus/json-file.ts';
import { describeRange, isInRange, type NumberRange, numbers, wholeNumbers } from '../consensus/number-range.ts';

/**
 * What messages meet on the way from one node to another: one direction of a link. The other direction has conditions of
 * its own. The words mean the same for real nodes and for simulated ones.
 */
export interface LinkConditions {
  /** How long a message is under way, in milliseconds: uniform between the two. Messages never overtake each other. */
  readonly delayMs: readonly [least: number, most: number];
  /** Messages leave one after the other at this rate; null: without limit. */
  readonly bytesPerSecond: number | null;
  /** Probability that a message is lost. A stream cannot go on without it: the connection breaks. */
  readonly loss: number;
  /** Nothing gets through. A stream needs both ways: the connection breaks, and none is opened from either side. */
  readonly cut: boolean;
}

/** Conditions that change nothing. */
export const CLEAR: LinkConditions = { delayMs: [0, 0], bytesPerSecond: null, loss: 0, cut: false };

/** The longest delay, in milliseconds. A handshake takes at most ten seconds, so far less already prevents connections. */
export const MAX_DELAY_MS = 60_000;
export const MAX_BYTES_PER_SECOND = 1_000_000_000;
const DELAYS_MS = wholeNumbers(0, MAX_DELAY_MS);
const RATES = wholeNumbers(1, MAX_BYTES_PER_SECOND);
const PROBABILITIES = numbers(0, 1);

/** The values that a field takes, and what these are in words. */
interface FieldRule<T> {
  isValid(value: unknown): value is T;
  readonly what: string;
}

/** The rule of each field, for whatever reads conditions. */
export const LINK_FIELDS: { readonly [K in keyof LinkConditions]: FieldRule<LinkConditions[K]> } = {
  delayMs: delayRule(DELAYS_MS),
  bytesPerSecond: {
    isValid: (value) => value === null || isInRange(RATES, value),
    what: `${describeRange(RATES)}, or null for no limit`,
  },
  loss: { isValid: (value) => isInRange(PROBABILITIES, value), what: describeRange(PROBABILITIES) },
  cut: { isValid: (value) => typeof value === 'boolean', what: 'true or false' },
};

/** Conditions that somebody gave are none. The message is one line: the field, and what it must be. */
export class LinkConditionsError extends Error {
  override readonly name = 'LinkConditionsError';
}

/**
 * Checks conditions that somebody gave. Fields that are left out are as in `CLEAR`; others than those of
 * {@link LinkConditions} are ignored.
 *
 * @throws LinkConditionsError
 */
export function parseLinkConditions(given: { readonly [K in keyof LinkConditions]?: unknown }): LinkConditions {
  return {
    delayMs: parseField('delayMs', given.delayMs),
    bytesPerSecond: parseField('bytesPerSecond', given.bytesPerSecond),
    loss: parseField('loss', given.loss),
    cut: parseField('cut', given.cut),
  };
}

/** Whether conditions change nothing. */
export function isClear({ delayMs: [, most], bytesPerSecond, loss, cut }: LinkConditions): boolean {
  return most === 0 && bytesPerSecond === null && loss === 0 && !cut;
}

/** The rule of a pair of delays, the shorter one first, each of them in this range. */
export function delayRule(range: NumberRange): FieldRule<LinkConditions['delayMs']> {
  const what = `two ${range.isWhole ? 'whole ' : ''}numbers from ${range.minimum} to ${range.maximum}, the smaller one first`;
  return { isValid: (value): value is LinkConditions['delayMs'] => isAscendingPair(range, value), what };
}

function isAscendingPair(range: NumberRange, value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [least, most, ...rest]: unknown[] = value;
  return isInRange(range, least) && isInRange(range, most) && least <= most && rest.length === 0;
}

function parseField<K extends keyof LinkConditions>(name: K, value: unknown): LinkConditions[K] {
  if (value === undefined) return CLEAR[name];
  const { isValid, what } = LINK_FIELDS[name];
  if (isValid(value)) return value;
  throw new LinkConditionsError(`${name}: ${mustBe(what)({ input: value })}`);
}
