// Starts a node that goes on when this step ends, waits until it answers, and tells the steps that follow where it is.
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Longest wait for the node, and the time between two looks at its output. */
const START_LIMIT_MS = 60_000;
const LOOK_MS = 100;

const { ARGUMENTS = '', GITHUB_ENV, GITHUB_OUTPUT, RUNNER_TEMP } = process.env;
if (!GITHUB_ENV || !GITHUB_OUTPUT || !RUNNER_TEMP) throw new Error('this runs as a step of GitHub Actions');
const log = join(RUNNER_TEMP, 'forklore.log');
const output = join(RUNNER_TEMP, 'forklore.out');

const flags = ['--network', 'regtest', '--port', '0', '--ephemeral', '--no-discovery', '--log-format', 'json'];
const more = ARGUMENTS.split(/\s+/).filter((text) => text !== '');
const files = [openSync(output, 'w'), openSync(log, 'w')];
const node = spawn('forklore', ['node', ...flags, ...more], { detached: true, stdio: ['ignore', ...files] });
for (const file of files) closeSync(file);
let failure;
node.once('error', (error) => {
  failure = `forklore cannot be started: ${error.message}`;
});
node.once('exit', (code) => {
  failure = `the node ended with ${code}`;
});

const url = await startedUrl();
appendFileSync(GITHUB_OUTPUT, `url=${url}\nlog=${log}\n`);
appendFileSync(GITHUB_ENV, `FORKLORE_NODE=${url}\nFORKLORE_LOG=${log}\nFORKLORE_PID=${node.pid}\n`);
console.log(`a node answers at ${url}`);
process.exit(0);

/** The first line of a node's output says where it is, as JSON. */
async function startedUrl() {
  for (let waitedMs = 0; waitedMs < START_LIMIT_MS && !failure; waitedMs += LOOK_MS) {
    const [line, rest] = readFileSync(output, 'utf8').split('\n', 2);
    if (rest !== undefined) return JSON.parse(line).url;
    await pause(LOOK_MS);
  }
  console.error(readFileSync(log, 'utf8'));
  console.error(failure ?? `the node did not start within ${START_LIMIT_MS / 1_000} s`);
  process.exit(1);
}
