import type { TracePage } from './trace-types.ts';

/** Steps of a page where the caller names no number: what a node gives with all of their fields. */
const DEFAULT_TRACE_STEPS = 300;

/** A page of a trace with all that is to be said of it. */
export function wholePage({ from = 0, first = DEFAULT_TRACE_STEPS }: TracePage): { from: number; first: number } {
  return { from, first };
}
