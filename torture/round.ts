import { REGTEST } from '../consensus/networks.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import type { NodeProcess } from '../testing/processes.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { confirmEverything, pendingCountOf, untilOneTip } from './agree.ts';
import { demandEqual, examineFolder } from './compare.ts';
import { connect } from './connect.ts';
import { damageCopy } from './damage.ts';
import { demand, TortureFailure } from './failure.ts';
import { submit } from './load.ts';
import type { Place } from './place.ts';
import type { Moment, PlannedKill, PlannedRound } from './plan.ts';
import { SCENE_PLAYS, TWIN_SENDER, type Twin, VICTIM_SENDERS } from './scenes.ts';
import { Strike, type StrikeOutcome, unlessGone } from './strike.ts';
import type { Tally } from './tally.ts';
import { untilListening, Victim } from './victim.ts';
import { until } from './wait.ts';

/** Tries to kill at one planned moment. A random one of the stop may come too late, a failpoint's passing may not come. */
const MAX_TRIES = 6;
/** Of each account before the last kill, to be compared while they are pending. */
const LAST_TRANSACTIONS = 3;
const RELAY_LIMIT_MS = 60_000;

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
  readonly #acknowledgements = new Acknowledgements();
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
    const twin: Twin = { node: await twinHome.start(), acknowledgements: new Acknowledgements() };
    for (const planned of this.#plan.kills) {
      await this.#strikeUntilKilled(planned, twin);
      if (planned.isDamaged) this.#tally.recordDamage(await this.#damage(planned));
    }
    const victim = await this.#victim.start();
    await this.#acknowledgements.checkAll(victim.api);
    await connect(victim, twin.node);
    await confirmEverything([twin, { node: victim, acknowledgements: this.#acknowledgements }]);
    const last = await this.#killWithPending(victim, twin);
    for (const { program } of [last, twin.node]) {
      const { code, stderr } = await program.signal('SIGTERM');
      demand(code === 0, `a clean stop ended with ${code}:\n${stderr}`);
    }
    await this.#compare(twinHome);
    this.#tally.recordAcknowledged(this.#acknowledgements);
  }

  async #strikeUntilKilled({ scene, moment }: PlannedKill, twin: Twin): Promise<void> {
    let now = moment;
    for (let tries = 1; ; tries++) {
      const when = now.kind === 'failpoint' ? `at ${now.name}:${now.passing}` : 'at random';
      this.#history.push(`${scene}, ${when}`);
      const outcome = await this.#strike(scene, now, twin);
      if (outcome === 'killed') {
        this.#tally.recordKill(scene, now);
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
        const parts = { victim, acknowledgements: this.#acknowledgements, twin };
        const isReady = await unlessGone(program, async () => {
          await this.#acknowledgements.check(victim.api);
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
    await this.#acknowledgements.check(node.api);
    await connect(node, twin.node);
    await untilOneTip([twin.node, node], twin.acknowledgements);
    await node.program.signal('SIGKILL');
  }

  /** Kills a victim that has the same pending as the twin, and starts it again: with nobody to give anything back. */
  async #killWithPending(victim: NodeProcess, twin: Twin): Promise<NodeProcess> {
    for (const from of VICTIM_SENDERS) {
      for (let sent = 0; sent < LAST_TRANSACTIONS; sent++) await submit(victim, from, this.#acknowledgements);
    }
    for (let sent = 0; sent < LAST_TRANSACTIONS; sent++) await submit(twin.node, TWIN_SENDER, twin.acknowledgements);
    const due = (VICTIM_SENDERS.length + 1) * LAST_TRANSACTIONS;
    const sizes = () => Promise.all([victim, twin.node].map(({ api }) => pendingCountOf(api)));
    await until(
      'both have the same pending',
      sizes,
      (counts) => counts.every((count) => count === due),
      RELAY_LIMIT_MS,
    );
    await victim.program.signal('SIGKILL');
    const again = await this.#victim.start();
    await this.#acknowledgements.checkAll(again.api);
    return again;
  }

  #damage({ scene }: PlannedKill): ReturnType<typeof damageCopy> {
    return damageCopy(this.#victim, this.#acknowledgements, this.#place, `${this.#plan.number}-${scene}`, this.#random);
  }

  /** What the folders hold, pending transactions among it, and what the program itself says of the victim's. */
  async #compare(twin: Victim): Promise<void> {
    const contents = await examineFolder(this.#victim.folder, REGTEST);
    demand(contents.pending.length > 0, 'the last kill came with nothing pending');
    demandEqual(contents, await examineFolder(twin.folder, REGTEST));
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
