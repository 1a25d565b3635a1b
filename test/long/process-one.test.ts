// The program as the first process of a container, as the Dockerfile starts it, in a PID namespace of its own.
import { readFileSync } from 'node:fs';
import { afterEach, expect } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { CONTAINER, itNeeding } from '../../testing/long.ts';
import { killPrograms, Program, removeFolders, temporaryFolder } from '../../testing/processes.ts';

const FLAGS = ['node', '--network', 'regtest', '--port', '0', '--ephemeral', '--no-discovery', '--log-level', 'warn'];
/** Leaves a process whose parent has ended to process 1, and becomes the program. */
const WITH_ORPHAN = ['sh', '-c', '(sleep 0 &); exec "$0" "$@"'];

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** Starts a node; the command that makes the namespace waits outside of it. @returns process 1 as it is called outside */
async function start(prefix: readonly string[]): Promise<{ program: Program; first: number }> {
  const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
  const program = new Program(FLAGS, env, '', undefined, [...CONTAINER, ...prefix]);
  await program.output(/PUBLICLY KNOWN KEYS/);
  const [first = 0] = childrenOf(program.child.pid ?? 0);
  return { program, first };
}

itNeeding(['containers'], 'as process 1 it ends on SIGTERM', async () => {
  const { program, first } = await start([]);
  process.kill(first, 'SIGTERM');
  expect((await program.finished).code).toBe(0);
});

itNeeding(
  ['containers', 'tini'],
  'behind tini it ends on SIGTERM, and processes without a parent are reaped',
  async () => {
    const { program, first } = await start(['tini', '--', ...WITH_ORPHAN]);
    await eventually(() => expect(childrenOf(first)).toHaveLength(1));
    const [node = 0] = childrenOf(first);
    expect(readFileSync(`/proc/${node}/cmdline`, 'utf8')).toContain('forklore.js');
    process.kill(first, 'SIGTERM');
    expect((await program.finished).code).toBe(0);
  },
);
