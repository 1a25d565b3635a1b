import { signedTransactionsOf } from '../../consensus/block.ts';
import { signatureCheckOf } from '../../consensus/signature.ts';
import { temporaryFolder } from '../../testing/processes.ts';
import { inTurns } from '../measure.ts';
import type { Question } from '../question.ts';
import { figure } from '../report.ts';
import { ChainBuilder, FULL_BLOCK_TRANSFERS, fullBlocks } from '../support/chain.ts';
import { ImportNode } from '../support/import-node.ts';
import { benchNetwork } from '../support/network.ts';

const ROUNDS = 3;
const BLOCKS = 6;

/** How fast full blocks become part of the chain, against the verification of their signatures alone. */
export const blockImport: Question = {
  name: 'import',
  title: 'Import of full blocks',
  async run() {
    const network = benchNetwork();
    const { params } = network;
    const chain = [...fullBlocks(new ChainBuilder(network), BLOCKS)].map(({ block }) => block);
    const chainWork = BigInt(BLOCKS + 1) * 2n;
    const checks = chain.flatMap(signedTransactionsOf).map(signatureCheckOf);
    const warm = await ImportNode.open({ directory: temporaryFolder(), params, chain, chainWork });
    await warm.import();
    const candidates = await inTurns(ROUNDS, [
      {
        label: 'import (signatures, state, durable commit)',
        measure: async () => {
          const node = await ImportNode.open({ directory: temporaryFolder(), params, chain, chainWork });
          // The threads of both sides have their code and keys before the clock starts.
          await node.verification.verify(checks);
          const ms = await node.import();
          await node.close();
          return (checks.length / ms) * 1_000;
        },
      },
      {
        label: 'crypto.verify of the same signatures, same threads',
        measure: async () => {
          const startMs = performance.now();
          await warm.verification.verify(checks);
          return (checks.length / (performance.now() - startMs)) * 1_000;
        },
      },
    ]);
    await warm.close();
    const [ours, raw] = candidates;
    return {
      unit: 'transfers/s',
      candidates,
      results: [
        {
          what: 'import over raw verification',
          value: (ours?.median ?? 0) / (raw?.median ?? 0),
          unit: '×',
          goal: { least: 0.7 },
          obstacle: 'the thread that decodes, checks and connects shares the cores with the threads that verify.',
        },
      ],
      notes: [
        `${BLOCKS} blocks of ${figure(FULL_BLOCK_TRANSFERS)} transfers from 512 accounts to 1,000; nothing was in the mempool before.`,
      ],
    };
  },
};
