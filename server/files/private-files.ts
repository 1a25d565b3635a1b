import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ExpectedError } from '../process/expected-error.ts';
import { hasCode } from '../process/has-code.ts';
import { makeFolder } from './make-folder.ts';

/** Everything for the owner, nothing for others. */
const FOLDER_MODE = 0o700;
/** Read and write for the owner, nothing for others. */
const FILE_MODE = 0o600;
/** Write permission of group and others: other users could create files in a folder. */
const OTHERS_WRITE_MASK = 0o022;
/** All permissions of group and others. */
const OTHERS_MASK = 0o077;
const GROUP_WRITE = 0o020;
/** Write permission of all users, and the sticky bit, which lets only owners rename their files. */
const ANYBODY_WRITE = 0o002;
const STICKY = 0o1000;
/** Of root, and of its group. */
const ROOT = 0;
/** Who the owners are that a user namespace does not know; root outside of it is one of them (user_namespaces(7)). */
const UNKNOWN_UID = 65_534;
/** Private files hold one line. At most this much is read; the caller then finds that the content is invalid. */
const MAX_FILE_BYTES = 4_096;
const DRAFT_RANDOM_BYTES = 8;
/** A link fails to open, and a pipe opens without waiting for its writer. Windows knows neither. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** Error codes for a link that must not be followed. */
const IS_LINK: readonly unknown[] = ['ELOOP', 'EMLINK'];

/** A file or folder that must be private to the user is not. The message says what to do. */
export class PrivateFileError extends ExpectedError {}

/**
 * Creates a private folder, whatever the umask is, or checks that no other user controls the existing one: in a temporary
 * directory, other users may have taken the name first. Must be called before any use of the folder.
 *
 * @throws PrivateFileError
 * @throws Error of the file system
 */
export function openPrivateFolder(path: string): void {
  makeFolder(dirname(path), FOLDER_MODE);
  try {
    mkdirSync(path, FOLDER_MODE);
    // The umask may have taken even more away.
    chmodSync(path, FOLDER_MODE);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const stats = lstatSync(path);
  if (!stats.isDirectory()) throw new PrivateFileError(`${path} is not a folder`);
  if (process.getuid === undefined) return;
  refuseOtherOwner(path, stats);
  if ((stats.mode & OTHERS_WRITE_MASK) !== 0) {
    throw new PrivateFileError(`${path} can be written by other users; run: chmod 700 ${path}`);
  }
  refuseOpenParent(dirname(path), process.getuid());
}

/**
 * A user who may rename a folder can put another one in its place after any check: the owner of the folder around it
 * in any case, and any user who can write there, unless it has the sticky bit. Folders further up are not checked, since
 * the system protects them: where others can write to `/` or `/home`, nothing is safe.
 */
function refuseOpenParent(parent: string, self: number): void {
  const { uid, gid, mode } = statSync(parent);
  // The system itself may lead to it through a link, as from /tmp on macOS and from /var/run on Linux.
  const owners = [lstatSync(parent).uid, uid];
  if (!owners.every((owner) => [self, ROOT, UNKNOWN_UID].includes(owner))) {
    throw new PrivateFileError(
      `${parent} belongs to another user, who can rename what is in it; choose another folder`,
    );
  }
  if ((mode & STICKY) !== 0) return;
  // Members of root's group are as good as root: images for OpenShift give it what their user has. And with a umask of 002,
  // as many systems have it, users have groups of their own, with their own numbers, to which no other user belongs.
  const isGroupOpen = (mode & GROUP_WRITE) !== 0 && gid !== ROOT && gid !== self;
  if (isGroupOpen || (mode & ANYBODY_WRITE) !== 0) {
    const who = (mode & ANYBODY_WRITE) !== 0 ? 'every user' : 'the group of the folder';
    throw new PrivateFileError(
      `${who} can rename what is in ${parent}; choose another folder, or run: chmod +t ${parent}`,
    );
  }
}

/**
 * Reads a private file. It is opened once, without following links, and the checks are made on the open file, since the
 * name may lead elsewhere a moment later.
 *
 * @throws PrivateFileError
 * @throws Error of the file system, `ENOENT` where there is none
 */
export function readPrivateFile(path: string): string {
  const descriptor = openUnfollowed(path);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new PrivateFileError(`${path} is not a file`);
    if (process.getuid !== undefined) {
      refuseOtherOwner(path, stats);
      if ((stats.mode & OTHERS_MASK) !== 0) {
        throw new PrivateFileError(`${path} can be read by other users; run: chmod 600 ${path}`);
      }
    }
    const buffer = Buffer.alloc(MAX_FILE_BYTES);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, MAX_FILE_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The text of a file that is the user's alone, which is created with `text` where there is none. Of several processes that
 * do this at once, one creates it and all have the same.
 *
 * @throws PrivateFileError
 * @throws Error of the file system
 */
export function readOrCreatePrivateFile(path: string, text: string): string {
  try {
    return readPrivateFile(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  return createPrivateFile(path, text) ? text : readPrivateFile(path);
}

/** Creates a file atomically, so that it is never read half-written; false if the name is taken. */
function createPrivateFile(path: string, text: string): boolean {
  const draft = `${path}.${randomBytes(DRAFT_RANDOM_BYTES).toString('hex')}.draft`;
  try {
    writeNewFile(draft, text);
    try {
      linkSync(draft, path);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      // A file system without links: a concurrent reader may find incomplete content, and gets an error.
      return writeUnlessThere(path, text);
    }
    return true;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeUnlessThere(path: string, text: string): boolean {
  try {
    writeNewFile(path, text);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Fails where there is something of that name, also a link that leads nowhere. */
function writeNewFile(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', FILE_MODE);
  try {
    // The umask may have taken even more away.
    fchmodSync(descriptor, FILE_MODE);
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openUnfollowed(path: string): number {
  try {
    return openSync(path, OPEN_FLAGS);
  } catch (error) {
    if (IS_LINK.some((code) => hasCode(error, code))) {
      throw new PrivateFileError(`${path} is a symbolic link, which is not followed; give the file itself`);
    }
    throw error;
  }
}

function refuseOtherOwner(path: string, { uid }: Stats): void {
  if (uid !== process.getuid?.()) throw new PrivateFileError(`${path} belongs to another user`);
}
