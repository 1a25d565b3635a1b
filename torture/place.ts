import { setMaxListeners } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Finished, killPrograms, Program } from '../testing/processes.ts';
import { demand } from './failure.ts';

/** Folders of runs that have not been removed. */
const made = new Set<Place>();

/** A folder that a run works in. Programs are started through it, so that none starts once the run is over. */
export class Place {
  readonly folder: string;
  readonly #parent: Place | null;
  readonly #closing = new AbortController();

  private constructor(folder: string, parent: Place | null) {
    this.folder = folder;
    this.#parent = parent;
    // Everybody who is at work here may pause at once.
    setMaxListeners(0, this.#closing.signal);
  }

  static make(): Place {
    const place = new Place(mkdtempSync(join(tmpdir(), 'forklore-torture-')), null);
    made.add(place);
    return place;
  }

  /** A folder in this one, which is created, and closed together with it. */
  within(name: string): Place {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return new Place(folder, this);
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted || (this.#parent?.isClosed ?? false);
  }

  /** Starts a program. Throws `TortureFailure` once the place is closed. */
  start(...given: ConstructorParameters<typeof Program>): Program {
    demand(!this.isClosed, 'the run is over: nothing is started any more');
    return new Program(...given);
  }

  /** Runs a program to its end. Throws like {@link start}. */
  async run(args: readonly string[]): Promise<Finished> {
    return await this.start(args).finished;
  }

  /** Resolves after this many milliseconds; at once when the place itself is closed. */
  async pause(durationMs: number): Promise<void> {
    await setTimeout(durationMs, undefined, { signal: this.#closing.signal }).catch(() => {});
  }

  /** Kills every program. What is still at work here fails at its next step. */
  async close(): Promise<void> {
    this.#closing.abort();
    await killPrograms();
  }

  remove(): void {
    // A process that was just killed may still be at work in it.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
    made.delete(this);
  }
}

/**
 * Closes and removes all that was made: for a run that is interrupted, or that a test gave up. Every process has its
 * SIGKILL and every folder is gone when this returns; the promise resolves once the processes are gone too.
 */
export function removeAllPlaces(): Promise<unknown> {
  const closing = Promise.all([...made].map((place) => place.close()));
  for (const place of made) place.remove();
  return closing;
}
