import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Candidate, quantile, summary } from '../measure.ts';
import type { Question } from '../question.ts';
import { figure } from '../report.ts';
import { BenchPeer } from '../support/bench-peer.ts';
import { type BenchNetwork, benchNetwork, HOPELESS_BITS } from '../support/network.ts';
import { NodeProcess } from '../support/node-process.ts';

const ROUNDS = 3;
const WARM_PINGS = 5_000;
const PINGS = 500;
const MAIN_THREAD_PINGS = 50;
const PAUSE_MS = 4;
const HASHRATE_MS = 2_500;
const MAIN_THREAD_MINER = fileURLToPath(new URL('../support/main-thread-miner.ts', import.meta.url));
const SET_MINING =
  'mutation ($mode: MiningMode!, $threads: Int) { setMining(mode: $mode, threads: $threads) { __typename } }';
const MS_PER_SECOND = 1_000;
const P99 = 0.99;
const HASHES_PER_MEGAHASH = 1e6;

const megahashes = (hashesPerMs: number): number => (hashesPerMs * MS_PER_SECOND) / HASHES_PER_MEGAHASH;

async function roundTrips(peer: BenchPeer, count: number): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    values.push(await peer.roundTripMs());
    await delay(PAUSE_MS);
  }
  return values;
}

async function loopDelayP99Ms(node: NodeProcess): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  const [, seconds] = /^forklore_loop_delay_p99_seconds (\S+)$/m.exec(text) ?? [];
  return Number(seconds) * MS_PER_SECOND;
}

async function hashesDone(node: NodeProcess): Promise<number> {
  return Number((await node.api.query('{ miner { hashesDone } }')).miner.hashesDone);
}

async function hashratePerMs(node: NodeProcess, work: () => Promise<unknown>): Promise<number> {
  const [startMs, before] = [performance.now(), await hashesDone(node)];
  await work();
  return ((await hashesDone(node)) - before) / (performance.now() - startMs);
}

/** Whether peers notice that the node mines. */
export const gossip: Question = {
  name: 'gossip',
  title: 'Gossip while every core mines',
  async run() {
    const network = benchNetwork(HOPELESS_BITS);
    const node = await NodeProcess.start(network, '--miner-address', network.minerAddress);
    const peer = await BenchPeer.connect(node.url, network.params);
    const threads = availableParallelism();
    const samples = {
      bare: [] as number[],
      idle: [] as number[],
      mining: [] as number[],
      loop: [] as number[],
      quiet: [] as number[],
      busy: [] as number[],
    };
    // Until the engine has compiled what is measured, on both sides.
    const bare = await openChild(network, 'idle');
    for (let i = 0; i < WARM_PINGS; i++) {
      await peer.roundTripMs();
      await bare.peer.roundTripMs();
    }
    for (let round = 0; round < ROUNDS; round++) {
      samples.bare.push(...(await roundTrips(bare.peer, PINGS)));
      samples.idle.push(...(await roundTrips(peer, PINGS)));
      await node.api.query(SET_MINING, { mode: 'CONTINUOUS', threads });
      await delay(HASHRATE_MS / 2);
      samples.quiet.push(await hashratePerMs(node, () => delay(HASHRATE_MS)));
      await loopDelayP99Ms(node);
      samples.busy.push(await hashratePerMs(node, async () => samples.mining.push(...(await roundTrips(peer, PINGS)))));
      samples.loop.push(await loopDelayP99Ms(node));
      await node.api.query(SET_MINING, { mode: 'OFF' });
    }
    peer.close();
    await node.stop();
    await bare.close();
    const miner = await openChild(network, 'mine');
    const mainThread = await roundTrips(miner.peer, MAIN_THREAD_PINGS);
    await miner.close();
    const p99 = (label: string, values: readonly number[]): Candidate => {
      const sorted = [...values].sort((a, b) => a - b);
      const median = quantile(sorted, P99);
      return { label, median, spread: (median - quantile(sorted, 0.5)) / median };
    };
    const mining = p99(`p99 while ${threads} threads mine on ${threads} cores`, samples.mining);
    const loop = summary({ label: 'event loop delay p99 while mining', values: samples.loop });
    const busy = summary({ label: 'hash rate while a peer pings', values: samples.busy.map(megahashes) });
    const quiet = summary({ label: 'hash rate without', values: samples.quiet.map(megahashes) });
    const idle = p99('p99 with no mining', samples.idle);
    return {
      unit: 'ms',
      candidates: [
        mining,
        idle,
        p99('p99, mining on the main thread in slices of 50 ms', mainThread),
        p99('p99 of a bare WebSocket that only answers pings, no mining', samples.bare),
        loop,
        { ...busy, unit: 'MH/s' },
        { ...quiet, unit: 'MH/s' },
      ],
      results: [
        {
          what: 'round trip p99',
          value: mining.median,
          unit: 'ms',
          goal: { most: 1 },
          obstacle: 'the row of the bare WebSocket shows how much of it is the machine.',
        },
        { what: 'round trip p99 over that with no mining', value: mining.median / idle.median, unit: '×', goal: null },
        { what: 'event loop delay p99', value: loop.median, unit: 'ms', goal: { most: 3 } },
        {
          what: 'hash rate lost to 250 pings a second',
          value: (1 - busy.median / quiet.median) * 100,
          unit: '%',
          goal: { most: 5 },
        },
      ],
      notes: [
        `${figure(ROUNDS * PINGS)} pings of a peer, one every ${PAUSE_MS} ms, with and without mining in turns. The spread of a p99 is half its distance to the median.`,
      ],
    };
  },
};

/** The program of `main-thread-miner.ts`, and a peer that is connected to it. */
async function openChild(network: BenchNetwork, mode: 'mine' | 'idle') {
  const child = fork(MAIN_THREAD_MINER, [mode], { execArgv: ['--import', 'tsx'] });
  const [url] = (await once(child, 'message')) as [string];
  const peer = await BenchPeer.connect(url, network.params);
  return {
    peer,
    close: async () => {
      peer.close();
      child.kill();
      await once(child, 'exit');
    },
  };
}
