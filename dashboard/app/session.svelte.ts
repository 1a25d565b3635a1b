import { ContractNames } from '../state/contract-names.svelte.ts';
import { Forks } from '../state/forks.svelte.ts';
import { Network } from '../state/network.svelte.ts';
import { Partition } from '../state/partition.svelte.ts';
import { Samples } from '../state/samples.svelte.ts';
import { Sides } from '../state/sides.svelte.ts';
import { Weather } from '../state/weather.svelte.ts';
import { storage } from './storage.ts';

const STORAGE_KEY = { nodes: 'forklore.nodes', hidden: 'forklore.hidden' } as const;
const TICK_MS = 1_000;

/** The nodes that this page watches. */
export const network = new Network(
  { now: () => Date.now() },
  {
    read: (key) => listIn(storage.getItem(STORAGE_KEY[key])),
    write: (key, urls) => storage.setItem(STORAGE_KEY[key], JSON.stringify(urls)),
  },
);

/** The connections between them, cut and mended. */
export const partition = new Partition(network, () => Date.now());

/** The conditions of the ways between them. */
export const weather = new Weather(network);

/** Where they stand, and what came of their blocks. */
export const forks = new Forks(network, partition);

/** The sides of a fork, or of a cut before there is one. */
export const sides = new Sides(network, forks, partition);

/** What contracts are called. */
export const contractNames = new ContractNames(network);

/** What the page measures of them, for its charts. */
export const samples = new Samples();

/** The time, for texts such as "3 seconds ago"; one clock for the whole page. */
class Clock {
  nowMs = $state(Date.now());

  /** @returns stops it */
  start(): () => void {
    const timer = setInterval(() => {
      this.nowMs = Date.now();
      const { hashrate, replica, genesisHash } = network;
      samples.add({ atMs: this.nowMs, pending: replica.pool.size, hashrate }, genesisHash);
    }, TICK_MS);
    return () => clearInterval(timer);
  }
}

export const clock = new Clock();

/** What the browser keeps can be anything, also of another version of this page. */
function listIn(text: string | null): string[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}
