import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { totalSubsidy } from '../../consensus/subsidy.ts';
import { DOWNLOAD_WINDOW_BLOCKS } from '../../protocol/block-download.ts';
import { MAX_QUEUED_PER_ACCOUNT, MAX_READY_PER_ACCOUNT } from '../../protocol/policy.ts';
import { genesisPoint, keysOf, mineBlock, mineChain, pathTo } from '../../testing/chain-builder.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { quickTransfer } from '../../testing/quick-signing.ts';
import { servingPeer } from '../../testing/serving-peer.ts';
import { feed, oneNode } from '../../testing/simulated.ts';
import { type Watch, watch } from '../../testing/watch.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];
const DEPTH = 1_000;
const OTHER = { extraNonce: 5 };
/** More than this, and what is held would grow with the depth: the blocks of both branches alone are some MB when decoded. */
const MEMORY_BYTES = 200 * 1024 * 1024;
/** Long for an answer, even on a machine with much else to do. */
const ANSWER_MS = 10_000;

const EVENTS = `subscription {
  events(kinds: [BLOCK, REORG]) {
    ... on BlockEvent { block { hash height } }
    ... on ReorgEvent { reorg { depth commonAncestor disconnected connected } }
  }
}`;
const POOL = '{ mempool { size readyCount transactions(first: 100) { edges { node { id status } } } } }';

interface Edge {
  readonly node: { readonly id: string; readonly status: string };
}

let live: LiveNode | undefined;
let folder: string | undefined;

afterEach(async () => {
  await live?.stop();
  live = undefined;
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Every block has a transfer of Alice's next nonce. */
function payingChain(length: number) {
  let point = genesis;
  for (let i = 0; i < length; i++) {
    const { networkId } = REGTEST;
    const fields = {
      networkId,
      nonce: BigInt(i),
      recipient: bob.address,
      amount: 1n,
      fee: 1_000n,
      memo: new Uint8Array(),
    };
    point = mineBlock(point, { transfers: [quickTransfer(fields, alice)] });
  }
  return point;
}

/** What the API says while the node is on its way, and the most memory that was in use meanwhile. */
async function askUntil(
  node: LiveNode,
  tip: string,
): Promise<{ heightsWhileMoving: number[]; slowestMs: number; peakBytes: number }> {
  const heightsWhileMoving: number[] = [];
  let [slowestMs, peakBytes] = [0, 0];
  for (let isThere = false; !isThere; ) {
    const startedMs = performance.now();
    const { tip: now } = await node.api.query('{ tip { hash height } }');
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
    if (node.node.core.chain.isMoving) heightsWhileMoving.push(now.height);
    isThere = now.hash === tip && !node.node.core.chain.isMoving;
  }
  return { heightsWhileMoving, slowestMs, peakBytes };
}

/** Tip, state root and mempool; of those that came back in one moment, nobody is before the other. */
async function standingOf({ api, node }: LiveNode): Promise<unknown> {
  const { mempool } = await api.query(POOL);
  const pending = mempool.transactions.edges.map(({ node: { id, status } }: Edge) => `${id} ${status}`);
  return { tip: await api.tip(), stateRoot: node.store.stateRoot, pending: pending.sort() };
}

describe('deep-reorg', () => {
  // genesis ── a1 ── … ── a1000            each with a transfer
  //        └── b1 ── … ── b1000 ── b1001   without any
  it('deep-reorg of 1,000 blocks: right, bounded memory, the API answers meanwhile, subscribers get one ordered series', {
    timeout: 120_000,
  }, async () => {
    const [a, b] = [payingChain(DEPTH), mineChain(genesis, DEPTH + 1, OTHER)];
    folder = mkdtempSync(join(tmpdir(), 'forklore-test-'));
    live = await startLiveNode({ dataDir: folder });
    await servingPeer(live.url, a);
    await live.api.untilTip(a.block.hash, 60_000);
    const events: Watch = await watch(live, EVENTS);
    const beforeBytes = process.memoryUsage().heapUsed;
    await servingPeer(live.url, b);
    const { heightsWhileMoving, slowestMs, peakBytes } = await askUntil(live, b.block.hash);
    // Right.
    expect(live.node.store.tip).toBe(b.block.hash);
    expect(live.node.store.stateRoot).toBe(b.state.stateRoot);
    expect(live.node.store.account(alice.address)).toEqual({ balance: 1_000_00000000n, nonce: 0n });
    const owned = [...b.state.accounts.keys()].map((address) => live?.node.store.account(address)?.balance ?? 0n);
    const supply = owned.reduce((sum, balance) => sum + balance, 0n);
    expect(supply).toBe(REGTEST.allocationTotal + totalSubsidy(DEPTH + 1, REGTEST));
    // Of Alice's thousand transactions, as many wait as an account may have.
    const { mempool } = await live.api.query(POOL);
    expect(mempool).toMatchObject({
      size: MAX_READY_PER_ACCOUNT + MAX_QUEUED_PER_ACCOUNT,
      readyCount: MAX_READY_PER_ACCOUNT,
    });
    // Bounded memory, and answers meanwhile.
    expect(peakBytes - beforeBytes).toBeLessThan(MEMORY_BYTES);
    expect(heightsWhileMoving.length).toBeGreaterThan(5);
    expect(new Set(heightsWhileMoving).size).toBeGreaterThan(3);
    expect(slowestMs).toBeLessThan(ANSWER_MS);
    // One series: the reorg, then every block of the new branch, and nothing of what was passed through.
    const series = (await events.take(1 + DEPTH + 1)).map(({ events: event }) => event);
    expect(series[0].reorg).toEqual({
      depth: DEPTH,
      commonAncestor: genesis.block.hash,
      disconnected: pathTo(a)
        .map(({ block }) => block.hash)
        .reverse(),
      connected: pathTo(b).map(({ block }) => block.hash),
    });
    expect(series.slice(1).map(({ block }) => block)).toEqual(
      pathTo(b).map(({ block, height }) => ({ hash: block.hash, height })),
    );
    // The next thing that is told is the next thing that happens.
    await live.api.query('mutation { mine { __typename } }');
    expect((await events.next()).events.block).toMatchObject({ height: DEPTH + 2 });
    await events.stop();
    // The same answer after a restart.
    const before = await standingOf(live);
    await live.stop();
    live = await startLiveNode({ dataDir: folder });
    expect(await standingOf(live)).toEqual(before);
  });

  it('deep-reorg of more blocks than are fetched ahead is told once, in order', () => {
    const depth = DOWNLOAD_WINDOW_BLOCKS + 100;
    const [a, b] = [mineChain(genesis, depth), mineChain(genesis, depth + 1, OTHER)];
    const { network, node } = oneNode();
    network.runFor((depth + 1) * REGTEST.spacingSeconds * 1_000);
    feed(network, node, a);
    node.notices.length = 0;
    feed(network, node, b);
    const told = node.notices.filter(({ kind }) => kind === 'reorg' || kind === 'block');
    expect(told.map((notice) => (notice.kind === 'block' ? notice.height : notice.kind))).toEqual([
      'reorg',
      ...Array.from({ length: depth + 1 }, (_, i) => i + 1),
    ]);
    expect(node.store.stateRoot).toBe(b.state.stateRoot);
    expect(node.store.supply()).toBe(REGTEST.allocationTotal + totalSubsidy(depth + 1, REGTEST));
  });
});
