import type { Block } from '../../consensus/block.ts';
import { temporaryFolder } from '../../testing/processes.ts';
import { inTurns, summary } from '../measure.ts';
import type { Question } from '../question.ts';
import { figure } from '../report.ts';
import { ChainBuilder } from '../support/chain.ts';
import { ImportNode } from '../support/import-node.ts';
import { benchNetwork } from '../support/network.ts';
import { VOTES_PER_BLOCK, votingChain } from '../support/votes.ts';

const ROUNDS = 5;
const BLOCKS = 24;

/** How fast blocks full of calls become part of the chain, against blocks of as many transfers, and how long others wait meanwhile. */
export const contractBlocks: Question = {
  name: 'contract-blocks',
  title: 'Blocks full of calls',
  async run() {
    const network = benchNetwork();
    const { params } = network;
    const voting = votingChain(network, BLOCKS);
    const builder = new ChainBuilder(network);
    const paying = voting.map(() => builder.next(builder.transfers(VOTES_PER_BLOCK)).block);
    const steps: number[] = [];
    const connect = async (chain: readonly Block[]): Promise<number> => {
      const node = await ImportNode.open({
        directory: temporaryFolder(),
        params,
        chain,
        chainWork: BigInt(chain.length + 1) * 2n,
      });
      const ms = await node.import();
      if (chain === voting) steps.push(node.longestStepMs);
      await node.close();
      return ms;
    };
    await connect(voting);
    steps.length = 0;
    const count = BLOCKS * VOTES_PER_BLOCK;
    const perSecond = async (chain: readonly Block[]) => (count / (await connect(chain))) * 1_000;
    const [votes, transfers] = await inTurns(ROUNDS, [
      { label: 'votes (signatures, execution, trees, durable commit)', measure: () => perSecond(voting) },
      { label: 'transfers in blocks of as many', measure: () => perSecond(paying) },
    ]);
    if (!votes || !transfers) throw new Error('nothing was measured');
    const longest = summary({ label: 'longest step of a node meanwhile', values: steps });
    return {
      unit: '/s',
      candidates: [votes, transfers, { ...longest, unit: 'ms' }],
      results: [
        { what: 'votes connected, durable', value: votes.median, unit: 'votes/s', goal: { least: 2_000 } },
        {
          what: 'a block of the most gas: to connect it',
          value: (VOTES_PER_BLOCK / votes.median) * 1_000,
          unit: 'ms',
          goal: null,
        },
        { what: 'longest step', value: longest.median, unit: 'ms', goal: { most: 10 } },
        { what: 'a transfer, in time of a vote', value: votes.median / transfers.median, unit: '×', goal: null },
      ],
      notes: [
        `${BLOCKS} blocks of ${figure(VOTES_PER_BLOCK)} first votes, which reserve all the gas of a block, by 512 accounts in up to ${Math.ceil(count / 512)} ballots, after a block that deploys these. A step is what the core does in one event; the commit to the disk is not in it.`,
      ],
    };
  },
};
