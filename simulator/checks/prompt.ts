import type { NetworkParams } from '../../consensus/params.ts';
import type { BlockEntry } from '../../protocol/header-index.ts';
import { FAULTS_THAT_DELAY } from '../faults/names.ts';
import { hasWeather } from '../plan.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import { CheckFailure } from './check.ts';

/** Time within which a node must have what a connected one has: seven rounds of two seconds, and some for headers and transmission. */
const LATE_MS = 18_000;
/** Younger connections may still have to say hello and exchange headers. */
const YOUNG_MS = 8_000;
/** The longest that a node may report to fetch bodies without getting one. */
const MAX_FETCH_MS = 25_000;

/** What one node of a pair lacks. */
interface Lack {
  readonly sinceMs: number;
  readonly chainWork: bigint;
}

/**
 * Where nothing delays messages between honest nodes, a node has what a connected node has within seconds, whatever its
 * other peers do, if its clock allows. And a node that waits for bodies in vain reports that it has stalled.
 */
export class PromptCheck {
  readonly #simulation: Simulation;
  readonly #appliesToPairs: boolean;
  readonly #lacks = new Map<string, Lack>();
  readonly #fetching = new Map<
    SimulatedNode,
    { readonly height: number; readonly life: number; readonly sinceMs: number }
  >();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    const { plan } = simulation;
    this.#appliesToPairs = !hasWeather(plan) && ![...plan.faults.keys()].some((name) => FAULTS_THAT_DELAY.has(name));
  }

  /** To be called about once a second. */
  look(): void {
    for (const node of this.#simulation.runningHonest()) this.#lookAtState(node);
    if (!this.#appliesToPairs) return;
    const seen = new Set<string>();
    for (const { nodes, openedMs, isWhole } of this.#simulation.network.links()) {
      const [a, b] = nodes;
      const isReliable = isWhole && this.#simulation.nowMs - openedMs >= YOUNG_MS;
      if (!isReliable || !this.#simulation.isHonest(a) || !this.#simulation.isHonest(b)) continue;
      for (const [has, lacks] of [
        [a, b],
        [b, a],
      ] as const) {
        const pair = `${has.index}.${has.life} ${lacks.index}.${lacks.life}`;
        seen.add(pair);
        this.#compare(pair, has, lacks);
      }
    }
    for (const pair of this.#lacks.keys()) if (!seen.has(pair)) this.#lacks.delete(pair);
  }

  #compare(pair: string, has: SimulatedNode, lacks: SimulatedNode): void {
    const { nowMs } = this.#simulation;
    const lack = this.#lacks.get(pair);
    const { tip } = lacks.core.chain;
    if (lack && tip.record.chainWork < lack.chainWork && mayTake(has.core.chain.tip, lacks, this.#simulation.params)) {
      if (nowMs - lack.sinceMs < LATE_MS) return;
      const message = `stands at height ${tip.record.height}, and lacks for ${LATE_MS / 1_000} s what node ${has.index} has`;
      throw new CheckFailure('prompt', lacks, message);
    }
    this.#lacks.delete(pair);
    const { chainWork } = has.core.chain.tip.record;
    if (chainWork > tip.record.chainWork && mayTake(has.core.chain.tip, lacks, this.#simulation.params))
      this.#lacks.set(pair, { sinceMs: nowMs, chainWork });
  }

  #lookAtState(node: SimulatedNode): void {
    const { state, waiting, height } = node.core.sync();
    const before = this.#fetching.get(node);
    if (state !== 'blocks' || waiting?.reason !== 'bodies') this.#fetching.delete(node);
    else if (before?.height !== height || before.life !== node.life)
      this.#fetching.set(node, { height, life: node.life, sinceMs: this.#simulation.nowMs });
    else if (this.#simulation.nowMs - before.sinceMs > MAX_FETCH_MS) {
      const message = `says for ${MAX_FETCH_MS / 1_000} s that it fetches block ${waiting.height}, which does not come`;
      throw new CheckFailure('prompt', node, message);
    }
  }
}

/** Whether a node's clock allows all blocks of a chain that it does not have, and it has found none of the others to be invalid. */
export function mayTake(
  tip: BlockEntry,
  { core, clock }: SimulatedNode,
  { futureLimitSeconds }: NetworkParams,
): boolean {
  const limitSeconds = clock.instant().wallMs / 1_000 + futureLimitSeconds;
  for (let walk: BlockEntry | null = tip; walk; walk = walk.parent) {
    const known = core.chain.get(walk.record.hash);
    if (known && known.record.bodyBytes > 0) return known.failure === null;
    if (walk.record.header.time > limitSeconds) return false;
  }
  return true;
}
