import type { FaultName } from '../faults/names.ts';

/** One known bug: a change of the source. `find` occurs in the file exactly once. */
export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Shows only when a seed is run twice. */
  readonly needsSecondRun?: boolean;
  /** Faults, with their strengths, under which the bug shows. Default: every seed draws its own. */
  readonly faults?: Readonly<Partial<Record<FaultName, number>>>;
  /** Shows only where transactions deploy contracts and call them. */
  readonly needsContracts?: boolean;
  /** Needs a rare coincidence: it may take some hundred seeds to show. */
  readonly isSeldom?: boolean;
}
