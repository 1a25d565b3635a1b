import { REGTEST } from '../consensus/networks.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import type { NodeProcess } from '../test/support/processes.ts';
import { untilOneTip } from './agree.ts';
import { demandEqual, examineFolder } from './compare.ts';
import { damageCopy } from './damage.ts';
import { demand, TortureFailure } from './failure.ts';
import { Ledger } from './ledger.ts';
import { mine } from './load.ts';
import type { Place } from './place.ts';
import type { Moment, PlannedKill, PlannedRound } from './plan.ts';
import { connect, SCENE_PLAYS, type Twin } from './scenes.ts';
import { Strike, type StrikeOutcome, unlessGone } from './strike.ts';
import type { Tally } from './tally.ts';
import { untilListening, Victim } from './victim.ts';

/** Tries to kill at one planned moment. A random one of the stop may come too late, a failpoint's passing may not come. */
const MAX_TRIES = 6;
/** Blocks in which everything that is pending is confirmed. */
const MAX_LAST_BLOCKS = 100;
const MEMPOOL = '{ mempool { size } }';

/**
 * One victim and one twin from empty folders on: the victim is killed as planned and held to what it acknowledged after
 * each start, and in the end both hold the same, to the last unit and transaction.
 */
export class Round {
  readonly #plan: PlannedRound;
  readonly #place: Place;
  readonly #tally: Tally;
  readonly #random: SeededRandom;
  readonly #victim: Victim;
  readonly #ledger = new Ledger();
  /** What was done to the victim so far, in words. */
  readonly #history: string[] = [];

  /** @param place where the round works */
  constructor(plan: PlannedRound, place: Place, tally: Tally) {
    this.#plan = plan;
    this.#place = place;
    this.#tally = tally;
    this.#random = new SeededRandom(plan.seed);
    this.#victim = new Victim(place, 'victim');
  }

  /** Throws `TortureFailure` at the first promise that is broken, with what was done before. */
  async run(): Promise<void> {
    try {
      await this.#run();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const history = this.#history.map((line, i) => `  ${i + 1}. ${line}`).join('\n');
      throw new TortureFailure(`${message}\nin round ${this.#plan.number}, after kills\n${history}`, { cause: error });
    }
  }

  async #run(): Promise<void> {
    const twinHome = new Victim(this.#place, 'twin');
    const twin: Twin = { node: await twinHome.start(), ledger: new Ledger() };
    for (const planned of this.#plan.kills) {
      await this.#strikeUntilKilled(planned, twin);
      if (planned.isDamaged) this.#tally.damaged(await this.#damage(planned));
    }
    const victim = await this.#victim.start();
    await this.#ledger.checkAll(victim.api);
    await connect(victim, twin.node);
    await confirmEverything(victim, this.#ledger, twin);
    for (const node of [victim, twin.node]) {
      await this.#ledger.checkConfirmed(node.api);
      await twin.ledger.checkConfirmed(node.api);
    }
    for (const { program } of [victim, twin.node]) {
      const { code, stderr } = await program.signal('SIGTERM');
      demand(code === 0, `a clean stop ended with ${code}:\n${stderr}`);
    }
    await this.#compare(twinHome);
    this.#tally.acknowledged(this.#ledger);
  }

  async #strikeUntilKilled({ scene, moment }: PlannedKill, twin: Twin): Promise<void> {
    let now = moment;
    for (let tries = 1; ; tries++) {
      const when = now.kind === 'failpoint' ? `at ${now.name}:${now.passing}` : 'at random';
      this.#history.push(`${scene}, ${when}`);
      const outcome = await this.#strike(scene, now, twin);
      if (outcome === 'killed') {
        this.#tally.killed(scene, now);
        return;
      }
      demand(tries < MAX_TRIES, `was never killed ${when} of scene ${scene}`);
      // Its chain may be too short for what the scene is about.
      if (outcome === 'missed') await this.#catchUp(twin);
      now = again(now);
    }
  }

  async #strike(name: PlannedKill['scene'], moment: Moment, twin: Twin): Promise<StrikeOutcome> {
    const { args, durationMs, stage } = SCENE_PLAYS[name];
    await stage?.prepare?.(twin);
    const at = moment.kind === 'failpoint' ? { failpoint: `${moment.name}:${moment.passing}` as const } : {};
    const program = this.#victim.spawn({ args, ...at });
    const strike = new Strike(program, moment);
    if (stage === null) strike.begin(durationMs);
    else {
      const victim = await untilListening(program);
      if (victim) {
        const parts = { victim, ledger: this.#ledger, twin };
        const isReady = await unlessGone(program, async () => {
          await this.#ledger.check(victim.api);
          await stage.build?.(parts);
        });
        if (isReady) {
          strike.begin(durationMs);
          await unlessGone(program, () => stage.play(parts));
        }
      }
    }
    return await strike.outcome(name === 'stop');
  }

  async #catchUp(twin: Twin): Promise<void> {
    const node = await this.#victim.start();
    await this.#ledger.check(node.api);
    await connect(node, twin.node);
    await untilOneTip([twin.node, node], twin.ledger);
    await node.program.signal('SIGKILL');
  }

  #damage({ scene }: PlannedKill): ReturnType<typeof damageCopy> {
    return damageCopy(this.#victim, this.#ledger, this.#place, `${this.#plan.number}-${scene}`, this.#random);
  }

  /** What the folders hold, and what the program itself says of the victim's. */
  async #compare(twin: Victim): Promise<void> {
    demandEqual(await examineFolder(this.#victim.folder, REGTEST), await examineFolder(twin.folder, REGTEST));
    const verified = await this.#victim.verify();
    demand(verified.code === 0, `forklore verify ended with ${verified.code}:\n${verified.stderr}`);
  }
}

/** The next try of a moment that did not come: an earlier one. */
function again(moment: Moment): Moment {
  return moment.kind === 'failpoint'
    ? { ...moment, passing: Math.ceil(moment.passing / 4) }
    : { kind: 'random', fraction: moment.fraction / 2 };
}

/** Both nodes end on one tip with nothing pending: what only one of them had, it mines itself. */
async function confirmEverything(victim: NodeProcess, ledger: Ledger, twin: Twin): Promise<void> {
  const both = [twin.node, victim];
  await untilOneTip(both, twin.ledger);
  for (const { node, ledger: own } of [{ node: victim, ledger }, twin]) {
    for (let mined = 0; (await node.api.query(MEMPOOL)).mempool.size > 0; mined++) {
      demand(mined < MAX_LAST_BLOCKS, `something is still pending after ${mined} blocks`);
      await mine(node, 1, own);
    }
    await untilOneTip(both, twin.ledger);
  }
}
