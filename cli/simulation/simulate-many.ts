import { quotableLines } from '../../consensus/quotable.ts';
import { EXIT_INTERRUPTED } from '../../simulator/command/interruption.ts';
import { outcomeJson } from '../../simulator/command/outcome-json.ts';
import { Progress } from '../../simulator/command/progress.ts';
import { failureReport, summaryOf } from '../../simulator/command/report.ts';
import type { Outcome } from '../../simulator/run.ts';
import { EXIT_CODES } from '../cli-errors.ts';
import type { CliContext } from '../commands/client-context.ts';
import { json } from '../output/output.ts';
import { ownCommand } from '../own-command.ts';
import { interruptible } from './interruption.ts';
import type { Request } from './request.ts';
import { SimulationPool } from './simulation-pool.ts';
import { versionThatRan } from './version-that-ran.ts';

const MS_PER_SECOND = 1_000;
/** Failures after which a campaign is ended. */
const MAX_FAILURES = 20;

/** The command that runs a network again whose check did not hold. */
export function replayOf({ replayFlags }: Request, { plan, failure }: Pick<Outcome, 'plan' | 'failure'>): string {
  const twice = failure?.check === 'determinism' ? ['--twice'] : [];
  return ownCommand('simulate', ['--seed', plan.seed, ...replayFlags, ...twice].join(' '));
}

/**
 * Runs many seeds in threads, and sums up. When the program is asked to stop, the seeds so far are summed up.
 * @returns the exit code of the program
 */
export async function simulateMany(request: Request, { terminal, stderr }: CliContext): Promise<number> {
  const { seeds, jobs, runsTwice } = request;
  const { first, last } = seeds;
  const asked = last - first + 1;
  const startMs = performance.now();
  const progress = new Progress(`seeds ${first}..${last}`, stderr);
  const outcomes: Outcome[] = [];
  let failures = 0;
  const onOutcome = (outcome: Outcome): void => {
    outcomes.push(outcome);
    if (outcome.failure) {
      failures++;
      progress.end();
      const replay = { version: versionThatRan(), command: replayOf(request, outcome) };
      terminal.printError(`${quotableLines(failureReport(outcome, replay))}\n`);
    }
    progress.show(outcomes.length / asked, failures > 0 ? `· ${failures} failed` : '');
  };
  const isInterrupted = await interruptible(terminal, async (signal) => {
    // Who reads this may interrupt it from here on.
    terminal.printError(`seeds ${first}..${last}, each ${runsTwice ? 'twice' : 'once'}, in ${jobs} threads`);
    await runSeeds(request, signal, () => failures < MAX_FAILURES, onOutcome);
    return signal.aborted;
  });
  progress.end();
  outcomes.sort((a, b) => a.plan.seed - b.plan.seed);
  if (failures >= MAX_FAILURES) terminal.printError(`given up after ${MAX_FAILURES} failures`);
  const seconds = (performance.now() - startMs) / MS_PER_SECOND;
  const summary = () => summaryOf(outcomes, asked, seconds, runsTwice ? 2 : 1);
  // Scenarios and their names may come from untrusted files.
  terminal.print(quotableLines(request.json ? json(outcomes.map(outcomeJson)) : summary()));
  if (failures > 0) return EXIT_CODES.failed;
  return isInterrupted ? EXIT_INTERRUPTED : EXIT_CODES.ok;
}

/** Runs seeds one after the other in each thread, until there are no more, or not to go on. */
async function runSeeds(
  { seeds, jobs, runsTwice, planOf }: Request,
  signal: AbortSignal,
  goesOn: () => boolean,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const pool = new SimulationPool(jobs, signal);
  let next = seeds.first;
  const work = async (): Promise<void> => {
    while (next <= seeds.last && goesOn() && !signal.aborted) {
      const outcome = await pool.simulate(planOf(next++), runsTwice);
      if (outcome.isPartial) return;
      onOutcome(outcome);
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    await pool.close();
  }
}
