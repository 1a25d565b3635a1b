import type { Candidate } from './measure.ts';

/** One question asked of performance: a file in `questions/`. */
export interface Question {
  /** As in `npm run bench -- NAME`. */
  readonly name: string;
  readonly title: string;
  run(): Promise<Answer>;
}

export interface Answer {
  /** What the medians of the candidates are given in, where they do not say it themselves. */
  readonly unit: string;
  /** Ours first, then what it is compared with. */
  readonly candidates: readonly Candidate[];
  readonly results: readonly Result[];
  /** Many figures of one kind. */
  readonly table?: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** How it grows, where size matters: one line for each size, then the law. */
  readonly growth?: readonly string[];
  /** What a reader has to know to understand the figures; a paragraph each. */
  readonly notes?: readonly string[];
}

/** A figure that a goal was set for. */
export interface Result {
  readonly what: string;
  readonly value: number;
  /** Such as `×` or `ms`. */
  readonly unit: string;
  /** Null where there is none: the figure is reported. */
  readonly goal: { readonly least: number } | { readonly most: number } | null;
  /** What stands in the way where the goal is missed, as far as it is known. */
  readonly obstacle?: string;
}

export function isMet({ value, goal }: Result): boolean | null {
  if (goal === null) return null;
  return 'least' in goal ? value >= goal.least : value <= goal.most;
}
