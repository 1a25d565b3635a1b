import type { Failpoint } from '../server/process/failpoint.ts';
import type { SeededRandom } from '../simulator/seeded-random.ts';

/**
 * What a node is doing when it is killed: how large a share of the kills, and where it is killed then. Beside a
 * failpoint stands how many of its passings the kill is drawn from.
 */
export const SCENES = {
  creation: {
    share: 0,
    failpoints: { 'chain-created': 1, 'chain-labelled': 1, 'chain-moved-away': 1, 'chain-installed': 1 },
  },
  start: {
    share: 3,
    failpoints: {
      'program-started': 1,
      listening: 1,
      'folder-prepared': 1,
      'folder-locked': 1,
      'folder-settled': 1,
      'file-checked': 1,
      'checksum-removed': 1,
      'environment-open': 1,
      'store-checked': 1,
      'core-loaded': 1,
      'node-started': 1,
    },
  },
  mining: {
    share: 7,
    failpoints: {
      'before-commit': 100,
      'after-commit': 100,
      'amid-effects': 300,
      'after-effects': 300,
      'block-connected': 30,
    },
  },
  sync: {
    share: 4,
    failpoints: { 'block-connected': 60, 'before-commit': 12, 'after-commit': 12, 'amid-effects': 20 },
  },
  reorg: { share: 4, failpoints: { 'block-disconnected': 30, 'between-steps': 2 } },
  revert: { share: 2, failpoints: { 'row-restored': 30, 'state-restored': 2 } },
  recovery: {
    share: 4,
    failpoints: {
      'salvage-opened': 1,
      'rebuild-created': 1,
      'rebuild-read': 1,
      'rebuild-advanced': 2,
      'rebuild-closed': 1,
      'chain-labelled': 1,
      'chain-moved-away': 1,
      'chain-installed': 1,
    },
  },
  stop: {
    share: 2,
    failpoints: {
      'stop-begun': 1,
      'driver-stopped': 1,
      'node-closed': 1,
      'environment-closed': 1,
      'checksum-noted': 1,
      'folder-released': 1,
    },
  },
} as const satisfies Record<string, { share: number; failpoints: Partial<Record<Failpoint, number>> }>;

/** Where nodes are killed amid a scene. */
export function failpointsOf(scene: SceneName): Failpoint[] {
  return Object.keys(SCENES[scene].failpoints) as Failpoint[];
}

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

/** A victim's folder is created first, and then far behind. */
const FIRST_SCENES: readonly SceneName[] = ['creation', 'sync'];
/** Kills of one victim before it is compared with its twin. */
const KILLS_PER_ROUND = 25;
/** One kill in this many leaves a folder whose copy is damaged. */
const DAMAGE_EVERY = 12;

export interface PlanOptions {
  /** Only these are drawn; all where none are named. */
  readonly scenes?: readonly SceneName[];
  /** No kill comes at a failpoint. */
  readonly onlyRandom?: boolean;
  /** Victims that are tortured side by side: there are no fewer rounds, as far as there are kills. */
  readonly jobs?: number;
}

/**
 * Half of the kills come at random moments, half at failpoints, which are taken in turn so that none is left out for
 * long. The same seed, with the same options, makes the same plan.
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
    const passings: Partial<Record<Failpoint, number>> = SCENES[scene].failpoints;
    const failpoints = failpointsOf(scene);
    const turn = nextFailpoint.get(scene) ?? Math.floor(random.fraction() * failpoints.length);
    nextFailpoint.set(scene, turn + 1);
    const name = failpoints[turn % failpoints.length] ?? 'after-commit';
    const passing = 1 + Math.floor(random.fraction() * (passings[name] ?? 1));
    return { scene, moment: { kind: 'failpoint', name, passing }, isDamaged };
  };
  const draw = (): SceneName => deck[Math.floor(random.fraction() * deck.length)] ?? 'mining';
  const rounds: PlannedRound[] = [];
  const most = Math.min(KILLS_PER_ROUND, Math.ceil(kills / (options.jobs ?? 1)));
  for (let planned = 0; planned < kills; planned += most) {
    const count = Math.min(most, kills - planned);
    const scenes = Array.from({ length: count }, (_, i) => FIRST_SCENES[i] ?? draw());
    // What is killed amid its creation may not be there yet.
    const isDamaged = (i: number) => i > 0 && (planned + i) % DAMAGE_EVERY === DAMAGE_EVERY - 1;
    const list = scenes.map((scene, i) => kill(scene, isDamaged(i)));
    rounds.push({ number: rounds.length + 1, seed: random.u32(), kills: list });
  }
  return rounds;
}
