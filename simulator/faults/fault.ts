import type { Simulation } from '../simulation.ts';

/** Something that goes wrong in a simulation until everything is healed. */
export interface Fault {
  /** Starts the fault. `strength` is from 0, hardly ever, to 1, all the time. */
  install(simulation: Simulation, strength: number): void;
}

/** Mean interval between two occurrences, by strength: `maxMs` at 0, `minMs` at 1, geometric in between. */
export function meanWaitMs(strength: number, maxMs: number, minMs: number): number {
  return maxMs * (minMs / maxMs) ** strength;
}
