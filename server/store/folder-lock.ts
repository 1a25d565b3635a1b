import { closeSync, constants, fchmodSync, ftruncateSync, openSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../process/has-code.ts';
import { requirePackage } from '../process/require-package.ts';
import { settingName } from '../process/setting-name.ts';
import { diskFailure, StoreError } from './store-error.ts';

/** Never removed: a process that had just opened the removed file could lock it beside the owner of its successor. */
const LOCK_FILE = 'folder.lock';
/** The byte that is locked, far behind the text: Windows lets no other process read a locked byte. */
const LOCKED_BYTE = 2 ** 30;
/** A link fails to open. Windows has no such flag. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
/** Writable by all users that can reach the folder: root may verify a user's folder, who must be able to lock it later. */
const FILE_MODE = 0o666;
/** More than the text of an owner takes. */
const MAX_OWNER_BYTES = 256;

/** Owner of a lock. For messages only: the kernel decides whether the folder is locked. */
interface LockOwner {
  readonly pid: number;
  /** PID namespace in which the process has this number; empty on systems that have none. */
  readonly namespace: string;
}

/** An exclusive hold on a data folder, by one place in one process. */
export interface FolderLock {
  /** To be called once. */
  release(): void;
}

/** Whether a file in a data folder belongs to its lock. */
export function isLockFile(name: string): boolean {
  return name === LOCK_FILE;
}

/**
 * Locks an existing folder by a lock of the kernel on a file in it, which ends with the process, however that ends, and
 * holds while the process is busy or frozen, for every other process and container of the system. See decision 0016.
 * Throws `StoreError` `locked`, `foreign` or `io`.
 */
export function lockFolder(directory: string): FolderLock {
  try {
    const descriptor = openSync(join(directory, LOCK_FILE), OPEN_FLAGS, FILE_MODE);
    try {
      takeLock(directory, descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    return { release: () => closeSync(descriptor) };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (hasCode(error, 'EISDIR')) {
      throw new StoreError(
        'foreign',
        `data folder ${directory} has a folder named ${LOCK_FILE}; choose an empty or a new folder`,
      );
    }
    throw diskFailure(directory, 'lock', error);
  }
}

function takeLock(directory: string, descriptor: number): void {
  if (!takeByte(descriptor)) throw inUse(directory, readOwner(descriptor));
  try {
    // The umask may have taken permissions away.
    fchmodSync(descriptor, FILE_MODE);
  } catch {
    // Another user's file, whose mode is already open.
  }
  ftruncateSync(descriptor);
  const owner: LockOwner = { pid: process.pid, namespace: pidNamespace() };
  writeSync(descriptor, JSON.stringify(owner), 0);
}

/** Takes the lock; false if it is held elsewhere. */
function takeByte(descriptor: number): boolean {
  // Not at the start: to find its binary takes 15 ms, and a node that keeps nothing locks nothing.
  const { tryLock } = requirePackage('fs-native-extensions');
  try {
    return tryLock(descriptor, LOCKED_BYTE, 1);
  } catch (error) {
    // The error of Windows for a locked byte; the package translates only that of other systems.
    if (hasCode(error, 'EBUSY')) return false;
    throw error;
  }
}

/** Null if the owner has not written its text yet. */
function readOwner(descriptor: number): LockOwner | null {
  const buffer = Buffer.alloc(MAX_OWNER_BYTES);
  const text = buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, MAX_OWNER_BYTES, 0));
  try {
    const { pid, namespace } = JSON.parse(text);
    return Number.isSafeInteger(pid) && typeof namespace === 'string' ? { pid, namespace } : null;
  } catch {
    return null;
  }
}

/** Identifies the PID namespace of this process; empty on systems without them. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function inUse(directory: string, owner: LockOwner | null): StoreError {
  const isHere = owner?.namespace === pidNamespace();
  // In two containers, two processes may have the same number.
  if (isHere && owner.pid === process.pid) {
    const message = `data folder ${directory} is already open in this process; give each node its own folder`;
    return new StoreError('locked', message);
  }
  const holder = owner ? `process ${owner.pid}${isHere ? '' : ' of another container'}` : 'another process';
  const message = `data folder ${directory} is in use by ${holder}; stop it, or choose another folder with ${settingName('dataDir')}`;
  return new StoreError('locked', message);
}
