import type { Simulation } from '../simulation.ts';

/** Something that goes wrong in a simulation until everything is healed. */
export interface Fault {
  /** What happens, in a few words for people. */
  readonly what: string;
  /** Sets the fault going. `strength` is from 0, hardly ever, to 1, all the time. */
  install(simulation: Simulation, strength: number): void;
}

/** A mean waiting time between two that belongs to a strength: short for a strong fault. Geometric in between. */
export function meanWaitMs(strength: number, maxMs: number, minMs: number): number {
  return maxMs * (minMs / maxMs) ** strength;
}
