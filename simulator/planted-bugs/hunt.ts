import { nativeCrypto } from '../command/native-crypto.ts';
import { type Failure, simulate, simulateTwice } from '../run.ts';
import { swarmPlan } from '../swarm.ts';

/** The first seed of a range that fails. */
export interface Find {
  readonly seed: number;
  readonly failure: Failure;
}

/** Runs seeds until one fails; null where none does. Built anew with each planted bug. */
export function hunt(first: number, last: number, needsSecondRun: boolean): Find | null {
  const crypto = nativeCrypto();
  const run = needsSecondRun ? simulateTwice : simulate;
  for (let seed = first; seed <= last; seed++) {
    const { failure } = run(swarmPlan(seed), crypto);
    if (failure) return { seed, failure };
  }
  return null;
}
