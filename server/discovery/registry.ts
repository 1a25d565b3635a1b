import { type FSWatcher, watch } from 'node:fs';
import type { Hash } from '../../consensus/hash.ts';
import { entryName, type FoundEntry, type NodeEntry, readEntries, removeEntry, writeEntry } from './node-entry.ts';
import { openRuntimeDirectory } from './runtime-directory.ts';

/** Polling interval, for systems that do not report folder changes or miss one. */
const POLL_MS = 1_000;

export interface LocalRegistryOptions {
  /** See `runtimeDirectory`. */
  readonly directory: string;
  readonly genesisHash: Hash;
  /** Where this node listens, as `normalisePeerUrl` returns it. */
  readonly url: string;
  /** Id of the run of `cluster` or `start` that this node belongs to: only nodes of the same run find each other. Null: none. */
  readonly runId: string | null;
  /** A node of the same network and run was found at this URL. Called once per announcement. */
  onFound(url: string): void;
  /** The node found at this URL has ended; another one may listen there later. */
  onGone(url: string): void;
  /** Discovery failed, with the reason. The node continues without it. */
  onProblem(reason: string): void;
}

/** Announces this node to the other nodes of the same user on this machine, and finds them: one small file for each. */
export class LocalRegistry {
  readonly #options: LocalRegistryOptions;
  readonly #own: NodeEntry;
  /** Entries found by the last scan, by file name. */
  #seen = new Map<string, FoundEntry>();
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #scanning: Promise<void> | null = null;
  #scanAgain = false;
  #closed = false;

  constructor(options: LocalRegistryOptions) {
    this.#options = options;
    const { url, genesisHash, runId } = options;
    this.#own = { url, genesisHash, runId, pid: process.pid, startedAt: new Date().toISOString() };
  }

  /** Announces this node and starts looking for others; those already running are reported before it resolves. */
  async start(): Promise<void> {
    const { directory, onProblem } = this.#options;
    try {
      openRuntimeDirectory(directory);
      await writeEntry(directory, this.#own);
    } catch (error) {
      onProblem((error as Error).message);
      return;
    }
    if (this.#closed) return;
    this.#watch();
    this.#timer = setInterval(() => this.#scan(), POLL_MS).unref();
    await this.#scan();
  }

  /** Removes the announcement. Nothing is reported any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watcher?.close();
    if (this.#timer) clearInterval(this.#timer);
    await this.#scanning;
    await removeEntry(this.#options.directory, this.#own).catch(() => {
      // The others remove it once this process has ended.
    });
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#options.directory, { persistent: false }, () => void this.#scan());
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // The system has no more watches: polling finds the others later.
    }
  }

  /** One scan at a time: a change during a scan causes another one. */
  #scan(): Promise<void> {
    this.#scanAgain = true;
    this.#scanning ??= this.#scanUntilQuiet().finally(() => {
      this.#scanning = null;
    });
    return this.#scanning;
  }

  async #scanUntilQuiet(): Promise<void> {
    while (this.#scanAgain && !this.#closed) {
      this.#scanAgain = false;
      try {
        await this.#scanOnce();
      } catch {
        // The folder was removed or is unreadable; the next poll tries again.
      }
    }
  }

  async #scanOnce(): Promise<void> {
    const { directory, onFound, onGone } = this.#options;
    const entries = await readEntries(directory);
    if (this.#closed) return;
    const previous = this.#seen;
    this.#seen = new Map(entries.map((found) => [found.name, found]));
    for (const { name, entry } of previous.values()) {
      if (this.#isOther(entry) && !this.#seen.has(name)) onGone(entry.url);
    }
    for (const { name, version, entry } of entries) {
      if (this.#isOther(entry) && previous.get(name)?.version !== version) onFound(entry.url);
    }
    // A cleaner of temporary files, or a node that cannot see our process, may have removed it.
    if (!this.#seen.has(entryName(this.#own))) await writeEntry(directory, this.#own);
  }

  #isOther({ genesisHash, runId, url }: NodeEntry): boolean {
    return genesisHash === this.#own.genesisHash && runId === this.#own.runId && url !== this.#own.url;
  }
}
