// The same sweep by a job array of a real Slurm, by GNU parallel and in threads.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { itNeeding } from '../../testing/long.ts';
import { removeFolders, run, temporaryFolder } from '../../testing/processes.ts';
import { Slurm } from '../../testing/slurm.ts';

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const GRID = inRoot('deploy/sweep/grid.json');
const SCRIPT = inRoot('deploy/sweep/sweep.sbatch');
const TASKS = 12;
/** Three sweeps, of half a minute each on an idle machine. */
const TIMEOUT_MS = 900_000;
/** The program as the script of the job array starts it. */
const FORKLORE = `${process.execPath} ${inRoot('dist/forklore.js')}`;

let slurm: Slurm | undefined;

afterEach(async () => {
  await slurm?.stop();
  slurm = undefined;
  removeFolders();
});

/** The table, and every file that it is made of. */
async function resultsIn(out: string): Promise<{ table: string; files: Record<string, string> }> {
  const { code, stdout, stderr } = await run(['sweep', GRID, '--out', out, '--collect']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const names = readdirSync(join(out, 'results')).filter((name) => name.endsWith('.json'));
  const files = names.map((name) => [name, readFileSync(join(out, 'results', name), 'utf8')] as const);
  return { table: stdout, files: Object.fromEntries(files) };
}

/** Submits the job array, kills the first task that runs so that Slurm has to run it again, and waits for the end. */
async function sweepOnSlurm(cluster: Slurm, out: string): Promise<void> {
  const array = `--array=0-${TASKS - 1}`;
  const job = cluster.run('sbatch', ['--parsable', array, SCRIPT, GRID, out], { FORKLORE }).trim();
  const queue = (state: string): string[] =>
    cluster
      .run('squeue', ['--noheader', '--array', '--jobs', job, '--states', state, '--format', '%K'])
      .split('\n')
      .filter(Boolean);
  let killed = '';
  await eventually(() => {
    [killed = ''] = queue('RUNNING');
    expect(killed).not.toBe('');
  });
  cluster.run('scontrol', ['requeue', `${job}_${killed}`]);
  expect(existsSync(join(out, 'results', `${killed.padStart(6, '0')}.json`))).toBe(false);
  expect(cluster.run('scontrol', ['show', 'job', `${job}_${killed}`])).toContain('Requeue=1 Restarts=1');
  while (queue('PENDING,RUNNING,COMPLETING,REQUEUED').length > 0) execFileSync('sleep', ['1']);
}

describe('a sweep', () => {
  itNeeding(
    ['slurm', 'parallel'],
    'gives one table, byte for byte, on Slurm, GNU parallel and threads',
    async () => {
      const folder = temporaryFolder();
      const [onSlurm, onParallel, local] = ['slurm', 'parallel', 'local'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      slurm = await Slurm.start(temporaryFolder());
      await sweepOnSlurm(slurm, onSlurm);
      execFileSync('sh', [
        '-c',
        `seq 0 ${TASKS - 1} | parallel --will-cite ${FORKLORE} sweep ${GRID} --out ${onParallel} --task {}`,
      ]);
      expect((await run(['sweep', GRID, '--out', local, '--local'])).stdout).toBe(`${TASKS} of ${TASKS} tasks done\n`);
      const expected = await resultsIn(local);
      expect(Object.keys(expected.files)).toHaveLength(TASKS);
      expect(await resultsIn(onSlurm)).toEqual(expected);
      expect(await resultsIn(onParallel)).toEqual(expected);
    },
    TIMEOUT_MS,
  );
});
