import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failpoint } from '../failpoint.ts';
import { diskFailure, StoreError } from './store-error.ts';

/** Lock files are `lock-1`, `lock-2`, …: each taking of the folder has the next number, and the highest one counts. */
const LOCK_NAME = /^lock-([1-9][0-9]{0,14})$/;
const DRAFT_PREFIX = 'lock-draft-';
/** How often a lost race for the next number is run again before giving up. */
const MAX_ATTEMPTS = 100;
/** Position of `state` and `starttime` among the fields of `/proc/PID/stat` that stand behind the command's name. */
const STATE_FIELD = 0;
const START_TIME_FIELD = 19;
/** States of processes that have ended and only wait for their parent. */
const ENDED_STATES = ['Z', 'X'];

/** Who took a folder. `start` tells a process from a later one with the same number; empty where that is not known. */
interface LockOwner {
  readonly pid: number;
  readonly start: string;
}

/** Who has a folder that is free. */
const NOBODY: LockOwner = { pid: 0, start: '' };

/** An exclusive hold on a data folder, by one place in one process. */
export interface FolderLock {
  release(): void;
}

/** Whether a file in a data folder belongs to its lock. */
export function isLockFile(name: string): boolean {
  return LOCK_NAME.test(name) || name.startsWith(DRAFT_PREFIX);
}

/**
 * Takes an existing folder. A lock whose owner died, even by SIGKILL or a power cut, is taken over; on Linux a process
 * is known by its start time and boot as well as its number, elsewhere by its number alone. A newest file is only ever
 * followed by a higher number, never removed, so that of many processes that find the same dead owner one wins.
 * Throws `StoreError` `locked` or `io`.
 */
export function lockFolder(directory: string): FolderLock {
  try {
    return takeLock(directory);
  } catch (error) {
    throw error instanceof StoreError ? error : diskFailure(directory, 'lock', error);
  }
}

function takeLock(directory: string): FolderLock {
  const self = { pid: process.pid, start: startOf(process.pid) ?? '' };
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const newest = newestGeneration(directory);
    const owner = newest === 0 ? NOBODY : readOwner(lockPath(directory, newest));
    if (owner === undefined) continue;
    if (isAlive(owner)) throw inUse(directory, owner);
    const generation = newest + 1;
    if (!claim(directory, generation, self)) continue;
    // Whoever was slow may have claimed a number that was passed and removed meanwhile.
    if (newestGeneration(directory) > generation) {
      rmSync(lockPath(directory, generation), { force: true });
      continue;
    }
    failpoint('lock-claimed');
    removeOlder(directory, generation);
    return { release: () => release(directory, generation) };
  }
  throw new StoreError('locked', `data folder ${directory} is being taken by other processes; try again`);
}

function lockPath(directory: string, generation: number): string {
  return join(directory, `lock-${generation}`);
}

function generationOf(name: string): number {
  return Number(LOCK_NAME.exec(name)?.[1] ?? 0);
}

function newestGeneration(directory: string): number {
  return readdirSync(directory).reduce((newest, name) => Math.max(newest, generationOf(name)), 0);
}

/** Creates the lock file with its content in one step; false when another process was faster. */
function claim(directory: string, generation: number, owner: LockOwner): boolean {
  const draft = writeDraft(directory, owner);
  try {
    linkSync(draft, lockPath(directory, generation));
    return true;
  } catch (error) {
    // ENOENT: the winner of this round cleared the draft away.
    if (hasCode(error, 'EEXIST') || hasCode(error, 'ENOENT')) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** An empty file is nobody's. Shortening it needs no space on a disk that may be full. */
function release(directory: string, generation: number): void {
  truncateSync(lockPath(directory, generation));
}

function writeDraft(directory: string, owner: LockOwner): string {
  const draft = join(directory, `${DRAFT_PREFIX}${process.pid}-${randomBytes(8).toString('hex')}`);
  writeFileSync(draft, JSON.stringify(owner));
  return draft;
}

function removeOlder(directory: string, generation: number): void {
  for (const name of readdirSync(directory)) {
    const isOlder = LOCK_NAME.test(name) && generationOf(name) < generation;
    if (isOlder || name.startsWith(DRAFT_PREFIX)) rmSync(join(directory, name), { force: true });
  }
}

/** Undefined when the file has gone. Content that no owner wrote counts as nobody's. */
function readOwner(path: string): LockOwner | undefined {
  try {
    const { pid, start } = JSON.parse(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(pid) && pid >= 0 && typeof start === 'string' ? { pid, start } : NOBODY;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (error instanceof SyntaxError || error instanceof TypeError) return NOBODY;
    throw error;
  }
}

function isAlive(owner: LockOwner): boolean {
  if (owner.pid === 0) return false;
  if (owner.start !== '') return startOf(owner.pid) === owner.start;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Boot id and start time of a living process; undefined where it has ended or the system has no `/proc`. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name may hold spaces and brackets; it ends at the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (ENDED_STATES.includes(fields[STATE_FIELD] ?? '')) return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${fields[START_TIME_FIELD]}`;
  } catch {
    return undefined;
  }
}

function inUse(directory: string, owner: LockOwner): StoreError {
  const message =
    owner.pid === process.pid
      ? `data folder ${directory} is already open in this process; give each node its own folder`
      : `data folder ${directory} is in use by process ${owner.pid}; stop it, or choose another folder with --data-dir`;
  return new StoreError('locked', message);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
