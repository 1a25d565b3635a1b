// Data folders that processes of several PID namespaces use, as containers do. What needs no namespace is tested in
// test/server/store/folder-lock.test.ts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Api } from '../../testing/api.ts';
import buildOnce from '../../testing/build-once.ts';
import { ChildProgram, type RunningChild } from '../../testing/child-program.ts';
import { CONTAINER, requireOfMachine } from '../../testing/long.ts';
import { killPrograms, Program } from '../../testing/processes.ts';

const BUILD_LIMIT_MS = 120_000;
const EXIT_FAILED = 1;

let program: ChildProgram;
let parent: string;
let directory: string;
const children: RunningChild[] = [];

beforeAll(async () => {
  program = new ChildProgram('store-child.ts');
  await buildOnce();
}, BUILD_LIMIT_MS);

afterAll(() => {
  program.remove();
});

beforeEach((context) => {
  requireOfMachine(context, ['containers']);
  parent = mkdtempSync(join(tmpdir(), 'forklore-test-'));
  directory = join(parent, 'data');
});

afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.splice(0).map((child) => child.ended));
  await killPrograms();
  if (parent) rmSync(parent, { recursive: true, force: true });
});

type Place = 'outside' | 'in a container' | 'in a container with a network of its own';
const EXTRA = { 'in a container': '', 'in a container with a network of its own': '--net' } as const;

/** Starts a process that takes the folder and has it until its standard input ends. */
function start(place: Place): RunningChild {
  // The shell becomes the namespace's command at once, so nothing behind it is run.
  const prefix = place === 'outside' ? undefined : `exec ${CONTAINER.join(' ')} ${EXTRA[place]} "$0" "$@"`;
  const child = program.start(['hold', directory], prefix);
  children.push(child);
  return child;
}

async function startHolder(place: Place): Promise<RunningChild> {
  const child = start(place);
  await child.saidLines(1);
  expect(child.lines).toEqual(['held']);
  return child;
}

/** Kills the process that has the folder, not the command that waits for it outside of its namespace. */
async function killHolder(holder: RunningChild, place: Place): Promise<void> {
  const { pid = 0 } = holder.process;
  process.kill(place === 'outside' ? pid : childOf(pid), 'SIGKILL');
  await holder.ended;
}

const childOf = (pid: number) => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));

const PAIRS: [first: Place, second: Place][] = [
  ['in a container', 'outside'],
  ['outside', 'in a container'],
  ['in a container', 'in a container'],
  ['in a container with a network of its own', 'in a container with a network of its own'],
];

describe('two processes on one folder', () => {
  it.each(PAIRS)(
    'the first %s, the second %s: the second is refused until the first lets go',
    async (first, second) => {
      const holder = await startHolder(first);
      const number = first === 'outside' ? holder.process.pid : 1;
      const refused = await start(second).ended;
      expect(refused).toMatchObject({ code: EXIT_FAILED, lines: [] });
      expect(refused.errors).toBe(
        `data folder ${directory} is in use by process ${number} of another container; stop it, or choose another folder with --data-dir\n`,
      );
      holder.process.stdin?.end();
      expect((await holder.ended).code).toBe(0);
      await startHolder(second);
    },
  );

  it.each(PAIRS)(
    'the first %s, the second %s: the second takes over when the first was killed',
    async (first, second) => {
      await killHolder(await startHolder(first), first);
      await startHolder(second);
    },
  );

  it('of many in containers that find a dead owner, one wins', async () => {
    await killHolder(await startHolder('in a container'), 'in a container');
    const contenders = Array.from({ length: 6 }, () => start('in a container'));
    await Promise.all(contenders.map((child) => child.saidLines(1)));
    expect(contenders.map(({ lines }) => lines).sort()).toEqual([[], [], [], [], [], ['held']]);
  });
});

describe('two nodes on one folder', () => {
  function startNode(prefix: readonly string[]): Program {
    const flags = ['--port', '0', '--network', 'regtest', '--no-discovery', '--log-level', 'warn'];
    const env = { FORKLORE_RUNTIME_DIR: parent };
    return new Program(['node', ...flags, '--data-dir', directory], env, '', undefined, prefix);
  }

  it.each([
    ['in a container', 'outside', CONTAINER, []],
    ['outside', 'in a container', [], CONTAINER],
    ['in a container', 'in another', CONTAINER, CONTAINER],
  ])('the first %s, the second %s: the second ends in one line, and the first goes on', async (_, __, one, two) => {
    const first = startNode(one);
    const [, url = ''] = await first.output(/(http:\/\/\S+:\d+)\/graphql/);
    const api = new Api(url);
    await api.query('mutation { mine(count: 3) { __typename } }');
    const { code, stderr } = await startNode(two).finished;
    expect(stderr).toMatch(/^error: data folder \S+ is in use by process \d+ of another container; .*\n$/);
    expect(code).toBe(EXIT_FAILED);
    await api.query('mutation { mine(count: 2) { __typename } }');
    expect(await api.height()).toBe(5);
    expect(first.stderr).toBe('');
  });
});
