import type { Failpoint } from '../server/process/failpoint.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { DamageName, DamageOutcome } from './damage.ts';
import type { Moment, SceneName } from './plan.ts';

/** What a run has done so far. */
export class Tally {
  readonly kills = new Map<SceneName, { random: number; failpoint: number }>();
  readonly failpoints = new Map<Failpoint, number>();
  readonly damages = new Map<DamageName, Record<DamageOutcome['outcome'], number>>();
  /** What rebuilt folders had lost to damage. */
  readonly lost = { blocks: 0, transactions: 0 };
  transactions = 0;
  blocks = 0;
  readonly #onChange: () => void;

  constructor(onChange: () => void = () => {}) {
    this.#onChange = onChange;
  }

  recordKill(scene: SceneName, moment: Moment): void {
    const count = this.kills.get(scene) ?? { random: 0, failpoint: 0 };
    count[moment.kind]++;
    this.kills.set(scene, count);
    if (moment.kind === 'failpoint') this.failpoints.set(moment.name, (this.failpoints.get(moment.name) ?? 0) + 1);
    this.#onChange();
  }

  recordDamage({ damage, outcome, lost }: DamageOutcome): void {
    this.lost.blocks += lost.blocks;
    this.lost.transactions += lost.transactions;
    const count = this.damages.get(damage) ?? { harmless: 0, rebuilt: 0, refused: 0 };
    count[outcome]++;
    this.damages.set(damage, count);
  }

  recordAcknowledged(acknowledgements: Acknowledgements): void {
    this.transactions += acknowledgements.transactionCount;
    this.blocks += acknowledgements.blockCount;
  }

  get killCount(): number {
    return Array.from(this.kills.values(), ({ random, failpoint }) => random + failpoint).reduce((a, b) => a + b, 0);
  }

  get damageCount(): number {
    return [...this.damages.values()].flatMap((count) => Object.values(count)).reduce((a, b) => a + b, 0);
  }
}
