import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '../../testing/processes.ts';
import { type Candidate, inTurns, lawOf, summary } from '../measure.ts';
import type { Question, Result } from '../question.ts';
import { figure } from '../report.ts';
import { ChainBuilder, emptyBlocks, writeFolder } from '../support/chain.ts';
import { KNOWS_MEMORY, type Memory, memoryOf } from '../support/memory.ts';
import { benchNetwork } from '../support/network.ts';
import { NodeProcess } from '../support/node-process.ts';

const ROUNDS = 5;
const SIZES = [0, 10_000, 30_000, 100_000] as const;
/** What a start leaves behind has been collected by then. */
const SETTLE_MS = 1_500;
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
    const memory = new Map<number, Memory[]>(SIZES.map((size) => [size, []]));
    const starts = await inTurns(
      ROUNDS,
      SIZES.map((size, i) => ({
        label: `from the command to the ready API with ${figure(size)} blocks`,
        measure: async () => {
          const startMs = performance.now();
          const node = await NodeProcess.start(network, '--data-dir', folders[i] ?? '');
          await fetch(`${node.url}/readyz`);
          const ms = performance.now() - startMs;
          if (KNOWS_MEMORY) {
            await delay(SETTLE_MS);
            memory.get(size)?.push(memoryOf(node.pid));
          }
          await node.stop();
          return ms;
        },
      })),
    );
    const memorySummary = (size: number, kind: keyof Memory, name: string): Candidate =>
      summary({
        label: `${name} memory with ${figure(size)} blocks`,
        values: (memory.get(size) ?? []).map((each) => each[kind]),
      });
    const middle = (size: number, kind: keyof Memory): number => memorySummary(size, kind, '').median;
    const growth = (kind: keyof Memory): number => middle(100_000, kind) - middle(0, kind);
    const [empty, , , longest] = starts;
    const startResult: Result = {
      what: 'start, more than with an empty folder',
      value: (longest?.median ?? 0) - (empty?.median ?? 0),
      unit: 'ms',
      goal: { most: 300 },
      obstacle:
        'all headers are read, checked against their checksums and linked into the tree of branches at the start.',
    };
    const memoryResults = (): Result[] => [
      {
        what: 'private memory, more than with an empty folder',
        value: growth('privateMib'),
        unit: 'MiB',
        goal: { most: 100 },
      },
      {
        what: 'resident memory, mapped pages of the database included, more than with an empty folder',
        value: growth('residentMib'),
        unit: 'MiB',
        goal: null,
      },
    ];
    return {
      unit: 'ms',
      candidates: [
        ...starts,
        ...(KNOWS_MEMORY
          ? ([0, 100_000] as const).flatMap((size) => [
              { ...memorySummary(size, 'privateMib', 'private'), unit: 'MiB' },
              { ...memorySummary(size, 'residentMib', 'resident'), unit: 'MiB' },
            ])
          : []),
      ],
      results: KNOWS_MEMORY ? [startResult, ...memoryResults()] : [startResult],
      growth: [
        ...SIZES.map((size, i) => {
          const start = starts[i]?.median ?? 0;
          return `${figure(size)} blocks: start ${figure(start)} ms${KNOWS_MEMORY ? `, private memory ${middle(size, 'privateMib').toFixed(0)} MiB` : ''}.`;
        }),
        lawOf(
          'What the chain adds to the start',
          SIZES.slice(1).map((size, i) => ({
            size,
            cost: Math.max(1, (starts[i + 1]?.median ?? 0) - (empty?.median ?? 0)),
          })),
        ),
      ],
    };
  },
};
