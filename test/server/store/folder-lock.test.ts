import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FolderLock, lockFolder } from '../../../server/store/folder-lock.ts';
import { StoreError } from '../../../server/store/store-error.ts';
import { ChildProgram, type RunningChild } from '../../../testing/child-program.ts';

/** No system gives a process such a number. */
const NO_PID = 2 ** 40;
/** More than may wait for a listener that never accepts: the queue that Node.js asks for holds 511. */
const MORE_THAN_WAIT = 600;
/** With this much below it, no path fits into the address of a socket. */
const DEEP = join('a'.repeat(60), '가'.repeat(40), 'data');

let program: ChildProgram;
let parent: string;
let directory: string;
const locks: FolderLock[] = [];
const children: RunningChild[] = [];

beforeAll(() => {
  program = new ChildProgram('store-child.ts');
});

afterAll(() => {
  program.remove();
});

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'forklore-test-'));
  directory = join(parent, 'data');
  mkdirSync(directory);
});

afterEach(async () => {
  for (const lock of locks.splice(0)) lock.release();
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.splice(0).map((child) => child.ended));
  rmSync(parent, { recursive: true, force: true });
});

async function lock(): Promise<void> {
  locks.push(await lockFolder(directory));
}

/** A process that has the folder. */
async function startHolder(): Promise<RunningChild> {
  const child = program.start(['hold', directory]);
  children.push(child);
  await child.saidLines(1);
  expect(child.lines).toEqual(['held']);
  return child;
}

async function kill(child: RunningChild): Promise<void> {
  child.process.kill('SIGKILL');
  await child.ended;
}

const filesOf = (kind: RegExp) => readdirSync(directory).filter((name) => kind.test(name));
const LOCK = /^lock-[0-9]+$/;
const SOCKET = /^lock-socket-/;

/** Lets the newest lock file say what its owner would have written in another place. */
function rewrite(change: Record<string, unknown>): void {
  const [name = ''] = filesOf(LOCK);
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
}

async function refusal(): Promise<string> {
  const error = await lockFolder(directory).then(
    (taken) => taken.release(),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(StoreError);
  expect(error.code).toBe('locked');
  return error.message;
}

const inUseBy = (holder: string) =>
  `data folder ${directory} is in use by ${holder}; stop it, or choose another folder with --data-dir`;

// Only Linux has PID namespaces; elsewhere a process is known by its number.
describe.runIf(process.platform === 'linux')('a lock whose owner is in another PID namespace', () => {
  it('holds although no process here has the number of its owner', async () => {
    const holder = await startHolder();
    rewrite({ pid: NO_PID, start: 'this boot 1' });
    expect(await refusal()).toBe(inUseBy(`process ${NO_PID} of another container`));
    holder.process.stdin?.end();
    expect((await holder.ended).code).toBe(0);
    await lock();
  });

  it('is not taken for one of this process, which has the same number here', async () => {
    await startHolder();
    rewrite({ pid: process.pid, start: 'this boot 1' });
    expect(await refusal()).toBe(inUseBy(`process ${process.pid} of another container`));
  });

  it('is taken over once its owner was killed, whoever has its number here', async () => {
    await lock();
    const { pid, start } = JSON.parse(readFileSync(join(directory, 'lock-1'), 'utf8'));
    locks.pop()?.release();
    const holder = await startHolder();
    rewrite({ pid, start });
    await kill(holder);
    await lock();
  });

  it.each(['', DEEP])('holds in a folder of any depth: %j', async (below) => {
    directory = join(parent, 'data', below);
    mkdirSync(directory, { recursive: true });
    const holder = await startHolder();
    rewrite({ pid: NO_PID });
    expect(await refusal()).toContain('is in use by process');
    await kill(holder);
    await lock();
    expect(await refusal()).toContain('is already open in this process');
    locks.pop()?.release();
    expect(filesOf(SOCKET)).toEqual([]);
  });

  it('holds while its owner is frozen, however often it is asked for', async () => {
    const holder = await startHolder();
    rewrite({ pid: NO_PID });
    holder.process.kill('SIGSTOP');
    const asked = Array.from({ length: MORE_THAN_WAIT }, () => refusal());
    expect(new Set(await Promise.all(asked))).toEqual(new Set([inUseBy(`process ${NO_PID} of another container`)]));
    await kill(holder);
    await lock();
  });
});

describe.runIf(process.platform === 'linux')('the socket of a lock', () => {
  it('goes with the lock, and one that a dead owner left goes with the next', async () => {
    await kill(await startHolder());
    const left = filesOf(SOCKET);
    expect(left).toHaveLength(1);
    await lock();
    expect(filesOf(SOCKET)).toHaveLength(1);
    expect(filesOf(SOCKET)).not.toEqual(left);
    locks.pop()?.release();
    expect(filesOf(SOCKET)).toEqual([]);
    expect(readdirSync(directory).filter((name) => name.startsWith('lock-'))).toEqual(['lock-2']);
  });

  it('may be missing, as in a file system without sockets: then the number of the owner tells whether it lives', async () => {
    const holder = await startHolder();
    rewrite({ socket: undefined });
    expect(await refusal()).toBe(inUseBy(`process ${holder.process.pid}`));
    await kill(holder);
    await lock();
  });

  it('may have been removed by a cleaner of old files', async () => {
    const holder = await startHolder();
    for (const name of filesOf(SOCKET)) rmSync(join(directory, name));
    expect(await refusal()).toBe(inUseBy(`process ${holder.process.pid}`));
    await kill(holder);
    await lock();
  });

  it('is not looked for outside of the folder', async () => {
    await lock();
    const [socket = ''] = filesOf(SOCKET);
    const other = join(parent, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'lock-1'), JSON.stringify({ pid: NO_PID, start: '', socket: `../data/${socket}` }));
    locks.push(await lockFolder(other));
  });

  it('is of no use in a copy of the folder, which is free', async () => {
    await startHolder();
    const copy = join(parent, 'copy');
    expect(spawnSync('cp', ['-a', directory, copy]).status).toBe(0);
    expect(await refusal()).toContain('is in use by process');
    locks.push(await lockFolder(copy));
  });

  it('does not keep a process alive', async () => {
    const child = program.start(['leave', directory]);
    children.push(child);
    expect(await child.ended).toMatchObject({ code: 0, lines: ['left'] });
    await lock();
  });
});
