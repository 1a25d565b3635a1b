import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Network } from '../../consensus/genesis.ts';
import { shortHash } from '../../consensus/hash.ts';
import { quotable } from '../../consensus/quotable.ts';
import { makeFolder } from '../files/make-folder.ts';
import { failpoint } from '../process/failpoint.ts';
import { settingName } from '../process/setting-name.ts';
import { systemProblem } from '../process/system-problem.ts';
import { isLockFile } from './folder-lock.ts';
import { refuseForeignChain, refuseLinks } from './folder-trust.ts';
import { damagedFolder, diskFailure, StoreError } from './store-error.ts';

/**
 * A data folder holds `folder.lock` and `chain/`, and `chain/` holds `data.mdb` and `lock.mdb` (LMDB), `network.json`, and
 * `place.json`, after a clean stop `checksum.json`. A chain is made as `chain.new` and renamed when it is whole and on disk.
 */
const CHAIN = 'chain';
const CHAIN_NEW = 'chain.new';
const CHAIN_OLD = 'chain.old';
const CHAINS: readonly string[] = [CHAIN, CHAIN_NEW, CHAIN_OLD];
const NETWORK_FILE = 'network.json';
const CHECKSUM_FILE = 'checksum.json';
const PLACE_FILE = 'place.json';
/** Creates a file, and fails where there is something of that name: it could be a link to anywhere. */
const NEW_FILE = 'wx';
/** More than a database takes that holds only a genesis block. */
const EMPTY_DATABASE_BYTES = 128 * 1024;
/** Incremented whenever the stored format changes. */
const FORMAT_VERSION = 1;

/** Whose chain a folder holds. */
interface NetworkLabel {
  readonly format: number;
  readonly network: string;
  readonly genesis: string;
}

/** Distinguishes a folder from its copies. */
interface Place {
  readonly inode: string;
  /** `st_ctime` of the chain's label. */
  readonly labelTouchedMs: string;
}

/** State of the database file at a clean stop. */
export interface FileChecksum {
  /** Newest transaction, so that a checksum that outlived later writes is recognised. */
  readonly transaction: string;
  readonly sizeBytes: number;
  /** Id of the key of its writer; see `UserKey`. */
  readonly keyId: string;
  /** HMAC-SHA256 of the whole file with that key, in hex. */
  readonly hmac: string;
}

/** A new folder among the temporary files, for a chain that is not kept. Throws `StoreError` `io`. */
export function makeTemporaryFolder(): string {
  const parent = tmpdir();
  try {
    return mkdtempSync(join(parent, 'forklore-'));
  } catch (error) {
    const message = `cannot make a folder in ${parent} (${systemProblem(error)}); set TMPDIR to a folder that can be written to, or keep the chain with ${settingName('dataDir')}`;
    throw new StoreError('io', message, { cause: error });
  }
}

export function chainPath(directory: string): string {
  return join(directory, CHAIN);
}

/** The chain under construction. */
export function newChainPath(directory: string): string {
  return join(directory, CHAIN_NEW);
}

export function databasePath(directory: string): string {
  return join(directory, CHAIN, 'data.mdb');
}

/**
 * Creates the folder where it is missing. Throws `StoreError` `foreign` for one that holds other files and no chain, or a
 * link where a file is to be opened, before anything is written into it, and `io`.
 */
export function prepareFolder(directory: string): void {
  try {
    makeFolder(directory);
    const all = readdirSync(directory);
    // What lies beside them is never opened.
    refuseLinks(
      directory,
      all.filter((name) => isLockFile(name) || CHAINS.includes(name)),
    );
    const names = all.filter((name) => !isLockFile(name));
    if (names.length === 0 || names.some((name) => CHAINS.includes(name))) return;
  } catch (error) {
    throw error instanceof StoreError ? error : diskFailure(directory, 'use', error);
  }
  throw new StoreError('foreign', `folder ${directory} holds files but no chain; choose an empty or a new folder`);
}

/**
 * Finishes or clears away what an interrupted creation or replacement left. True when there is a chain. Throws
 * `StoreError` `foreign` for one that is not to be trusted.
 */
export function settleFolder(directory: string): boolean {
  for (const name of CHAINS) refuseForeignChain(directory, name);
  const [chain, fresh, old] = [CHAIN, CHAIN_NEW, CHAIN_OLD].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  // The label is written last: with it a new chain is whole. It counts only once the old one is out of its way.
  if (!existsSync(chain) && existsSync(join(fresh, NETWORK_FILE))) renameSync(fresh, chain);
  else if (!existsSync(chain) && existsSync(old)) renameSync(old, chain);
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
  return existsSync(chain);
}

/**
 * Proves that the disk has room for a new database at `path`: where LMDB cannot write its first pages, it ends the whole
 * process without a word. Throws `StoreError` `io`.
 */
export function proveRoom(path: string, directory: string): void {
  const probe = join(path, 'room.draft');
  try {
    try {
      writeFileSync(probe, Buffer.alloc(EMPTY_DATABASE_BYTES), { flag: NEW_FILE });
    } finally {
      rmSync(probe, { force: true });
    }
  } catch (error) {
    throw diskFailure(directory, 'write to', error);
  }
}

/** Marks `chain.new` as whole and puts it in the place of `chain`. Its database is closed. */
export function installNewChain(directory: string, params: Network): void {
  const [chain, fresh, old] = [CHAIN, CHAIN_NEW, CHAIN_OLD].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const label: NetworkLabel = { format: FORMAT_VERSION, network: params.name, genesis: params.genesis.hash };
  writeSealed(fresh, NETWORK_FILE, label);
  failpoint('chain-labelled');
  if (existsSync(chain)) renameSync(chain, old);
  failpoint('chain-moved-away');
  renameSync(fresh, chain);
  failpoint('chain-installed');
  syncDirectory(directory);
  rmSync(old, { recursive: true, force: true });
}

/** Throws `StoreError` `version`, `foreign` or `damaged` unless the chain belongs to this network and format. */
export function checkNetwork(directory: string, params: Network): void {
  const label = readNetworkLabel(directory);
  if (label === undefined) throw damagedFolder(directory, `${NETWORK_FILE} cannot be read`);
  if (label.format > FORMAT_VERSION) {
    const message = `data folder ${directory} was written by a newer version (format ${label.format}, this program knows ${FORMAT_VERSION}); update the program`;
    throw new StoreError('version', message);
  }
  if (label.genesis !== params.genesis.hash) {
    throw new StoreError('foreign', `data folder ${directory} ${otherNetwork(label, params)}`);
  }
}

/** The difference between two networks: their names, or if these are equal, their genesis blocks. */
function otherNetwork(label: NetworkLabel, params: Network): string {
  const elsewhere = `choose another folder with ${settingName('dataDir')}`;
  if (label.network !== params.name) {
    return `belongs to network ${quotable(label.network)}, not ${params.name}; ${elsewhere}`;
  }
  const [old, now] = [shortHash(quotable(label.genesis)), shortHash(params.genesis.hash)];
  return (
    `belongs to another network that is also called ${quotable(params.name)}: its genesis is ${old}, and that of the ` +
    `network file is ${now}, so the file has changed since; undo the change, or ${elsewhere}`
  );
}

/** Whether the chain says which network it belongs to. */
export function hasNetworkLabel(directory: string): boolean {
  return readNetworkLabel(directory) !== undefined;
}

function readNetworkLabel(directory: string): NetworkLabel | undefined {
  const label = readSealed(chainPath(directory), NETWORK_FILE);
  const { format, network, genesis } = label ?? {};
  if (typeof format !== 'number' || typeof network !== 'string' || typeof genesis !== 'string') return undefined;
  return { format, network, genesis };
}

/**
 * Whether the folder was copied since `notePlace`: then both the inode of the folder and the time at which the system last
 * touched the label are others. Either alone says nothing. Some file systems give a folder a new inode whenever they are
 * mounted, and changing the owner of files touches them; a folder that was renamed or moved within its file system
 * keeps its inode. Nobody can copy that time (`st_ctime`) but with the whole disk. False for a folder in which no place
 * was noted yet. See decision 0007.
 */
export function isCopy(directory: string): boolean {
  const noted = readSealed(chainPath(directory), PLACE_FILE);
  if (noted === undefined) return false;
  const { inode, labelTouchedMs } = placeOf(directory);
  return noted.inode !== inode && noted.labelTouchedMs !== labelTouchedMs;
}

/** Records the place of the folder, so that later copies can be recognized. */
export function notePlace(directory: string): void {
  const noted = readSealed(chainPath(directory), PLACE_FILE);
  const place = placeOf(directory);
  if (noted?.inode === place.inode && noted.labelTouchedMs === place.labelTouchedMs) return;
  writeSealed(chainPath(directory), PLACE_FILE, place);
}

/** Of the label, since it is never written again; in milliseconds, since not every file system keeps more of it. */
function placeOf(directory: string): Place {
  const label = statSync(join(chainPath(directory), NETWORK_FILE), { bigint: true, throwIfNoEntry: false });
  // Without its label, as before a rebuild, a folder has only its inode.
  const labelTouchedMs = label?.ctimeMs.toString() ?? '';
  return { inode: statSync(directory, { bigint: true }).ino.toString(), labelTouchedMs };
}

/** Undefined unless the last stop was clean, and noted by a program of this form. */
export function readFileChecksum(directory: string): FileChecksum | undefined {
  const { transaction, sizeBytes, keyId, hmac } = readSealed(chainPath(directory), CHECKSUM_FILE) ?? {};
  if (typeof transaction !== 'string' || typeof sizeBytes !== 'number') return undefined;
  return typeof keyId === 'string' && typeof hmac === 'string' ? { transaction, sizeBytes, keyId, hmac } : undefined;
}

export function writeFileChecksum(directory: string, checksum: FileChecksum): void {
  writeSealed(chainPath(directory), CHECKSUM_FILE, checksum);
}

/** Before the first write: the checksum is about to be wrong. */
export function removeFileChecksum(directory: string): void {
  const path = join(chainPath(directory), CHECKSUM_FILE);
  if (!existsSync(path)) return;
  rmSync(path);
  syncDirectory(chainPath(directory));
}

/** One line of JSON and its own CRC-32 in hex; replaced in one step, and on disk when this returns. */
function writeSealed(directory: string, name: string, content: object): void {
  const draft = join(directory, `${name}.draft`);
  const json = JSON.stringify(content);
  rmSync(draft, { recursive: true, force: true });
  const fd = openSync(draft, NEW_FILE);
  try {
    writeSync(fd, `${json}\n${crc32(json).toString(16)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, join(directory, name));
  syncDirectory(directory);
}

/** Undefined when the file is missing or not what was written. */
function readSealed(directory: string, name: string): Record<string, unknown> | undefined {
  const path = join(directory, name);
  if (!existsSync(path)) return undefined;
  const [json = '', sum] = readFileSync(path, 'utf8').split('\n');
  if (crc32(json).toString(16) !== sum) return undefined;
  try {
    return JSON.parse(json) ?? undefined;
  } catch {
    // A checksum can be right by accident: that of nothing is zero.
    return undefined;
  }
}

/** A new name is only on disk when its directory is. Windows cannot do it and need not. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
