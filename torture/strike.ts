import type { Program } from '../testing/processes.ts';
import { demand, TortureFailure } from './failure.ts';
import type { Moment } from './plan.ts';
import { pause } from './wait.ts';

/** A failpoint is surely passed once, however busy the machine is. */
const FIRST_PASSING_LIMIT_MS = 60_000;
/** A later passing that has not come this long after its scene began may never come. */
const LATER_PASSING_LIMIT_MS = 8_000;
/** How long the end of a process may take to be noticed after its sockets are gone. */
const NOTICE_LIMIT_MS = 5_000;
/** What a node must never say, however it is treated. */
export const NEVER_SAID = /internal error|MaxListenersExceededWarning|Unhandled|uncaught/i;

/** `killed` as planned; `survived`: it ended by itself, as it was told, before that; `missed`: it passed no failpoint. */
export type StrikeOutcome = 'killed' | 'survived' | 'missed';

/** Kills one process at one moment. */
export class Strike {
  readonly #program: Program;
  readonly #moment: Moment;
  #timer: NodeJS.Timeout | null = null;
  #isMissed = false;

  constructor(program: Program, moment: Moment) {
    this.#program = program;
    this.#moment = moment;
  }

  /** Schedules the kill. @param durationMs how long the scene lasts, which begins now */
  begin(durationMs: number): void {
    this.#timer = setTimeout(
      () => {
        this.#isMissed = this.#moment.kind === 'failpoint';
        this.#program.child.kill('SIGKILL');
      },
      latestMs(this.#moment, durationMs),
    );
  }

  /** Waits for the end. Throws `TortureFailure` where the program ended in a way that nobody asked for. */
  async outcome(mayEndByItself: boolean): Promise<StrikeOutcome> {
    const { code, stderr } = await this.#program.finished;
    if (this.#timer) clearTimeout(this.#timer);
    demand(!NEVER_SAID.test(stderr), `said what it must never say:\n${stderr}`);
    const signal = this.#program.child.signalCode;
    if (mayEndByItself && code === 0) return 'survived';
    demand(signal === 'SIGKILL', `ended with exit code ${code}, signal ${signal}:\n${stderr}`);
    return this.#isMissed ? 'missed' : 'killed';
  }
}

function latestMs(moment: Moment, durationMs: number): number {
  if (moment.kind === 'random') return moment.fraction * durationMs;
  return moment.passing === 1 ? FIRST_PASSING_LIMIT_MS : LATER_PASSING_LIMIT_MS;
}

/** Does something with a node that may be gone at any moment; false where it is. */
export async function unlessGone(program: Program, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await Promise.race([work(), program.finished]);
  } catch (error) {
    if (error instanceof TortureFailure) throw error;
    await pause(NOTICE_LIMIT_MS, program.finished);
    if (!isGone(program)) throw error;
  }
  return !isGone(program);
}

function isGone({ child }: Program): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
