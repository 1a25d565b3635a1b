import type { Cell } from './grid.ts';
import type { RunResult } from './result.ts';
import { studentT } from './student-t.ts';

/** Of the intervals. */
export const CONFIDENCE = 0.95;
/** Digits of a figure of the table: more than any sample of runs supports. */
const DIGITS = 6;
const MS_PER_SECOND = 1_000;

/** What is measured in each run; null where a run has none of it. */
const METRICS: Readonly<Record<string, (run: RunResult) => number | null>> = {
  blocks: ({ blocks }) => blocks,
  stale_share: ({ blocks, staleBlocks }) => share(staleBlocks, blocks + staleBlocks),
  reorgs_per_hour: ({ reorgs, virtualMinutes }) => share(sum(Object.values(reorgs)), virtualMinutes / 60),
  deepest_reorg: ({ reorgs }) => Math.max(0, ...Object.keys(reorgs).map(Number)),
  intruder_share: ({ miners, intruders, blocks }) =>
    share(sum(Object.keys(intruders).map((node) => miners[node] ?? 0)), blocks),
  interval_median_s: ({ intervalsMs }) => intervalsMs && intervalsMs.median / MS_PER_SECOND,
  propagation_median_ms: ({ propagationMs }) => propagationMs?.median ?? null,
  propagation_p90_ms: ({ propagationMs }) => propagationMs?.p90 ?? null,
  confirmed_share: ({ transactions }) => share(transactions.confirmed, transactions.submitted),
  megabytes: ({ traffic }) => traffic.bytes / 1e6,
};

/** The mean of a metric over the runs that have it, and half the width of its confidence interval; null where there is none. */
export interface Estimate {
  readonly mean: number | null;
  readonly ci95: number | null;
}

/** What the runs of a cell gave. */
export interface Row {
  readonly parameters: Cell['parameters'];
  readonly runs: number;
  /** In which a check did not hold. Their figures end there, and are left out of the estimates. */
  readonly failed: number;
  readonly metrics: Readonly<Record<string, Estimate>>;
}

/** Sums up the runs of a cell. */
export function rowOf(parameters: Cell['parameters'], runs: readonly RunResult[]): Row {
  const whole = runs.filter(({ failure }) => failure === null);
  const metrics = Object.entries(METRICS).map(([name, measure]) => {
    const values = whole.map(measure).filter((value) => value !== null);
    return [name, estimateOf(values)] as const;
  });
  return { parameters, runs: runs.length, failed: runs.length - whole.length, metrics: Object.fromEntries(metrics) };
}

/** Rows as comma-separated values below a line of names. Half of an interval's width follows its mean. */
export function tableCsv(parameters: readonly string[], rows: readonly Row[]): string {
  const columns = Object.keys(METRICS).flatMap((name) => [name, `${name}_ci95`]);
  const lines = rows.map(({ parameters: values, runs, failed, metrics }) => [
    ...parameters.map((name) => cellOf(values[name])),
    runs,
    failed,
    ...Object.values(metrics).flatMap(({ mean, ci95 }) => [mean ?? '', ci95 ?? '']),
  ]);
  return [[...parameters, 'runs', 'failed', ...columns], ...lines].map((line) => line.join(',')).join('\n');
}

/** Mean, and Student's t times the standard error. One run has no interval. */
function estimateOf(values: readonly number[]): Estimate {
  const count = values.length;
  if (count === 0) return { mean: null, ci95: null };
  const mean = sum(values) / count;
  if (count === 1) return { mean: rounded(mean), ci95: null };
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (count - 1);
  return { mean: rounded(mean), ci95: rounded(studentT(count - 1, CONFIDENCE) * Math.sqrt(variance / count)) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A value as one field (RFC 4180). */
function cellOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
