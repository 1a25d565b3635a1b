import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { inTurns } from '../measure.ts';
import type { Question } from '../question.ts';
import { ChainBuilder, emptyBlocks, writeFolder } from '../support/chain.ts';
import { benchNetwork } from '../support/network.ts';
import { NodeProcess } from '../support/node-process.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ROUNDS = 5;
const SIZES = [0, 10_000, 30_000, 100_000] as const;
/** What a start leaves behind has been collected by then. */
const SETTLE_MS = 1_500;
const KIB_PER_MIB = 1_024;

/** Resident memory in MiB, as the system counts it; pages of the database file that are mapped are in it. */
async function residentMib(pid: number): Promise<number> {
  await delay(SETTLE_MS);
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / KIB_PER_MIB;
}

/** What a long chain costs a node at its start, and in memory. */
export const longChain: Question = {
  name: 'long-chain',
  title: 'A node with 100,000 blocks',
  async run() {
    const network = benchNetwork();
    const builder = new ChainBuilder(network);
    const folders: string[] = [];
    const blocks = [...emptyBlocks(builder, Math.max(...SIZES))];
    for (const size of SIZES) {
      const folder = temporaryFolder();
      await writeFolder(folder, network.params, blocks.slice(0, size));
      folders.push(folder);
    }
    blocks.length = 0;
    const memory = new Map<number, number[]>(SIZES.map((size) => [size, []]));
    const hasProc = process.platform === 'linux';
    const starts = await inTurns(
      ROUNDS,
      SIZES.map((size, i) => ({
        label: `from the command to the ready API with ${size.toLocaleString('en')} blocks`,
        measure: async () => {
          const startMs = performance.now();
          const node = await NodeProcess.start(network, '--data-dir', folders[i] ?? '');
          await fetch(`${node.url}/readyz`);
          const ms = performance.now() - startMs;
          if (hasProc) memory.get(size)?.push(await residentMib(node.pid));
          await node.stop();
          return ms;
        },
      })),
    );
    const middle = (size: number): number =>
      [...(memory.get(size) ?? [])].sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    const [empty, , , longest] = starts;
    const startResult = {
      what: 'start, more than with an empty folder',
      value: (longest?.median ?? 0) - (empty?.median ?? 0),
      unit: 'ms',
      goal: { most: 300 },
    };
    const memoryResult = {
      what: 'resident memory, more than with an empty folder',
      value: middle(100_000) - middle(0),
      unit: 'MiB',
      goal: { most: 100 },
    };
    return {
      unit: 'ms',
      candidates: starts,
      results: hasProc ? [startResult, memoryResult] : [startResult],
      growth: [
        ...SIZES.map((size, i) => {
          const start = starts[i]?.median ?? 0;
          return `${size.toLocaleString('en')} blocks: start ${start.toFixed(0)} ms${hasProc ? `, memory ${middle(size).toFixed(0)} MiB` : ''}.`;
        }),
        'Both grow linearly with the chain: all headers are read at the start, and kept in memory.',
      ],
    };
  },
};
