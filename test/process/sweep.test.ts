import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { killPrograms, Program, removeFolders, run, temporaryFolder } from '../../testing/processes.ts';

const TASKS = 12;
/** Each task takes about a tenth of a second. */
const GRID = { base: { nodes: 4, minutes: 3 }, grid: { spacingSeconds: [5, 10] }, seeds: [1, TASKS / 2] };

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

const resultsIn = (folder: string): string[] =>
  readdirSync(join(folder, 'results')).filter((name) => /^\d{6}\.json$/.test(name));

describe('forklore sweep', () => {
  it('goes on after kill -9, with the files that a sweep has that was not killed', async () => {
    const folder = temporaryFolder();
    const [killed, whole] = [join(folder, 'killed'), join(folder, 'whole')];
    const file = join(folder, 'grid.json');
    writeFileSync(file, JSON.stringify(GRID));
    const program = new Program(['sweep', file, '--out', killed, '--local', '1']);
    await eventually(async () => expect(resultsIn(killed).length).toBeGreaterThan(0));
    await program.signal('SIGKILL');
    const done = resultsIn(killed).length;
    expect(done).toBeLessThan(TASKS);
    const { stdout, code } = await run(['sweep', file, '--out', killed, '--local']);
    expect({ stdout, code }).toEqual({
      stdout: `${TASKS - done} of ${TASKS} tasks done, ${done} done before\n`,
      code: 0,
    });
    await run(['sweep', file, '--out', whole, '--local']);
    const bytesOf = (out: string) => resultsIn(out).map((name) => readFileSync(join(out, 'results', name), 'utf8'));
    expect(bytesOf(killed)).toEqual(bytesOf(whole));
  });
});
