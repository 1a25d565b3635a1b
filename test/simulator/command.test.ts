import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { parseRequest } from '../../simulator/command/options.ts';
import { failureReport, reportOf, summaryOf } from '../../simulator/command/report.ts';
import { type Outcome, simulate } from '../../simulator/run.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TIMEOUT_MS = 120_000;

/** The command as `npm run simulate` runs it. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const file = ['--import', 'tsx', 'simulator/command/main.ts', ...args];
    const child = execFile(process.execPath, file, { cwd: ROOT }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('npm run simulate', { timeout: TIMEOUT_MS }, () => {
  it('tells of one network, and exits with 0 when every check held', async () => {
    const { code, stdout } = await run('--seed', '3', '--minutes', '1');
    expect(stdout).toMatch(/^ {2}blocks +\d+ on the best chain, and \d+ stale \(\d/m);
    expect(stdout).toMatch(/^ {2}propagation +median .* 99 %/m);
    expect(stdout).toContain('✓ every check held');
    expect(code).toBe(0);
  });

  it('prints one JSON value with --json, the same for the same seed', async () => {
    const args = ['--faults', 'none', '--nodes', '4', '--minutes', '2', '--seed', '5', '--json'];
    const [first, second] = await Promise.all([run(...args), run(...args)]);
    const json = JSON.parse(first.stdout);
    expect(json).toMatchObject({ seed: 5, nodes: 4, faults: {}, failure: null });
    expect(json.blocks).toBeGreaterThan(0);
    expect(second.stdout).toBe(first.stdout);
  });

  it('runs a range of seeds in threads, and sums up', async () => {
    const { code, stdout } = await run('--seeds', '1..4', '--minutes', '1', '--jobs', '2');
    expect(stdout).toContain('4 seeds, each run twice');
    expect(code).toBe(0);
  });

  it('runs a scenario, and prints what the nodes log', async () => {
    const args = ['--scenario', 'simulator/scenarios/partition.json', '--minutes', '2', '--log'];
    const { stdout, stderr } = await run(...args);
    expect(stdout).toContain('two halves for ten minutes: 12 nodes');
    expect(stderr).toMatch(/^ +\d+\.\d{3} node \d+ info new tip height=1 block=[0-9a-f]{64}/m);
  });

  it.each([
    [['--nodes', 'x'], 'it must be a whole number from 1 to 5000, not "x"'],
    [['--seeds', '5..1'], 'it must go upwards'],
    [['--faults', 'chaos'], 'knows no fault "chaos"'],
    [['--scenario', 'nowhere.json'], 'nowhere.json: cannot be read'],
    [['seven'], 'too many arguments'],
  ])('says what is wrong with %j, and exits with 2', async (args, message) => {
    const { code, stderr, stdout } = await run(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('the report of a failure', () => {
  const request = parseRequest(['--seeds', '1..9', '--nodes', '3', '--minutes', '1', '--faults', 'crash=0.25']);
  const outcome: Outcome = {
    ...simulate(request.planOf(7), nativeCrypto()),
    failure: { check: 'replay', message: 'has another state', node: 2, atSeconds: 1.5, stack: null },
  };

  it('has seed, commit, and the command that shows it again', () => {
    const text = failureReport(outcome, request);
    expect(text).toContain('seed 7 failed: [replay] after 1.500 s: node 2 has another state');
    expect(text).toMatch(/commit {3}([0-9a-f]{12}|unknown)/);
    const [, command = ''] = /npm run simulate -- (.*)/.exec(text) ?? [];
    expect(command).toBe('--seed 7 --nodes 3 --minutes 1 --faults crash=0.25');
    const replayed = parseRequest(command.split(' '));
    expect(replayed.seeds).toEqual({ first: 7, last: 7 });
    expect(replayed.planOf(7)).toEqual(outcome.plan);
  });

  it('is in the reports of one run and of many', () => {
    expect(reportOf(outcome, 1)).toContain('✗ [replay]');
    expect(summaryOf([outcome], 1, 2)).toContain('✗ 1 of 1 seeds failed');
  });
});
