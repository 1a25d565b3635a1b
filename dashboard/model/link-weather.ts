import type { LinkConditions } from '../../client/link-conditions.ts';

/** Conditions of both directions of a link, each in the order of its ends; null where it has none. */
export type LinkWeather = readonly [there: LinkConditions | null, back: LinkConditions | null];

/** Whether conditions change anything besides a cut, which has a mark of its own. */
export function isRough({ delayMs, bytesPerSecond, loss }: LinkConditions): boolean {
  return delayMs.some((ms) => ms > 0) || bytesPerSecond !== null || loss > 0;
}

/** The worst of both directions, for a mark that has room for few words; null where nothing is set. */
export function worstOf(weather: LinkWeather): LinkConditions | null {
  const [first, second] = weather.filter((each) => each !== null && isRough(each));
  if (!first || !second) return first ?? second ?? null;
  const rates = [first.bytesPerSecond, second.bytesPerSecond].filter((rate) => rate !== null);
  return {
    delayMs: [
      Math.min(first.delayMs[0] ?? 0, second.delayMs[0] ?? 0),
      Math.max(first.delayMs[1] ?? 0, second.delayMs[1] ?? 0),
    ],
    bytesPerSecond: rates.length === 0 ? null : Math.min(...rates),
    loss: Math.max(first.loss, second.loss),
    cut: first.cut || second.cut,
  };
}
