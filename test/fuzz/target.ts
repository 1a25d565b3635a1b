import fc from 'fast-check';

/** How a found case is written down in `test/vectors/found.json`: bytes as hex, a text as it is, anything else as JSON. */
export type Notation = 'bytes' | 'text' | 'json';

/** Something that takes what others wrote, with inputs for it and what must hold for every one of them. */
export interface FuzzTarget {
  /** As `--only` names it. */
  readonly name: string;
  readonly notation: Notation;
  readonly property: fc.IRawProperty<[unknown]>;
  /** Inputs of the short run. */
  readonly shortRuns: number;
  /** Share of the time of a long run, against 1 of a small parser. */
  readonly weight: number;
  /** Checks one found case. Throws what the property throws. */
  check(input: unknown): void | Promise<void>;
  /** Starts what the target talks to; what it gives stops it again. */
  readonly open?: () => Promise<() => Promise<void>>;
}

/** What is common to most targets. */
const DEFAULT_SHORT_RUNS = 150;

interface TargetOptions extends Pick<FuzzTarget, 'notation' | 'open'> {
  readonly shortRuns?: number;
  readonly weight?: number;
}

/** A target whose check ends before it returns. */
export function target<T>(
  name: string,
  input: fc.Arbitrary<T>,
  check: (input: T) => void,
  { shortRuns = DEFAULT_SHORT_RUNS, weight = 1, ...options }: TargetOptions,
): FuzzTarget {
  const property = fc.property(input, (value) => check(value)) as unknown as fc.IRawProperty<[unknown]>;
  return { name, shortRuns, weight, ...options, property, check: (value) => check(value as T) };
}

/** A target that reads a file or asks a server. */
export function slowTarget<T>(
  name: string,
  input: fc.Arbitrary<T>,
  check: (input: T) => Promise<void>,
  { shortRuns = DEFAULT_SHORT_RUNS, weight = 1, ...options }: TargetOptions,
): FuzzTarget {
  const property = fc.asyncProperty(input, (value) => check(value)) as unknown as fc.IRawProperty<[unknown]>;
  return { name, shortRuns, weight, ...options, property, check: (value) => check(value as T) };
}
