import { writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { quotableLines } from '../../consensus/quotable.ts';
import { blocksCsv } from '../../simulator/command/blocks-csv.ts';
import { EXIT_INTERRUPTED } from '../../simulator/command/interruption.ts';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { outcomeJson } from '../../simulator/command/outcome-json.ts';
import { Progress } from '../../simulator/command/progress.ts';
import { failureReport, reportOf } from '../../simulator/command/report.ts';
import type { Plan } from '../../simulator/plan.ts';
import { compareRuns, type LogLine, type Outcome, simulateInSteps } from '../../simulator/run.ts';
import { EXIT_CODES } from '../cli-errors.ts';
import type { CliContext } from '../commands/client-context.ts';
import { json, type OutputStream } from '../output/output.ts';
import { interruptible } from './interruption.ts';
import { versionThatRan } from './version-that-ran.ts';

const MS_PER_SECOND = 1_000;
/** Digits of a virtual time in seconds, with three after the point. */
const TIME_WIDTH = 11;

/** What is told of one simulated network, and how. */
export interface OneRun {
  readonly plan: Plan;
  /** Whether it runs a second time, which costs as much again, and shows that it runs the same way. */
  readonly runsTwice: boolean;
  readonly json: boolean;
  readonly log: boolean;
  /** File for all blocks; null for none. */
  readonly blocksFile: string | null;
  /** The command that runs this network again, told where a check does not hold. */
  readonly replay: string;
}

/**
 * Runs one network in the simulator, and prints its report. When the program is asked to stop, the figures so far are
 * printed.
 * @returns the exit code of the program
 */
export async function simulateOne(run: OneRun, { terminal, stderr }: CliContext): Promise<number> {
  const startMs = performance.now();
  const { outcome, isInterrupted } = await interruptible(terminal, async (signal) => ({
    outcome: await outcomeOf(run, stderr, signal),
    isInterrupted: signal.aborted,
  }));
  const seconds = (performance.now() - startMs) / MS_PER_SECOND;
  // Scenarios and their names may come from untrusted files.
  terminal.print(quotableLines(run.json ? json(outcomeJson(outcome)) : reportOf(outcome, seconds)));
  if (outcome.failure) {
    const report = failureReport(outcome, { version: versionThatRan(), command: run.replay });
    terminal.printError(`\n${quotableLines(report)}`);
    return EXIT_CODES.failed;
  }
  return isInterrupted ? EXIT_INTERRUPTED : EXIT_CODES.ok;
}

async function outcomeOf(
  { plan, runsTwice, log, blocksFile }: OneRun,
  stderr: OutputStream,
  signal: AbortSignal,
): Promise<Outcome> {
  const first = simulateInSteps(plan, nativeCrypto(), {
    ...(log && { onLog: (line: LogLine) => stderr.write(logLine(line)) }),
    onEnd({ statistics }) {
      if (blocksFile !== null) writeFileSync(blocksFile, blocksCsv(statistics.blocks()));
    },
  });
  const outcome = await drive(first, log ? null : new Progress(`seed ${plan.seed}`, stderr), signal);
  if (!runsTwice) return outcome;
  const second = simulateInSteps(plan, nativeCrypto());
  return compareRuns(outcome, await drive(second, new Progress(`seed ${plan.seed}, second run`, stderr), signal));
}

/** Runs a simulation to its end, or until the program is asked to stop. */
async function drive(
  steps: ReturnType<typeof simulateInSteps>,
  progress: Progress | null,
  signal: AbortSignal,
): Promise<Outcome> {
  let step = steps.next(true);
  while (!step.done) {
    progress?.show(step.value);
    // Signals are delivered only between two iterations of the event loop.
    await setImmediate();
    step = steps.next(!signal.aborted);
  }
  progress?.end();
  return step.value;
}

function logLine({ atSeconds, node, level, message, fields }: LogLine): string {
  const who = node ? `node ${node.index}` : 'network';
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${plain(value)}`);
  const line = `${atSeconds.toFixed(3).padStart(TIME_WIDTH)} ${who} ${level} ${message}${rest.join('')}`;
  return `${quotableLines(line)}\n`;
}

function plain(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
