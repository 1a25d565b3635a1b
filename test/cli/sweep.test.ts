import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { simulate } from '../../simulator/run.ts';
import { parseScenario } from '../../simulator/scenario.ts';
import { forklore } from './stub-node.ts';

const GRID = { base: { nodes: 3, minutes: 1 }, grid: { spacingSeconds: [5, 10] }, seeds: [1, 2] };

let folder: string;
let file: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forklore-sweep-'));
  file = join(folder, 'grid.json');
  out = join(folder, 'out');
  writeFileSync(file, JSON.stringify(GRID));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sweep = (flags: readonly string[], environment: Record<string, string> = {}) =>
  forklore(['sweep', file, ...flags], { environment });
const into = (name: string) => ['--out', join(folder, name)];
const resultsIn = (name: string) => {
  const results = join(folder, name, 'results');
  return Object.fromEntries(readdirSync(results).map((each) => [each, readFileSync(join(results, each), 'utf8')]));
};

describe('forklore sweep', () => {
  it('gives the same files task by task, from whichever engine, as in threads', async () => {
    expect((await sweep(['--count'])).stdout).toBe('4\n');
    await sweep([...into('out'), '--task', '0']);
    await sweep(into('out'), { SLURM_ARRAY_TASK_ID: '1' });
    await sweep(into('out'), { JOB_COMPLETION_INDEX: '2' });
    await sweep([...into('out'), '--task', '3'], { SLURM_ARRAY_TASK_ID: '1' });
    expect(await sweep([...into('local'), '--local', '2'])).toEqual({
      code: 0,
      stdout: '4 of 4 tasks done\n',
      stderr: '',
    });
    const results = resultsIn('out');
    expect(Object.keys(results)).toEqual(['000000.json', '000001.json', '000002.json', '000003.json']);
    expect(resultsIn('local')).toEqual(results);
    const scenario = JSON.stringify({ ...GRID.base, spacingSeconds: 10, seed: 1, name: 'sweep' });
    const { runs } = JSON.parse(results['000002.json'] ?? '');
    expect(runs).toMatchObject([{ seed: 1, parameters: { spacingSeconds: 10 } }]);
    expect(runs[0].trace).toBe(simulate(parseScenario(scenario), nativeCrypto()).trace);
  });

  it('does not run again what is done', async () => {
    await sweep([...into('out'), '--task', '1']);
    const path = join(out, 'results', '000001.json');
    writeFileSync(path, 'mine');
    expect((await sweep([...into('out'), '--task', '1'])).stdout).toBe(`${path} was there before\n`);
    expect((await sweep([...into('out'), '--local'])).stdout).toBe('3 of 4 tasks done, 1 done before\n');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    const { code, stderr } = await sweep([...into('out'), '--collect']);
    expect(code).toBe(1);
    expect(stderr).toContain(`${path} is not the result of a task: is not JSON`);
    expect(stderr).toContain('delete it, and run task 1 again');
  });

  it('prints a table of what is done, and fails while tasks are missing', async () => {
    await sweep([...into('out'), '--task', '0']);
    const partly = await sweep([...into('out'), '--collect']);
    expect(partly).toMatchObject({ code: 1, stderr: '3 of 4 tasks are not done\n' });
    expect(partly.stdout).toMatch(/^spacingSeconds,runs,failed,blocks,.*\n5,1,0,\d+,,.*\n10,0,0,,,/);
    await sweep([...into('out'), '--local']);
    const whole = await sweep([...into('out'), '--collect', '--json']);
    expect(whole).toMatchObject({ code: 0, stderr: '' });
    const rows = whole.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toMatchObject([
      { parameters: { spacingSeconds: 5 }, runs: 2, failed: 0 },
      { parameters: { spacingSeconds: 10 }, runs: 2, failed: 0 },
    ]);
    expect(rows[0].metrics.blocks.mean).toBeGreaterThan(rows[1].metrics.blocks.mean);
  });

  it('collects results of any size, and none that are of another task', async () => {
    writeFileSync(file, JSON.stringify({ ...GRID, runsPerTask: 2 }));
    await sweep([...into('out'), '--local']);
    const [first, second] = ['000000.json', '000001.json'].map((name) => join(out, 'results', name));
    const text = readFileSync(first ?? '', 'utf8');
    writeFileSync(first ?? '', text.replace('{', `{${' '.repeat(2 ** 20)}`));
    expect(await sweep([...into('out'), '--collect'])).toMatchObject({ code: 0, stderr: '' });
    writeFileSync(second ?? '', text);
    expect((await sweep([...into('out'), '--collect'])).stderr).toContain(
      `${second} is not the result of a task: has the runs of another one, task 0; delete it, and run task 1 again`,
    );
  });

  it('says what to run where there is nothing to collect, and writes nothing', async () => {
    const run = `run the tasks first: forklore sweep ${file} --out ${out} --local\n`;
    const missing = await sweep([...into('out'), '--collect']);
    expect(missing).toEqual({ code: 1, stdout: '', stderr: `error: --out ${out} is not there; ${run}` });
    expect(existsSync(out)).toBe(false);
    mkdirSync(out);
    const { stderr } = await sweep([...into('out'), '--collect']);
    expect(stderr).toBe(`error: --out ${out} has no sweep.json, so no sweep has begun there; ${run}`);
    expect(readdirSync(out)).toEqual([]);
  });

  it('names the flag that a file or folder wants', async () => {
    const unexpected = async (...args: string[]) => {
      const { code, stderr } = await forklore(args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await unexpected('sweep', file, out)).toBe(
      `error: unexpected "${out}": the folder of the results is named by --out\n`,
    );
    expect(await unexpected('simulate', file)).toBe(
      `error: unexpected "${file}": a scenario file is named by --scenario\n`,
    );
  });

  it('refuses a folder that holds the results of another grid, and takes the same one in other formatting', async () => {
    await sweep([...into('out'), '--task', '0']);
    writeFileSync(file, JSON.stringify(GRID, null, 4));
    expect((await sweep([...into('out'), '--task', '1'])).code).toBe(0);
    writeFileSync(file, JSON.stringify({ ...GRID, seeds: [1, 3] }));
    for (const what of [['--task', '1'], ['--local'], ['--collect']]) {
      const { code, stderr } = await sweep([...into('out'), ...what]);
      expect([code, stderr]).toEqual([
        1,
        `error: --out ${out}: holds the results of another grid; give another folder\n`,
      ]);
    }
    const mark = JSON.parse(readFileSync(join(out, 'sweep.json'), 'utf8'));
    writeFileSync(join(out, 'sweep.json'), `${JSON.stringify({ ...mark, forklore: '0.0.1' })}\n`);
    writeFileSync(file, JSON.stringify(GRID));
    expect((await sweep([...into('out'), '--local'])).stderr).toContain(
      'holds the results of forklore 0.0.1, and this is',
    );
  });

  it.each([
    [['--task', '0'], 'name the folder of the results with --out'],
    [['--out', 'x'], 'give --task, --local, --count or --collect: no engine has set SLURM_ARRAY_TASK_ID or'],
    [['--out', 'x', '--task', '4'], '--task must be a whole number from 0 to 3, not "4"'],
    [['--out', 'x', '--local', '0'], '--local must be a whole number from 1 to 64, not "0"'],
    [['--out', 'x', '--local', '--task', '1'], "'--task <number>' cannot be used with option '--local [jobs]'"],
    [['--count', '--json'], '--json goes with --collect'],
  ])('says what is wrong with %j before anything runs', async (flags, message) => {
    const { code, stdout, stderr } = await sweep(flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('says where a grid is wrong', async () => {
    writeFileSync(file, JSON.stringify({ ...GRID, grid: { nodes: [0] } }));
    const { code, stderr } = await sweep(['--count']);
    expect(code).toBe(2);
    expect(stderr).toBe(`error: FILE ${file}: grid.nodes[0]: must be a whole number from 1 to 5000, not 0\n`);
  });
});
