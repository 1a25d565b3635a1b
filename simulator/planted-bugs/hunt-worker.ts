import { parentPort, workerData } from 'node:worker_threads';
import { nativeCrypto } from '../command/native-crypto.ts';
import type { FaultName } from '../faults/names.ts';
import { type SimulationFailure, simulate, simulateTwice } from '../run.ts';
import { swarmPlan } from '../swarm.ts';
import type { PlantedBug } from './planted-bug.ts';

/** What a seed does where a bug needs contracts. */
const WITH_CONTRACTS = { contractShare: 0.7, transactionsPerMinute: 40 };

/** What the thread is given: the seeds to run, each once or twice. */
export interface Hunt {
  readonly first: number;
  readonly last: number;
  readonly needsSecondRun: boolean;
  readonly needsContracts: boolean;
  /** Faults and their strengths; null: each seed draws its own. */
  readonly faults: PlantedBug['faults'] | null;
}

/** The first seed of a range that fails. */
export interface Find {
  readonly seed: number;
  readonly failure: SimulationFailure;
}

/** Runs seeds until one fails; null where none does. */
function hunt({ first, last, needsSecondRun, needsContracts, faults }: Hunt): Find | null {
  const crypto = nativeCrypto();
  const run = needsSecondRun ? simulateTwice : simulate;
  const overrides = {
    ...(faults ? { faults: new Map(Object.entries(faults) as [FaultName, number][]) } : {}),
    ...(needsContracts ? WITH_CONTRACTS : {}),
  };
  for (let seed = first; seed <= last; seed++) {
    const { failure } = run(swarmPlan(seed, overrides), crypto);
    if (failure) return { seed, failure };
  }
  return null;
}

// Rebuilt with each planted bug in it, and run in its own thread.
parentPort?.postMessage(hunt(workerData));
