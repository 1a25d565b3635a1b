/** Several measurements of one thing. */
export interface Samples {
  readonly label: string;
  readonly values: readonly number[];
}

/** What was found out about one candidate. */
export interface Candidate {
  readonly label: string;
  readonly median: number;
  /** Distance of the quartiles, as a part of the median. */
  readonly spread: number;
  /** Where it is not the one of the question. */
  readonly unit?: string;
}

/**
 * Measures candidates in turns, so that a machine that is disturbed for a while disturbs all of them alike.
 * @param candidates each gives one value, higher or lower is better as the question says
 */
export async function inTurns(
  rounds: number,
  candidates: readonly { readonly label: string; measure(): number | Promise<number> }[],
): Promise<Candidate[]> {
  const values = candidates.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, candidate] of candidates.entries()) values[i]?.push(await candidate.measure());
  }
  return candidates.map(({ label }, i) => summary({ label, values: values[i] ?? [] }));
}

export function summary({ label, values }: Samples): Candidate {
  const sorted = [...values].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  return { label, median, spread: (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / median };
}

/** @param sorted ascending, not empty */
export function quantile(sorted: readonly number[], part: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/**
 * By which law a cost grows, from measurements at several sizes: the exponent that fits best (least squares of the
 * logarithms), in words.
 * @param what such as "The time"; becomes the subject of a sentence
 */
export function lawOf(what: string, points: readonly { readonly size: number; readonly cost: number }[]): string {
  const logs = points.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost) }));
  const mean = (pick: (point: { x: number; y: number }) => number): number =>
    logs.reduce((sum, point) => sum + pick(point), 0) / logs.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const exponent = mean((point) => (point.x - x) * (point.y - y)) / mean((point) => (point.x - x) ** 2);
  const law = LAWS.find(({ below }) => exponent < below)?.words ?? 'much faster than linearly';
  return `${what} grows ${law}: with the power ${exponent.toFixed(2)} of the size.`;
}

const LAWS = [
  { below: 0.2, words: 'hardly' },
  { below: 0.85, words: 'more slowly than linearly' },
  { below: 1.15, words: 'linearly' },
  { below: 1.5, words: 'a little faster than linearly' },
] as const;

/** Calls a second for as long as `durationMs`. `work` says how many things one call did. */
export function rate(durationMs: number, work: () => number): number {
  const startMs = performance.now();
  let done = 0;
  let elapsedMs = 0;
  do {
    done += work();
    elapsedMs = performance.now() - startMs;
  } while (elapsedMs < durationMs);
  return (done / elapsedMs) * 1_000;
}
