import { setTimeout as delay } from 'node:timers/promises';
import { REGTEST } from '../../consensus/networks.ts';
import { makeCompactBlock } from '../../protocol/compact.ts';
import { decodeMessage, encodeMessage } from '../../protocol/messages.ts';
import {
  type ChainPoint,
  genesisPoint,
  keysOf,
  mineBlock,
  mineChain,
  pathTo,
  transferAt,
} from '../../testing/chain-builder.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { RawPeer, regtestHello } from '../../testing/raw-peer.ts';
import { ServedChain } from '../../testing/scripted-peer.ts';
import { servingPeer } from '../../testing/serving-peer.ts';
import { type Candidate, summary } from '../measure.ts';
import type { Question } from '../question.ts';

const PEERS = 64;
const COUNTS = [0, 1, 2, 8, 60];
const LONG_CHAIN = 1_000;
/** A slow peer gives a body so long after the one before: just in time not to count as silent. */
const TRICKLE_MS = 1_900;
/** Peers connect one by one before the clock starts; the node has then asked the first of them. */
const SETTLE_MS = 300;
const LOOK_MS = 2;
/** What a node gives the next body, and how often, by which the goals are set. */
const ROUND_MS = 2_000;

type Manner = 'silent' | 'slow';

const genesis = genesisPoint(REGTEST);

/** Connects as a peer that has the chain, and gives its bodies slowly or not at all. */
async function withholder(url: string, point: ChainPoint, manner: Manner): Promise<RawPeer> {
  const served = new ServedChain();
  served.serve(point);
  const peer = await RawPeer.connect(url);
  let freeMs = 0;
  peer.socket.on('message', (data: Buffer) => {
    const message = decodeMessage(new Uint8Array(data));
    const isAboutBodies = message.type === 'getBlocks';
    if (isAboutBodies && manner === 'silent') return;
    for (const answer of served.answersTo(message)) {
      const now = performance.now();
      freeMs = isAboutBodies ? Math.max(now, freeMs) + TRICKLE_MS : now;
      if (isAboutBodies) setTimeout(() => peer.send(encodeMessage(answer)), freeMs - now).unref();
      else peer.send(encodeMessage(answer));
    }
  });
  const { block, height, chainWork } = point;
  const headers = pathTo(point).map((each) => each.block.header);
  return peer.send(
    regtestHello({ tipHash: block.hash, height, chainWork }),
    encodeMessage({ type: 'headers', headers }),
  );
}

async function untilOn({ node }: LiveNode, point: ChainPoint): Promise<void> {
  while (node.core.chain.tip.record.hash !== point.block.hash) await delay(LOOK_MS);
}

/** Milliseconds from the first honest peer until the node has the whole chain, `count` of 64 peers being withholders. */
async function catchUp(point: ChainPoint, count: number, manner: Manner): Promise<number> {
  const live = await startLiveNode();
  for (let i = 0; i < count; i++) await withholder(live.url, point, manner);
  await delay(SETTLE_MS);
  const startMs = performance.now();
  for (let i = count; i < PEERS; i++) await servingPeer(live.url, point);
  await untilOn(live, point);
  const tookMs = performance.now() - startMs;
  await live.stop();
  return tookMs;
}

/** Milliseconds from an honest announcement of a block until the node has it, after `count` others were silent about what is missing. */
async function relay(count: number): Promise<number> {
  const transfer = transferAt(genesis, keysOf('Alice'), keysOf('Bob').address, { fee: 1_000n });
  const point = mineBlock(genesis, { transfers: [transfer] });
  const compact = encodeMessage(makeCompactBlock(point.block, 7n, () => false));
  const live = await startLiveNode();
  const open = async (): Promise<RawPeer> => (await RawPeer.connect(live.url)).send(regtestHello());
  for (let i = 0; i < count; i++) (await open()).send(compact);
  const honest = await open();
  honest.socket.on('message', (data: Buffer) => {
    const message = decodeMessage(new Uint8Array(data));
    if (message.type === 'getBlockTransactions')
      honest.send(encodeMessage({ type: 'blockTransactions', blockHash: point.block.hash, transactions: [transfer] }));
  });
  // The threads that verify signatures have started before the clock does.
  const other = transferAt(genesis, keysOf('Bob'), keysOf('Alice').address, { fee: 1_000n });
  honest.send(encodeMessage({ type: 'transactions', transactions: [other] }));
  while (live.node.core.mempool.size === 0) await delay(LOOK_MS);
  const startMs = performance.now();
  honest.send(compact);
  await untilOn(live, point);
  const tookMs = performance.now() - startMs;
  await live.stop();
  return tookMs;
}

/** What peers that hold back bodies cost a node that has honest ones as well. */
export const withholders: Question = {
  name: 'withholders',
  title: 'Peers that hold back bodies',
  async run() {
    const chains = [mineChain(genesis, 1), mineChain(genesis, LONG_CHAIN)];
    const candidates: Candidate[] = [];
    const measure = async (label: string, ms: number): Promise<number> => {
      candidates.push(summary({ label, values: [ms] }));
      return ms;
    };
    const next = new Map<number, number>();
    for (const point of chains) {
      for (const count of COUNTS) {
        const ms = await catchUp(point, count, 'silent');
        await measure(`${point.height} block(s), ${count} of ${PEERS} peers silent`, ms);
        if (point.height === 1) next.set(count, ms);
      }
    }
    for (const point of chains)
      await measure(`${point.height} block(s), 60 of ${PEERS} peers slow`, await catchUp(point, 60, 'slow'));
    for (const count of [0, 1]) {
      const ms = await relay(count);
      await measure(`a new block with a transaction that is missing, ${count} announcer(s) silent before`, ms);
    }
    return {
      unit: 'ms',
      candidates,
      results: [
        { what: 'one block, 2 of 64 silent', value: next.get(2) ?? 0, unit: 'ms', goal: { most: 3 * ROUND_MS } },
        { what: 'one block, 60 of 64 silent', value: next.get(60) ?? 0, unit: 'ms', goal: { most: 7 * ROUND_MS } },
      ],
      notes: [
        'From the first of the honest peers until the node stands on the chain; those that hold back were there before, and ' +
          `have shown the headers. A slow peer gives one body every ${TRICKLE_MS / 1_000} s. One run each.`,
      ],
    };
  },
};
