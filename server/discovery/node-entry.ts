import { lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hash, isHash } from '../../consensus/hash.ts';
import { normalisePeerUrl } from '../transport/peer-url.ts';

/** Maximum number of folder entries that are read; further ones are ignored. */
const MAX_ENTRIES = 1_000;
/** Maximum size of an entry; larger files are ignored. */
const MAX_ENTRY_BYTES = 4_096;
/** Owner only. */
const PRIVATE_FILE_MODE = 0o600;
/** Digits of the genesis hash in a file's name: the last ones, because proof of work makes the first ones zeros. */
const NAME_HASH_DIGITS = 16;

/** What a running node publishes to other nodes of the same user. */
export interface NodeEntry {
  /** As `normalisePeerUrl` returns it. */
  readonly url: string;
  readonly pid: number;
  readonly genesisHash: Hash;
  /** Id of the run of `cluster` or `start` that it belongs to; null for a single node. */
  readonly runId: string | null;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** An entry with its file. */
export interface FoundEntry {
  readonly name: string;
  /** Differs whenever the file was rewritten. */
  readonly version: string;
  readonly entry: NodeEntry;
}

/** Name of a node's file, unique among running nodes. */
export function entryName(entry: NodeEntry): string {
  return `${entry.genesisHash.slice(-NAME_HASH_DIGITS)}-${entry.pid}-${new URL(entry.url).port || '80'}.json`;
}

/** Writes an entry in one step, so that it is never read half-written. */
export async function writeEntry(directory: string, entry: NodeEntry): Promise<void> {
  const file = join(directory, entryName(entry));
  const unfinished = `${file}.tmp`;
  await writeFile(unfinished, JSON.stringify(entry), { mode: PRIVATE_FILE_MODE });
  await rename(unfinished, file);
}

/** Removes an entry, if it is there. */
export async function removeEntry(directory: string, entry: NodeEntry): Promise<void> {
  await rm(join(directory, entryName(entry)), { force: true });
}

/**
 * Reads the entries of all running nodes. Entries of ended processes are removed; other files are left alone.
 *
 * @throws Error when the folder cannot be read
 */
export async function readEntries(directory: string): Promise<FoundEntry[]> {
  const names = (await readdir(directory)).filter((name) => /^[0-9a-f]{16}-[0-9]{1,10}-[0-9]{1,5}\.json$/.test(name));
  const found = await Promise.all(
    names
      .sort()
      .slice(0, MAX_ENTRIES)
      .map((name) => readEntry(directory, name)),
  );
  return found.filter((entry) => entry !== null);
}

async function readEntry(directory: string, name: string): Promise<FoundEntry | null> {
  const file = join(directory, name);
  try {
    const stats = await lstat(file);
    if (!stats.isFile() || stats.size > MAX_ENTRY_BYTES) return null;
    const entry = parseEntry(await readFile(file, 'utf8'));
    if (!entry || entryName(entry) !== name) return null;
    if (!isRunning(entry.pid)) {
      await rm(file, { force: true });
      return null;
    }
    return { name, version: `${stats.ino} ${stats.mtimeMs}`, entry };
  } catch {
    // Removed meanwhile, or not permitted to read or remove: ignored either way.
    return null;
  }
}

function parseEntry(text: string): NodeEntry | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return null;
  const { url, pid, genesisHash, startedAt, runId = null } = value as Partial<Record<keyof NodeEntry, unknown>>;
  if (typeof url !== 'string' || typeof genesisHash !== 'string' || typeof startedAt !== 'string') return null;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  if (runId !== null && typeof runId !== 'string') return null;
  if (!isHash(genesisHash) || normalisePeerUrl(url) !== url) return null;
  return { url, pid, genesisHash, runId, startedAt };
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only asks whether the process exists.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
