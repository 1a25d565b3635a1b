import { availableParallelism } from 'node:os';
import { signedTransactionsOf } from '../../consensus/block.ts';
import { signatureCheckOf } from '../../consensus/signature.ts';
import { VerificationPool } from '../../server/verification/verification-pool.ts';
import { temporaryFolder } from '../../testing/processes.ts';
import { inTurns, lawOf } from '../measure.ts';
import type { Question } from '../question.ts';
import { figure } from '../report.ts';
import { ChainBuilder, emptyBlocks, FULL_BLOCK_TRANSFERS, fullBlocks, writeFolder } from '../support/chain.ts';
import { type BenchNetwork, benchNetwork } from '../support/network.ts';
import { NodeProcess } from '../support/node-process.ts';

const ROUNDS = 3;
const NEAR_EMPTY = [2_500, 5_000, 10_000] as const;
const FULL = 8;

/** Seconds in which a new node fetches and connects everything that another one has. */
async function secondsToCatchUp(network: BenchNetwork, source: NodeProcess, height: number): Promise<number> {
  const target = await NodeProcess.start(network);
  const { arrival } = await target.untilHeight(height);
  const startMs = performance.now();
  await target.connectTo(source);
  const seconds = ((await arrival) - startMs) / 1_000;
  await target.stop();
  return seconds;
}

/** How fast a new node follows a long chain of blocks that hold only a coinbase. */
export const catchUp: Question = {
  name: 'catch-up',
  title: 'Catching up near-empty blocks',
  async run() {
    const network = benchNetwork();
    const sources: { blocks: number; node: NodeProcess }[] = [];
    for (const blocks of NEAR_EMPTY) {
      const directory = temporaryFolder();
      await writeFolder(directory, network.params, emptyBlocks(new ChainBuilder(network), blocks));
      sources.push({ blocks, node: await NodeProcess.start(network, '--data-dir', directory) });
    }
    const candidates = await inTurns(
      ROUNDS,
      sources.toReversed().map(({ blocks, node }) => ({
        label: `${figure(blocks)} blocks between two processes`,
        measure: async () => blocks / (await secondsToCatchUp(network, node, blocks)),
      })),
    );
    await Promise.all(sources.map(({ node }) => node.stop()));
    const [longest] = candidates;
    const sizes = NEAR_EMPTY.toReversed();
    return {
      unit: 'blocks/s',
      candidates,
      results: [
        {
          what: 'two real processes, 10,000 blocks',
          value: longest?.median ?? 0,
          unit: 'blocks/s',
          goal: { least: 2_000 },
          obstacle:
            'a large part of the time of near-empty blocks are flushes to disk; sixteen bodies in flight make about a dozen blocks for each.',
        },
      ],
      growth: [
        lawOf(
          'The time, the handshake included,',
          candidates.map(({ median }, i) => ({ size: sizes[i] ?? 0, cost: (sizes[i] ?? 0) / median })),
        ),
      ],
    };
  },
};

/** How fast a new node follows a chain of full blocks, all of whose signatures it has to verify. */
export const catchUpFull: Question = {
  name: 'catch-up-full',
  title: 'Catching up full blocks',
  async run() {
    const network = benchNetwork();
    const directory = temporaryFolder();
    const blocks = [...fullBlocks(new ChainBuilder(network), FULL)];
    await writeFolder(directory, network.params, blocks);
    const checks = blocks.flatMap(({ block }) => signedTransactionsOf(block)).map(signatureCheckOf);
    const source = await NodeProcess.start(network, '--data-dir', directory);
    const pool = new VerificationPool({ threads: availableParallelism() });
    await pool.verify(checks);
    const candidates = await inTurns(ROUNDS, [
      {
        label: 'catching up, two processes',
        measure: async () => checks.length / (await secondsToCatchUp(network, source, FULL)),
      },
      {
        label: 'verification of the same signatures alone',
        measure: async () => {
          const startMs = performance.now();
          await pool.verify(checks);
          return (checks.length / (performance.now() - startMs)) * 1_000;
        },
      },
    ]);
    await pool.close();
    await source.stop();
    const [ours, raw] = candidates;
    return {
      unit: 'transfers/s',
      candidates,
      results: [
        {
          what: 'transfers a second',
          value: ours?.median ?? 0,
          unit: 'transfers/s',
          goal: { least: 10_000 },
          obstacle:
            'see the row below it: the verification of the signatures alone, on all cores and with nothing else to do, is the bound.',
        },
        { what: 'over raw verification', value: (ours?.median ?? 0) / (raw?.median ?? 1), unit: '×', goal: null },
      ],
      notes: [`${FULL} blocks of ${figure(FULL_BLOCK_TRANSFERS)} transfers; the serving node shares the cores.`],
    };
  },
};
