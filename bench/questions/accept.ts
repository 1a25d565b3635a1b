import { availableParallelism } from 'node:os';
import { signatureCheckOf } from '../../consensus/signature.ts';
import { VerificationPool } from '../../server/verification/verification-pool.ts';
import { inTurns } from '../measure.ts';
import type { Question } from '../question.ts';
import { BenchPeer } from '../support/bench-peer.ts';
import { ChainBuilder } from '../support/chain.ts';
import { benchNetwork } from '../support/network.ts';
import { NodeProcess } from '../support/node-process.ts';

const ROUNDS = 5;
/** As many as the mempool holds ready. */
const TRANSFERS = 5_120;

/** How fast transactions of a peer are verified, judged, written to the journal and pending. */
export const accept: Question = {
  name: 'accept',
  title: 'Accepting transactions',
  async run() {
    const network = benchNetwork();
    const transfers = new ChainBuilder(network).transfers(TRANSFERS);
    const checks = transfers.map(signatureCheckOf);
    const pool = new VerificationPool({ threads: availableParallelism() });
    await pool.verify(checks);
    const candidates = await inTurns(ROUNDS, [
      {
        label: 'accepted from a peer, durable',
        measure: async () => {
          const node = await NodeProcess.start(network);
          const peer = await BenchPeer.connect(node.url, network.params);
          const { arrival } = await node.first<{ mempoolChanged: { size: number } }>(
            'subscription { mempoolChanged { size } }',
            ({ mempoolChanged }) => mempoolChanged.size === TRANSFERS,
          );
          const startMs = performance.now();
          peer.offer(transfers);
          const ms = (await arrival) - startMs;
          peer.close();
          await node.stop();
          return (TRANSFERS / ms) * 1_000;
        },
      },
      {
        label: 'verification of the same signatures alone',
        measure: async () => {
          const startMs = performance.now();
          await pool.verify(checks);
          return (TRANSFERS / (performance.now() - startMs)) * 1_000;
        },
      },
    ]);
    await pool.close();
    const [ours, raw] = candidates;
    return {
      unit: 'transactions/s',
      candidates,
      results: [
        { what: 'from a peer, durable', value: ours?.median ?? 0, unit: '/s', goal: { least: 5_000 } },
        { what: 'over raw verification', value: (ours?.median ?? 0) / (raw?.median ?? 1), unit: '×', goal: null },
      ],
      notes: [
        'From the first announcement to the moment at which a subscriber hears that all are pending: a node that has just' +
          ' started, one peer, all transactions that the mempool holds.',
      ],
    };
  },
};
