import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FolderLock, lockFolder } from '../../../server/store/folder-lock.ts';
import { StoreError } from '../../../server/store/store-error.ts';
import { ChildProgram, type RunningChild } from '../../../testing/child-program.ts';

const LOCK_FILE = 'folder.lock';
const MANY = 600;

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

function lock(): void {
  locks.push(lockFolder(directory));
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

/** Lets the lock file say what its owner would have written in another place. */
function rewrite(change: Record<string, unknown>): void {
  const path = join(directory, LOCK_FILE);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
}

function refusal(): string {
  let error: unknown;
  try {
    lockFolder(directory).release();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(StoreError);
  expect((error as StoreError).code).toBe('locked');
  return (error as StoreError).message;
}

const inUseBy = (holder: string) =>
  `data folder ${directory} is in use by ${holder}; stop it, or choose another folder with --data-dir`;

describe('a folder that is locked', () => {
  it('is refused to another process until its owner lets go', async () => {
    const holder = await startHolder();
    expect(refusal()).toBe(inUseBy(`process ${holder.process.pid}`));
    holder.process.stdin?.end();
    expect((await holder.ended).code).toBe(0);
    lock();
  });

  it('is refused to another place in the same process', () => {
    lock();
    expect(refusal()).toBe(`data folder ${directory} is already open in this process; give each node its own folder`);
    locks.pop()?.release();
    lock();
  });

  it('is free as soon as its owner was killed', async () => {
    await kill(await startHolder());
    lock();
  });

  it('is refused while its owner is frozen, however often it is asked for', async () => {
    const holder = await startHolder();
    holder.process.kill('SIGSTOP');
    const asked = Array.from({ length: MANY }, () => refusal());
    expect(new Set(asked)).toEqual(new Set([inUseBy(`process ${holder.process.pid}`)]));
    await kill(holder);
    lock();
  });

  it('is refused before its owner has said who it is', async () => {
    const holder = await startHolder();
    writeFileSync(join(directory, LOCK_FILE), '');
    expect(refusal()).toBe(inUseBy('another process'));
    await kill(holder);
  });

  it('is free in a copy', async () => {
    await startHolder();
    const copy = join(parent, 'copy');
    cpSync(directory, copy, { recursive: true });
    expect(refusal()).toContain('is in use by process');
    locks.push(lockFolder(copy));
  });

  it('does not keep a process alive', async () => {
    const child = program.start(['leave', directory]);
    children.push(child);
    expect(await child.ended).toMatchObject({ code: 0, lines: ['left'] });
    lock();
  });

  it.runIf(process.platform !== 'win32')('can be locked by other users afterwards, whatever the umask is', () => {
    const umask = process.umask(0o077);
    try {
      lock();
    } finally {
      process.umask(umask);
    }
    expect(statSync(join(directory, LOCK_FILE)).mode & 0o777).toBe(0o666);
  });
});

// Only Linux has PID namespaces. Real ones are in test/long/store-namespaces.test.ts.
describe.runIf(process.platform === 'linux')('an owner in another PID namespace', () => {
  it('is named as one of another container, although a process here may have its number', async () => {
    await startHolder();
    rewrite({ pid: process.pid, namespace: 'pid:[1]' });
    expect(refusal()).toBe(inUseBy(`process ${process.pid} of another container`));
  });
});
