import type { Outcome } from '../run.ts';
import { quantilesOf } from '../statistics.ts';

/** An outcome as plain data, in the form that `--json` prints. */
export function outcomeJson({ plan, failure, isPartial, figures, trace }: Outcome) {
  return {
    seed: plan.seed,
    name: plan.name,
    nodes: plan.nodes,
    faults: Object.fromEntries(plan.faults),
    failure,
    isPartial,
    trace,
    ...figures,
    propagationMs: quantilesOf(figures.propagationMs),
    intervalsMs: quantilesOf(figures.intervalsMs),
    intruders: Object.fromEntries(figures.intruders),
    miners: Object.fromEntries(figures.miners),
    reorgs: Object.fromEntries(figures.reorgs),
    ends: Object.fromEntries(figures.ends),
    faultsInjected: Object.fromEntries(figures.faultsInjected),
  };
}
