import { Piscina } from 'piscina';
import type { LogEntry } from '../checks/inspector.ts';
import { type Outcome, simulate, simulateTwice } from '../run.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { nativeCrypto } from './native-crypto.ts';
import { parseRequest, type Request } from './options.ts';
import { outcomeJson } from './outcome-json.ts';
import { Progress } from './progress.ts';
import { failureReport, reportOf, summaryOf } from './report.ts';

/** Failures that are told in full; a campaign that fails more often is ended. */
const MOST_FAILURES = 20;
/** Digits of a virtual time in seconds, with three after the point. */
const TIME_WIDTH = 11;

const argv = process.argv.slice(2);
const request = parseRequest(argv);
process.exitCode = request.isCampaign ? await runCampaign(request) : runOne(request);

/** Runs one seed here; gives the exit code. */
function runOne({ planOf, seeds, json, log, runsTwice }: Request): number {
  const progress = new Progress(`seed ${seeds.first}`);
  const startMs = performance.now();
  // A second run costs as much again, and a person who studies one network asks for one.
  const outcome = (runsTwice ? simulateTwice : simulate)(planOf(seeds.first), nativeCrypto(), {
    ...(!log && { progress: (share) => progress.show(share) }),
    ...(log && { log: printEntry }),
  });
  progress.end();
  print(json, outcome, reportOf(outcome, secondsSince(startMs)));
  return told(outcome);
}

function printEntry(atSeconds: number, node: SimulatedNode, { level, message, fields }: LogEntry): void {
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`);
  process.stderr.write(
    `${atSeconds.toFixed(3).padStart(TIME_WIDTH)} node ${node.index} ${level} ${message}${rest.join('')}\n`,
  );
}

function told(outcome: Outcome): number {
  if (!outcome.failure) return 0;
  process.stderr.write(`\n${failureReport(outcome, request)}\n`);
  return 1;
}

/** Runs many seeds in threads; gives the exit code. */
async function runCampaign({ seeds, jobs, runsTwice, json }: Request): Promise<number> {
  const { first, last } = seeds;
  const pool = new Piscina({ filename: new URL('./seed-task.ts', import.meta.url).href, maxThreads: jobs });
  const progress = new Progress(`seeds ${first}..${last}`);
  const startMs = performance.now();
  const outcomes: Outcome[] = [];
  let failures = 0;
  let next = first;
  const work = async (): Promise<void> => {
    while (next <= last && failures < MOST_FAILURES) {
      const seed = next++;
      const outcome: Outcome = await pool.run({ seed, argv });
      outcomes.push(outcome);
      if (outcome.failure) {
        failures++;
        progress.end();
        process.stderr.write(`${failureReport(outcome, request)}\n\n`);
      }
      progress.show(outcomes.length / (last - first + 1), failures > 0 ? `· ${failures} failed` : '');
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  await pool.destroy();
  progress.end();
  outcomes.sort((a, b) => a.plan.seed - b.plan.seed);
  const summary = summaryOf(outcomes, secondsSince(startMs), runsTwice ? 2 : 1);
  if (json) process.stdout.write(`${JSON.stringify(outcomes.map(outcomeJson), null, 2)}\n`);
  else process.stdout.write(`${summary}\n`);
  return failures > 0 ? 1 : 0;
}

function print(json: boolean, outcome: Outcome, report: string): void {
  process.stdout.write(`${json ? JSON.stringify(outcomeJson(outcome), null, 2) : report}\n`);
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1_000;
}
