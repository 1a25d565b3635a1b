// The scripts of the GitHub Action, with the files and variables that a runner gives them.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Api } from '../../testing/api.ts';
import { type Finished, Program, removeFolders, temporaryFolder } from '../../testing/processes.ts';

const ACTION = '.github/actions/setup-forklore';

afterEach(removeFolders);

/** A runner's folder, with a program `forklore` among those that are found. */
function newRunner() {
  const folder = temporaryFolder();
  const program = join(folder, 'forklore');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/forklore.js')}' "$@"\n`);
  chmodSync(program, 0o755);
  const [output, exported] = [join(folder, 'output'), join(folder, 'env')];
  const env = {
    PATH: `${folder}${delimiter}${process.env.PATH}`,
    RUNNER_TEMP: folder,
    GITHUB_OUTPUT: output,
    GITHUB_ENV: exported,
  };
  const runScript = (script: string, more: NodeJS.ProcessEnv = {}): Promise<Finished> =>
    new Program([], { ...env, ...more }, '', join(ACTION, script)).finished;
  const variablesIn = (file: string): Record<string, string> =>
    Object.fromEntries(
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    );
  return { runScript, outputs: () => variablesIn(output), exported: () => variablesIn(exported) };
}

it('a step starts a node, later ones reach it, and the last one ends it and has its log', async () => {
  const { runScript, outputs, exported } = newRunner();
  expect(await runScript('start.mjs', { ARGUMENTS: '--name ci  --mine off' })).toMatchObject({ code: 0, stderr: '' });
  const { FORKLORE_NODE: url = '', FORKLORE_LOG: log = '', ...rest } = exported();
  try {
    expect(outputs()).toEqual({ url, log });
    expect(await new Api(url).query('{ nodeInfo { name network } }')).toEqual({
      nodeInfo: { name: 'ci', network: 'regtest' },
    });
  } finally {
    expect(await runScript('collect/stop.mjs', rest)).toMatchObject({ code: 0, stderr: '' });
  }
  await expect(new Api(url).query('{ tip { height } }')).rejects.toThrow();
  expect(readFileSync(log, 'utf8')).not.toBe('');
});

it('a node that does not start fails the step, which says why', async () => {
  const { code, stderr } = await newRunner().runScript('start.mjs', { ARGUMENTS: '--hashrate-limit lots' });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/--hashrate-limit.*the node ended with 2/s)]);
});
