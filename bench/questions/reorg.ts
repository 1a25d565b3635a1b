import { temporaryFolder } from '../../testing/processes.ts';
import { type Candidate, inTurns, lawOf } from '../measure.ts';
import type { Question } from '../question.ts';
import { figure } from '../report.ts';
import { ChainBuilder, writeFolder } from '../support/chain.ts';
import { type BenchNetwork, benchNetwork } from '../support/network.ts';
import { NodeProcess } from '../support/node-process.ts';

const ROUNDS = 5;
const SIZES = [100, 300, 1_000] as const;
const TRANSFERS_PER_BLOCK = 4;
const INVALIDATE = 'mutation ($hash: Hash!) { invalidateBlock(hash: $hash) { __typename } }';
const RECONSIDER = 'mutation ($hash: Hash!) { reconsiderBlock(hash: $hash) { __typename } }';

/** A node that has two branches from genesis, and stands on the longer one. */
interface TwoBranches {
  readonly node: NodeProcess;
  /** First blocks. */
  readonly shorter: string;
  readonly longer: string;
}

async function branch(network: BenchNetwork, number: number, blocks: number) {
  const builder = new ChainBuilder(network, number);
  const built = Array.from({ length: blocks }, () => builder.next(builder.transfers(TRANSFERS_PER_BLOCK)));
  const directory = temporaryFolder();
  await writeFolder(directory, network.params, built);
  const node = await NodeProcess.start(network, '--data-dir', directory);
  return { node, first: built[0]?.block.hash ?? '' };
}

async function twoBranches(network: BenchNetwork, blocks: number): Promise<TwoBranches> {
  const [shorter, longer] = [await branch(network, 1, blocks), await branch(network, 2, blocks + 1)];
  const { arrival } = await shorter.node.untilHeight(blocks + 1);
  await shorter.node.connectTo(longer.node);
  await arrival;
  await longer.node.stop();
  return { node: shorter.node, shorter: shorter.first, longer: longer.first };
}

/** A deep move to another branch, against connecting the same blocks where there is nothing to disconnect. */
export const reorg: Question = {
  name: 'reorg',
  title: 'Reorg',
  async run() {
    const network = benchNetwork();
    const timed = async (node: NodeProcess, mutation: string, hash: string): Promise<number> => {
      const startMs = performance.now();
      await node.api.query(mutation, { hash });
      return performance.now() - startMs;
    };
    const rows: { blocks: number; candidates: Candidate[] }[] = [];
    for (const blocks of SIZES) {
      const { node, shorter, longer } = await twoBranches(network, blocks);
      const candidates = await inTurns(ROUNDS, [
        {
          label: `reorg of ${figure(blocks)} blocks`,
          measure: async () => {
            await timed(node, INVALIDATE, longer);
            return timed(node, RECONSIDER, longer);
          },
        },
        {
          label: `connecting the same ${figure(blocks)} blocks`,
          measure: async () => {
            await timed(node, INVALIDATE, shorter);
            await timed(node, INVALIDATE, longer);
            const ms = await timed(node, RECONSIDER, longer);
            await timed(node, RECONSIDER, shorter);
            return ms;
          },
        },
      ]);
      await node.stop();
      rows.push({ blocks, candidates });
    }
    const ratioOf = (row: (typeof rows)[number] | undefined): number =>
      (row?.candidates[0]?.median ?? 0) / (row?.candidates[1]?.median ?? 1);
    return {
      unit: 'ms',
      candidates: rows.toReversed().flatMap(({ candidates }) => candidates),
      results: [
        {
          what: '1,000 blocks over connecting them',
          value: ratioOf(rows.at(-1)),
          unit: '×',
          goal: { most: 2 },
          obstacle:
            'disconnecting a block changes as much of state and indexes as connecting it, and puts its transfers into the journal.',
        },
      ],
      growth: [
        ...rows.map((row) => `${figure(row.blocks)} blocks: ${ratioOf(row).toFixed(2)} × connecting.`),
        lawOf(
          'The time',
          rows.map(({ blocks, candidates }) => ({ size: blocks, cost: candidates[0]?.median ?? 0 })),
        ),
      ],
      notes: [
        `Blocks of ${TRANSFERS_PER_BLOCK} transfers, the same ones on both branches; through the API of a real process, each step durable.`,
      ],
    };
  },
};
