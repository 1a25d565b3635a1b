import type { Failpoint } from '../server/failpoint.ts';
import type { SeededRandom } from '../simulator/seeded-random.ts';

/** What a node is doing when it is killed. */
export const SCENES = {
  creation: { share: 0, failpoints: ['chain-created', 'chain-labelled', 'chain-moved-away', 'chain-installed'] },
  start: {
    share: 3,
    failpoints: [
      'program-started',
      'listening',
      'folder-prepared',
      'lock-claimed',
      'folder-locked',
      'folder-settled',
      'file-checked',
      'checksum-removed',
      'environment-open',
      'store-checked',
      'core-loaded',
      'node-started',
    ],
  },
  mining: {
    share: 7,
    failpoints: ['before-commit', 'after-commit', 'amid-effects', 'after-effects', 'block-connected'],
  },
  sync: { share: 4, failpoints: ['block-connected', 'before-commit', 'after-commit', 'amid-effects'] },
  reorg: { share: 4, failpoints: ['block-disconnected', 'between-steps'] },
  recovery: {
    share: 4,
    failpoints: [
      'salvage-opened',
      'rebuild-created',
      'rebuild-read',
      'rebuild-advanced',
      'rebuild-closed',
      'chain-labelled',
      'chain-moved-away',
      'chain-installed',
    ],
  },
  stop: {
    share: 2,
    failpoints: [
      'stop-begun',
      'driver-stopped',
      'node-closed',
      'environment-closed',
      'checksum-noted',
      'folder-released',
    ],
  },
} as const satisfies Record<string, { share: number; failpoints: readonly Failpoint[] }>;

export type SceneName = keyof typeof SCENES;

/** When a node is killed: somewhere in the time that its scene takes, or as it passes a failpoint. */
export type Moment =
  | { readonly kind: 'random'; readonly fraction: number }
  | { readonly kind: 'failpoint'; readonly name: Failpoint; readonly passing: number };

export interface PlannedKill {
  readonly scene: SceneName;
  readonly moment: Moment;
  /** A copy of the folder that the kill leaves is damaged, and has to be noticed. */
  readonly isDamaged: boolean;
}

/** What one victim and its twin go through, from two empty folders to their comparison. */
export interface PlannedRound {
  /** Names the round in messages. */
  readonly number: number;
  /** Draws what the plan leaves open. */
  readonly seed: number;
  readonly kills: readonly PlannedKill[];
}

/** Kills of one victim before it is compared with its twin. */
const KILLS_PER_ROUND = 25;
/** Failpoints that are passed at each write are met at a random one of so many passings. */
const FREQUENT: ReadonlyMap<Failpoint, number> = new Map([
  ['before-commit', 20],
  ['after-commit', 20],
  ['amid-effects', 40],
  ['after-effects', 60],
  ['block-connected', 15],
  ['block-disconnected', 30],
  ['between-steps', 3],
  ['rebuild-advanced', 2],
]);
/** Of so many kills, one leaves a folder whose copy is damaged. */
const DAMAGE_EVERY = 12;

export interface PlanOptions {
  /** Only these are drawn; all where none are named. */
  readonly scenes?: readonly SceneName[];
  /** No kill comes at a failpoint. */
  readonly onlyRandom?: boolean;
}

/**
 * Half of the kills come at random moments, half at failpoints, which are taken in turn so that none is left out for
 * long. The same seed makes the same plan.
 */
export function makePlan(kills: number, random: SeededRandom, options: PlanOptions = {}): PlannedRound[] {
  const nextFailpoint = new Map<SceneName, number>();
  // Each scene as often as its share; that of creation has its place at the beginning.
  const deck = (options.scenes ?? (Object.keys(SCENES) as SceneName[])).flatMap((name) =>
    Array<SceneName>(SCENES[name].share).fill(name),
  );
  let isFailpoint = false;
  const kill = (scene: SceneName, isDamaged: boolean): PlannedKill => {
    isFailpoint = !isFailpoint && !options.onlyRandom;
    if (!isFailpoint) return { scene, moment: { kind: 'random', fraction: random.fraction() }, isDamaged };
    const failpoints: readonly Failpoint[] = SCENES[scene].failpoints;
    const turn = nextFailpoint.get(scene) ?? Math.floor(random.fraction() * failpoints.length);
    nextFailpoint.set(scene, turn + 1);
    const name = failpoints[turn % failpoints.length] ?? 'after-commit';
    const passing = 1 + Math.floor(random.fraction() * (FREQUENT.get(name) ?? 1));
    return { scene, moment: { kind: 'failpoint', name, passing }, isDamaged };
  };
  const draw = (): SceneName => deck[Math.floor(random.fraction() * deck.length)] ?? 'mining';
  const rounds: PlannedRound[] = [];
  for (let planned = 0; planned < kills; planned += KILLS_PER_ROUND) {
    const count = Math.min(KILLS_PER_ROUND, kills - planned);
    // At its beginning a folder is created, and far behind.
    const scenes = Array.from({ length: count }, (_, i) => (i === 0 ? 'creation' : i === 1 ? 'sync' : draw()));
    const list = scenes.map((scene, i) => kill(scene, (planned + i) % DAMAGE_EVERY === DAMAGE_EVERY - 1));
    rounds.push({ number: rounds.length + 1, seed: random.u32(), kills: list });
  }
  return rounds;
}
