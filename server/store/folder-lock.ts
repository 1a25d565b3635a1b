import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failpoint } from '../process/failpoint.ts';
import { askLockSocket, isLockSocketName, LockSocket } from './lock-socket.ts';
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

/**
 * Who took a folder. `start` tells a process from a later one with the same number; empty where that is not known.
 * `socket` is what the owner listens to in the folder; absent where there can be none.
 */
interface LockOwner {
  readonly pid: number;
  readonly start: string;
  readonly socket?: string;
}

/** Who has a folder that is free. */
const NOBODY: LockOwner = { pid: 0, start: '' };

/** An exclusive hold on a data folder, by one place in one process. */
export interface FolderLock {
  release(): void;
}

/** Whether a file in a data folder belongs to its lock. */
export function isLockFile(name: string): boolean {
  return LOCK_NAME.test(name) || name.startsWith(DRAFT_PREFIX) || isLockSocketName(name);
}

/**
 * Takes an existing folder. A lock whose owner died, even by SIGKILL or a power cut, is taken over. On Linux the owner's
 * socket tells whether it lives, in any container; where there is no socket, its number does, on Linux with its start
 * time and boot. A newest file is only ever followed by a higher number, never removed, so that of many processes that
 * find the same dead owner one wins. See decision 0016. Throws `StoreError` `locked` or `io`.
 */
export async function lockFolder(directory: string): Promise<FolderLock> {
  try {
    return await takeLock(directory);
  } catch (error) {
    throw error instanceof StoreError ? error : diskFailure(directory, 'lock', error);
  }
}

async function takeLock(directory: string): Promise<FolderLock> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const newest = newestGeneration(directory);
    const owner = newest === 0 ? NOBODY : readOwner(lockPath(directory, newest));
    if (owner === undefined) continue;
    if (await isAlive(directory, owner)) throw inUse(directory, owner);
    const lock = await tryGeneration(directory, newest + 1);
    if (lock) return lock;
  }
  throw new StoreError('locked', `data folder ${directory} is being taken by other processes; try again`);
}

/**
 * Null when another process was faster. The socket listens before the lock file names it, so that an owner that does not
 * answer is dead; and each attempt has its own, since whoever wins clears away the sockets of the others.
 */
async function tryGeneration(directory: string, generation: number): Promise<FolderLock | null> {
  const socket = await LockSocket.listen(directory);
  const self = { pid: process.pid, start: startOf(process.pid) ?? '', ...(socket && { socket: socket.name }) };
  let isTaken = false;
  try {
    if (!claim(directory, generation, self)) return null;
    // Whoever was slow may have claimed a number that was passed and removed meanwhile.
    if (newestGeneration(directory) > generation) {
      rmSync(lockPath(directory, generation), { force: true });
      return null;
    }
    failpoint('lock-claimed');
    removeOlder(directory, generation, self);
    isTaken = true;
  } finally {
    if (!isTaken) socket?.close();
  }
  return { release: () => release(directory, generation, socket) };
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
function release(directory: string, generation: number, socket: LockSocket | null): void {
  try {
    truncateSync(lockPath(directory, generation));
  } finally {
    socket?.close();
  }
}

function writeDraft(directory: string, owner: LockOwner): string {
  const draft = join(directory, `${DRAFT_PREFIX}${process.pid}-${randomBytes(8).toString('hex')}`);
  writeFileSync(draft, JSON.stringify(owner), { flag: 'wx' });
  return draft;
}

function removeOlder(directory: string, generation: number, owner: LockOwner): void {
  for (const name of readdirSync(directory)) {
    const isOwn = name === owner.socket || generationOf(name) >= generation;
    if (isLockFile(name) && !isOwn) rmSync(join(directory, name), { force: true });
  }
}

/** Undefined when the file has gone. Content that no owner wrote counts as nobody's. */
function readOwner(path: string): LockOwner | undefined {
  try {
    const { pid, start, socket } = JSON.parse(readFileSync(path, 'utf8'));
    if (!Number.isSafeInteger(pid) || pid < 0 || typeof start !== 'string') return NOBODY;
    return typeof socket === 'string' && isLockSocketName(socket) ? { pid, start, socket } : { pid, start };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (error instanceof SyntaxError || error instanceof TypeError) return NOBODY;
    throw error;
  }
}

async function isAlive(directory: string, owner: LockOwner): Promise<boolean> {
  const answer = owner.socket === undefined ? 'unknown' : await askLockSocket(directory, owner.socket);
  return answer === 'unknown' ? isVisible(owner) : answer === 'listening';
}

/** Whether the owner is a living process of this PID namespace. */
function isVisible(owner: LockOwner): boolean {
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
  const isHere = isVisible(owner);
  // Of two containers, each may have a process with this number.
  if (isHere && owner.pid === process.pid) {
    const message = `data folder ${directory} is already open in this process; give each node its own folder`;
    return new StoreError('locked', message);
  }
  const holder = isHere ? `process ${owner.pid}` : `process ${owner.pid} of another container`;
  const message = `data folder ${directory} is in use by ${holder}; stop it, or choose another folder with --data-dir`;
  return new StoreError('locked', message);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
