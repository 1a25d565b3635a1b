import { writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Piscina } from 'piscina';
import { quotableLines } from '../../consensus/quotable.ts';
import { compareRuns, type LogLine, type Outcome, simulateInSteps } from '../run.ts';
import { blocksCsv } from './blocks-csv.ts';
import { EXIT_INTERRUPTED, untilInterrupted } from './interruption.ts';
import { nativeCrypto } from './native-crypto.ts';
import { parseRequest, type Request } from './options.ts';
import { outcomeJson } from './outcome-json.ts';
import { Progress } from './progress.ts';
import { failureReport, reportOf, summaryOf } from './report.ts';
import type { SeedTask } from './seed-task.ts';

/** Failures after which a campaign is ended. */
const MAX_FAILURES = 20;
/** Digits of a virtual time in seconds, with three after the point. */
const TIME_WIDTH = 11;

const argv = process.argv.slice(2);
const request = parseRequest(argv);
const interruption = untilInterrupted();
const hasFailed = await (request.isCampaign ? runCampaign(request) : runOne(request));
if (hasFailed) process.exitCode = 1;
else if (interruption.aborted) process.exitCode = EXIT_INTERRUPTED;

/** Runs one seed here; whether it failed. */
async function runOne({ planOf, seeds, json, log, runsTwice, blocksFile }: Request): Promise<boolean> {
  const plan = planOf(seeds.first);
  const startMs = performance.now();
  const first = simulateInSteps(plan, nativeCrypto(), {
    ...(log && { onLog: printLine }),
    onEnd({ statistics }) {
      if (blocksFile !== null) writeFileSync(blocksFile, blocksCsv(statistics.blocks()));
    },
  });
  let outcome = await drive(first, log ? null : new Progress(`seed ${plan.seed}`));
  // A second run costs as much again, and a person who studies one network asks for one.
  if (runsTwice) {
    const second = simulateInSteps(plan, nativeCrypto());
    outcome = compareRuns(outcome, await drive(second, new Progress(`seed ${plan.seed}, second run`)));
  }
  print(json ? outcomeJson(outcome) : reportOf(outcome, secondsSince(startMs)));
  if (outcome.failure) process.stderr.write(`\n${quotableLines(failureReport(outcome, request))}\n`);
  return outcome.failure !== null;
}

/** Runs a simulation to its end, or until the program is asked to stop. */
async function drive(steps: ReturnType<typeof simulateInSteps>, progress: Progress | null): Promise<Outcome> {
  let step = steps.next(true);
  while (!step.done) {
    progress?.show(step.value);
    // Signals are delivered only between two iterations of the event loop.
    await setImmediate();
    step = steps.next(!interruption.aborted);
  }
  progress?.end();
  return step.value;
}

function printLine({ atSeconds, node, level, message, fields }: LogLine): void {
  const who = node ? `node ${node.index}` : 'network';
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${plain(value)}`);
  const line = `${atSeconds.toFixed(3).padStart(TIME_WIDTH)} ${who} ${level} ${message}${rest.join('')}`;
  process.stderr.write(`${quotableLines(line)}\n`);
}

function plain(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Runs many seeds in threads; whether one failed. */
async function runCampaign({ seeds, jobs, runsTwice, json }: Request): Promise<boolean> {
  const { first, last } = seeds;
  const pool = new Piscina({ filename: new URL('./seed-task.ts', import.meta.url).href, maxThreads: jobs });
  process.stderr.write(`seeds ${first}..${last}, each ${runsTwice ? 'twice' : 'once'}, in ${jobs} threads\n`);
  const progress = new Progress(`seeds ${first}..${last}`);
  const startMs = performance.now();
  const outcomes: Outcome[] = [];
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  interruption.addEventListener('abort', () => Atomics.store(stop, 0, 1));
  let failures = 0;
  let next = first;
  const work = async (): Promise<void> => {
    while (next <= last && failures < MAX_FAILURES && !interruption.aborted) {
      const seed = next++;
      const task: SeedTask = { seed, argv, stop };
      const outcome: Outcome = await pool.run(task);
      if (outcome.isPartial) return;
      outcomes.push(outcome);
      if (outcome.failure) {
        failures++;
        progress.end();
        process.stderr.write(`${quotableLines(failureReport(outcome, request))}\n\n`);
      }
      progress.show(outcomes.length / (last - first + 1), failures > 0 ? `· ${failures} failed` : '');
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  await pool.destroy();
  progress.end();
  outcomes.sort((a, b) => a.plan.seed - b.plan.seed);
  if (failures >= MAX_FAILURES) process.stderr.write(`given up after ${MAX_FAILURES} failures\n`);
  const asked = last - first + 1;
  print(json ? outcomes.map(outcomeJson) : summaryOf(outcomes, asked, secondsSince(startMs), runsTwice ? 2 : 1));
  return failures > 0;
}

/** Scenarios and their names may come from untrusted files. */
function print(result: unknown): void {
  const text = typeof result === 'string' ? result : JSON.stringify(result, null, 2);
  process.stdout.write(`${quotableLines(text)}\n`);
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1_000;
}
