import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile, summary } from '../measure.ts';
import type { Question } from '../question.ts';
import { KNOWS_MEMORY, memoryOf } from '../support/memory.ts';
import { benchNetwork } from '../support/network.ts';
import { NodeProcess } from '../support/node-process.ts';

const NODES = 100;
const ROUNDS = 5;
const REST_MS = 20_000;
const SETTLE_MS = 5_000;
const BLOCKS = 'subscription { blockAdded { height } }';
const MINE = 'mutation { mine(count: 1) { __typename } }';
const BYTES_PER_MIB = 1_048_576;
const P90 = 0.9;
/** Of Linux on all usual machines. */
const TICKS_PER_SECOND = 100;
const MS_PER_SECOND = 1_000;

/** Seconds of a core that a process has used. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Starts the nodes one after the other, each with two earlier ones as peers. */
async function startNodes(): Promise<NodeProcess[]> {
  const network = benchNetwork();
  const nodes: NodeProcess[] = [];
  const flags = ['--ephemeral', '--miner-address', network.minerAddress, '--mining-threads', '1'];
  for (let index = 0; index < NODES; index++) {
    const earlier = [nodes[index - 1], nodes[Math.floor(index / 2)]].flatMap((node) => (node ? [node.url] : []));
    const peers = [...new Set(earlier)].flatMap((url) => ['--peer', url]);
    nodes.push(await NodeProcess.start(network, ...flags, ...peers));
  }
  return nodes;
}

/** Milliseconds from the order to mine at one node to the arrival at each of the others. */
async function propagation(nodes: readonly NodeProcess[], height: number): Promise<number[]> {
  const miner = nodes[height % nodes.length] as NodeProcess;
  const others = nodes.filter((node) => node !== miner);
  const waits = await Promise.all(
    others.map((node) =>
      node.first<{ blockAdded: { height: number } }>(BLOCKS, ({ blockAdded }) => blockAdded.height === height),
    ),
  );
  const startMs = performance.now();
  await miner.api.query(MINE);
  return (await Promise.all(waits.map(({ arrival }) => arrival))).map((arrivalMs) => arrivalMs - startMs);
}

/** What many nodes on one machine take, each in a process of its own. */
export const manyNodes: Question = {
  name: 'many-nodes',
  title: `${NODES} nodes on one machine`,
  async run() {
    if (!KNOWS_MEMORY) throw new Error('this system does not say how much memory a process has');
    const startMs = performance.now();
    const nodes = await startNodes();
    const startSeconds = (performance.now() - startMs) / MS_PER_SECOND;
    await delay(SETTLE_MS);
    const before = nodes.map(({ pid }) => cpuSecondsOf(pid));
    await delay(REST_MS);
    const rest = nodes.map(({ pid }, index) => ((cpuSecondsOf(pid) - (before[index] ?? 0)) / REST_MS) * 100_000);
    const arrivals: number[][] = [];
    for (let height = 1; height <= ROUNDS; height++) arrivals.push(await propagation(nodes, height));
    const memory = nodes.map(({ pid }) => memoryOf(pid).privateMib);
    const [eachMib, eachRest] = [quantile(memory, 0.5), quantile(rest, 0.5)];
    return {
      unit: 'ms',
      candidates: [
        { ...summary({ label: 'private memory of a node', values: memory }), unit: 'MiB' },
        { ...summary({ label: 'CPU of a node at rest', values: rest }), unit: '% of a core' },
        summary({ label: 'a block at half of the nodes', values: arrivals.map((each) => quantile(each, 0.5)) }),
        summary({ label: 'a block at nine of ten nodes', values: arrivals.map((each) => quantile(each, P90)) }),
        summary({ label: 'a block at all nodes', values: arrivals.map((each) => Math.max(...each)) }),
      ],
      results: [
        { what: 'start of all, one after the other', value: startSeconds, unit: 's', goal: null },
        { what: 'nodes that fill the memory', value: totalmem() / BYTES_PER_MIB / eachMib, unit: 'nodes', goal: null },
        {
          what: 'nodes at rest that use all cores',
          value: (availableParallelism() * 100) / eachRest,
          unit: 'nodes',
          goal: null,
        },
      ],
      notes: [
        'Each node is a process without a chain and dials two earlier ones, so that the longest way has a dozen hops. What would break first is computed from the figures of one node, not tried: memory or cores, whichever number is smaller. All of them that mine at once share the cores from the first block on.',
      ],
    };
  },
};
