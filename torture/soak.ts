import { DEVELOPMENT_ACCOUNTS } from '../consensus/development-accounts.ts';
import { REGTEST } from '../consensus/networks.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { freePorts } from '../testing/free-ports.ts';
import { confirmEverything } from './agree.ts';
import { demandEqual, examineFolder, type FolderContents } from './compare.ts';
import { demand, RunFailed } from './failure.ts';
import { Place } from './place.ts';
import { demandSameCounts, judgeLevels, type LevelChange } from './samples.ts';
import { SoakNode } from './soak-node.ts';

type Bounds = readonly [min: number, max: number];

const NODES = 5;
/** Nodes that are cut off and frozen but never killed, so that what they take shows whether it grows. */
const STEADY_NODES = 2;
/** Every kind of disturbance happens at least this many times. */
const MIN_TIMES = 3;
/** Shortest and longest time between two of a kind. */
const SUBMIT_EVERY_MS: Bounds = [200, 1_500];
const REMINE_EVERY_MS: Bounds = [1_000, 6_000];
const KILL_EVERY_MS: Bounds = [3_000, 12_000];
const CUT_EVERY_MS: Bounds = [3_000, 10_000];
const FREEZE_EVERY_MS: Bounds = [5_000, 20_000];
const SAMPLE_EVERY_MS: Bounds = [2_000, 2_000];
const REPORT_EVERY_MS: Bounds = [5_000, 5_000];
/** How long a node is down, cut off, or stands still. */
const DOWN_MS: Bounds = [0, 3_000];
const CUT_MS: Bounds = [1_000, 6_000];
const FROZEN_MS: Bounds = [500, 3_500];
const MS_PER_MINUTE = 60_000;

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly onProgress?: (line: string) => void;
}

export interface SoakResult {
  readonly contents: FolderContents;
  readonly kills: number;
  readonly cuts: number;
  readonly freezes: number;
  readonly transactions: number;
  /** Of each steady node; null where the run was too short to judge. */
  readonly levels: readonly (readonly LevelChange[] | null)[];
  readonly seconds: number;
}

/**
 * Runs five real nodes with miners that come and go, clients, kills, cuts and freezes for as long as asked; then all
 * agree on one tip, hold every acknowledged transaction in it, and their supply is exact. Throws `RunFailed`.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const place = Place.make();
  try {
    const result = await new Soak(options, place).run();
    place.remove();
    return result;
  } catch (error) {
    await place.close();
    throw new RunFailed(place.folder, error);
  }
}

class Soak {
  readonly #options: SoakOptions;
  readonly #place: Place;
  readonly #random: SeededRandom;
  readonly #durationMs: number;
  /** When all nodes ran. */
  #startMs = 0;
  readonly #nodes: SoakNode[] = [];
  readonly #counts = { cuts: 0, freezes: 0 };

  constructor(options: SoakOptions, place: Place) {
    this.#options = options;
    this.#place = place;
    this.#random = new SeededRandom(options.seed);
    this.#durationMs = options.minutes * MS_PER_MINUTE;
  }

  async run(): Promise<SoakResult> {
    const basePort = await freePorts(NODES);
    for (let i = 0; i < NODES; i++) {
      const sender = DEVELOPMENT_ACCOUNTS[i]?.name ?? 'Alice';
      this.#nodes.push(new SoakNode(this.#place, basePort + i, [...this.#nodes], sender));
    }
    await this.#all(this.#nodes.map((node) => node.start()));
    this.#startMs = performance.now();
    await this.#all([
      ...this.#nodes.map((node) => this.#repeat(SUBMIT_EVERY_MS, () => node.submitOne())),
      ...this.#nodes.map((node) => this.#repeat(REMINE_EVERY_MS, () => node.mineErratically(this.#random))),
      ...this.#nodes.map((node) => this.#repeat(SAMPLE_EVERY_MS, () => node.sample())),
      this.#repeat(KILL_EVERY_MS, () => this.#killOne()),
      this.#repeat(CUT_EVERY_MS, () => this.#cutOne()),
      this.#repeat(FREEZE_EVERY_MS, () => this.#freezeOne()),
      this.#repeat(REPORT_EVERY_MS, async () => this.#options.onProgress?.(this.#line())),
    ]);
    for (const { samples } of this.#nodes.slice(0, STEADY_NODES)) {
      const [first, last] = [samples[0], samples.at(-1)];
      demand(first !== undefined && last !== undefined, 'a node that is never killed was sampled');
      demandSameCounts(first, last);
    }
    const levels = this.#nodes.slice(0, STEADY_NODES).map(({ samples }) => judgeLevels(samples));
    for (const change of levels.flatMap((changes) => changes ?? [])) {
      demand(change.isLevel, `${change.name} grew from ${change.middle} to ${change.last}`);
    }
    const contents = await this.#heal();
    const sum = (of: (node: SoakNode) => number) => this.#nodes.reduce((total, node) => total + of(node), 0);
    return {
      contents,
      levels,
      ...this.#counts,
      kills: sum(({ kills }) => kills),
      transactions: sum(({ acknowledgements }) => acknowledgements.transactionCount),
      seconds: (performance.now() - this.#startMs) / 1_000,
    };
  }

  /** Rejects with the first error, once nothing is at work any more. */
  async #all(work: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(work);
    } catch (error) {
      await this.#place.close();
      await Promise.allSettled(work);
      throw error;
    }
  }

  /** Does something again and again, with pauses between these bounds, until the time is over; in a short one too. */
  async #repeat([minMs, maxMs]: Bounds, work: () => Promise<void>): Promise<void> {
    const longestMs = Math.min(maxMs, this.#durationMs / MIN_TIMES);
    const bounds: Bounds = [Math.min(minMs, longestMs), longestMs];
    while (!this.#place.isClosed && performance.now() < this.#startMs + this.#durationMs) {
      await this.#place.pause(this.#between(bounds));
      await work();
    }
  }

  async #killOne(): Promise<void> {
    const node = this.#draw(STEADY_NODES);
    await node.end('SIGKILL');
    await this.#place.pause(this.#between(DOWN_MS));
    await node.start();
  }

  async #cutOne(): Promise<void> {
    const node = this.#draw(0);
    this.#counts.cuts++;
    await node.disconnectAll();
    await this.#place.pause(this.#between(CUT_MS));
    await Promise.all([node.connectTo(this.#draw(0)), node.connectTo(this.#draw(0))]);
  }

  async #freezeOne(): Promise<void> {
    this.#counts.freezes++;
    await this.#draw(0).freeze(this.#between(FROZEN_MS));
  }

  #between([least, most]: Bounds): number {
    return least + this.#random.fraction() * (most - least);
  }

  /** A node of this number or above. */
  #draw(first: number): SoakNode {
    const node = this.#nodes[first + Math.floor(this.#random.fraction() * (NODES - first))];
    if (!node) throw new RangeError('a node is drawn from those that there are');
    return node;
  }

  /** Everybody is connected, nobody mines by itself; then all that is pending is mined, wherever it is. */
  async #heal(): Promise<FolderContents> {
    for (const node of this.#nodes) await node.setMining('OFF');
    const [hub] = this.#nodes;
    demand(hub !== undefined, 'there are nodes');
    for (const node of this.#nodes.slice(1)) await node.connectTo(hub);
    const parties = this.#nodes.map(({ process: node, acknowledgements }) => {
      demand(node !== null, 'all nodes run');
      return { node, acknowledgements };
    });
    await confirmEverything(parties);
    for (const node of this.#nodes) await node.end('SIGTERM');
    const folders: FolderContents[] = [];
    for (const { home } of this.#nodes) folders.push(await examineFolder(home.folder, REGTEST));
    const [first] = folders;
    demand(first !== undefined, 'there are nodes');
    for (const contents of folders) demandEqual(contents, first);
    return first;
  }

  #line(): string {
    const heights = this.#nodes.map(({ process: node, samples }) => (node ? (samples.at(-1)?.height ?? '-') : 'down'));
    const kills = this.#nodes.reduce((total, node) => total + node.kills, 0);
    const seconds = ((performance.now() - this.#startMs) / 1_000).toFixed(0);
    return `${seconds} s, heights ${heights.join(' ')}, ${kills} kills, ${this.#counts.cuts} cuts`;
  }
}
