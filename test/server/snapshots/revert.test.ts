import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { REGTEST } from '../../../consensus/networks.ts';
import { DevelopmentControls, MAX_SNAPSHOTS, type Snapshot } from '../../../server/node/development-controls.ts';
import { systemRandom } from '../../../server/node/driver.ts';
import { NodeClock } from '../../../server/node/node-clock.ts';
import { encodeStateFile } from '../../../server/snapshots/state-file.ts';
import { eventually } from '../../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { RawPeer, regtestHello } from '../../../testing/raw-peer.ts';

/** Blocks with a transaction each, more than a node leaves in one step. */
const BLOCKS = 40;
const REVERT = `mutation ($id: ID!) { revertToSnapshot(id: $id) {
  ... on Reverted { tip { hash height } } ... on OperationFailed { code message } } }`;
const MINE = `mutation ($count: Int, $transactions: [Hash!], $parent: Hash) {
  mine(count: $count, transactions: $transactions, parent: $parent) {
    ... on BlocksMined { blocks { hash } } ... on MiningFailed { code message } } }`;
const SEND = `mutation ($from: String!) { sendFromDevAccount(from: $from, to: "Dave", amount: "1") {
  ... on TransactionAccepted { transaction { id } } } }`;
const DROP = 'mutation ($id: Hash!) { dropTransaction(id: $id) { __typename } }';
const STATE = `{ tip { hash height } blockTree { hash height status }
  mempool { size transactions { edges { node { id status nonce } } } } }`;

const living: LiveNode[] = [];

afterEach(async () => {
  await Promise.all(living.splice(0).map((live) => live.stop()));
});

async function start(overrides?: Parameters<typeof startLiveNode>[0]): Promise<LiveNode> {
  const live = await startLiveNode(overrides);
  living.push(live);
  return live;
}

function snapshotOf({ node }: LiveNode): Snapshot {
  const taken = node.controls.takeSnapshot();
  if (!taken.ok) throw new Error(taken.message);
  return taken.value;
}

async function mine({ api }: LiveNode, variables = {}): Promise<string[]> {
  return (await api.query(MINE, variables)).mine.blocks.map(({ hash }: { hash: string }) => hash);
}

async function send({ api }: LiveNode, from: string): Promise<string> {
  return (await api.query(SEND, { from })).sendFromDevAccount.transaction.id;
}

it('a node with a peer refuses, and goes back once it has none', async () => {
  const live = await start();
  const { id } = snapshotOf(live);
  const other = await start({ peers: [live.url] });
  await eventually(() => expect(live.node.core.peers()).toHaveLength(1));
  expect((await live.api.query(REVERT, { id })).revertToSnapshot).toEqual({
    code: 'has-peers',
    message: 'the node has 1 peer, from which it would fetch again what it gave up: disconnect them first',
  });
  await other.stop();
  living.splice(1);
  await eventually(() => expect(live.node.core.peers()).toHaveLength(0));
  expect((await live.api.query(REVERT, { id })).revertToSnapshot.tip.height).toBe(0);
});

//  genesis - 1 - 2          at the snapshot
//   \
//    1' - 2' - 3'           given up
it('goes back across a reorg: chain, branches and mempool are those of the snapshot', async () => {
  const live = await start();
  await send(live, 'Alice');
  await mine(live, { count: 2 });
  await send(live, 'Bob');
  const { id } = snapshotOf(live);
  const [before, rows] = [await live.api.query(STATE), live.node.store.copyRows()];
  const [parent] = await mine(live, { parent: REGTEST.genesis.hash, transactions: [] });
  await mine(live, { parent, transactions: [], count: 2 });
  expect(await live.api.query('{ tip { height } mempool { size } }')).toMatchObject({
    tip: { height: 3 },
    mempool: { size: 2 },
  });
  await live.api.query(REVERT, { id });
  expect(await live.api.query(STATE)).toEqual(before);
  expect(live.node.store.copyRows().equals(rows)).toBe(true);
  // The events of what was given up are gone; the mempool is told anew.
  const { latestEvents } = await live.api.query('{ latestEvents(count: 10) { __typename } }');
  expect(latestEvents).toEqual([{ __typename: 'ResetEvent' }, { __typename: 'MempoolEvent' }]);
});

it('queued and pending transactions come back, in their order', async () => {
  const live = await start();
  const first = await send(live, 'Alice');
  for (const from of ['Alice', 'Bob', 'Alice', 'Carol']) await send(live, from);
  await live.api.query(DROP, { id: first });
  const { id, state } = snapshotOf(live);
  const before = await live.api.query(STATE);
  const statuses = before.mempool.transactions.edges.map(({ node }: { node: { status: string } }) => node.status);
  expect(statuses.sort()).toEqual(['PENDING', 'PENDING', 'QUEUED', 'QUEUED']);
  await mine(live);
  await live.api.query(REVERT, { id });
  expect(await live.api.query(STATE)).toEqual(before);
  expect(snapshotOf(live).state.memory.pending.map(({ txid }) => txid)).toEqual(
    state.memory.pending.map(({ txid }) => txid),
  );
});

it('no snapshot is taken while the chain moves: what was saved of it could not be rebuilt', {
  timeout: 60_000,
}, async () => {
  const live = await start();
  const { api, node } = live;
  for (let i = 0; i < BLOCKS; i++) {
    await send(live, 'Alice');
    await mine(live);
  }
  const left = api.query('mutation ($hash: Hash!) { invalidateBlock(hash: $hash) { __typename } }', {
    hash: node.store.hashAtHeight(1),
  });
  while (!node.core.chain.isMoving) await setImmediate();
  expect(node.controls.takeSnapshot()).toMatchObject({ ok: false, code: 'busy' });
  await left;
  await eventually(() => expect(node.core.chain.isMoving).toBe(false));
  expect(snapshotOf(live).state.height).toBe(0);
});

it('a block that is being searched when the node goes back is not mined', async () => {
  const live = await start({ hashrateLimit: 1 });
  const waiting = live.api.query(MINE, { count: 1_000 });
  await eventually(() => expect(live.node.core.miner().working).toBe(true));
  const { id, state } = snapshotOf(live);
  await live.api.query(REVERT, { id });
  expect((await waiting).mine).toMatchObject({ code: 'reverted', message: 'the node went back to a snapshot' });
  expect(live.node.core.chain.tip.record.hash).toBe(state.tipHash);
  expect(live.node.core.miner().working).toBe(false);
});

it('subscribers with a cursor from before get the reset next, without a gap', async () => {
  const live = await start();
  const EVENTS = 'subscription ($after: Cursor) { events(after: $after) { __typename cursor } }';
  await mine(live, { count: 2 });
  const { latestEvents } = await live.api.query('{ latestEvents(count: 10) { cursor } }');
  const { id } = snapshotOf(live);
  await mine(live);
  await live.api.query(REVERT, { id });
  for (const { cursor } of [latestEvents[0], latestEvents.at(-1)]) {
    const stream = live.client().iterate<{ events: unknown }>({ query: EVENTS, variables: { after: cursor } });
    const { value } = await stream.next();
    expect(value?.data?.events).toMatchObject({ __typename: 'ResetEvent' });
    await stream.return?.();
  }
});

it('discouragement is as it was: it lasts its time whatever the clock shows, and what came since is forgiven', async () => {
  const live = await start();
  const nobodyIsLeft = () => eventually(() => expect(live.node.core.peers()).toEqual([]));
  const callAs = async (nonce: bigint, hellos = 1) => {
    const peer = await RawPeer.connect(live.url);
    peer.send(...Array.from({ length: hellos }, () => regtestHello({ nonce })));
    return peer;
  };
  const endOf = async (nonce: bigint, hellos?: number) => (await (await callAs(nonce, hellos)).ended).bye;
  expect(await endOf(1n, 2)).toBe('sent a second hello');
  await live.api.query('mutation { increaseTime(seconds: 86400) { __typename } }');
  const { id, state } = snapshotOf(live);
  expect(await endOf(1n)).toBe('you misbehaved recently');
  expect(await endOf(2n, 2)).toBe('sent a second hello');
  await nobodyIsLeft();
  expect((await live.api.query(REVERT, { id })).revertToSnapshot).toMatchObject({ tip: { height: 0 } });
  expect(await endOf(1n)).toBe('you misbehaved recently');
  const welcome = await callAs(2n);
  await eventually(() => expect(live.node.core.peers()).toMatchObject([{ state: 'ready' }]));
  welcome.socket.close();
  await nobodyIsLeft();
  const [before] = state.memory.discouraged;
  const [after, ...others] = snapshotOf(live).state.memory.discouraged;
  expect([after?.key, others]).toEqual([before?.key, []]);
  expect(after?.remainingMs).toBeLessThanOrEqual(before?.remainingMs ?? 0);
});

it('keeps a limited number of snapshots, and refuses a further one', async () => {
  const live = await start();
  for (let i = 0; i < MAX_SNAPSHOTS; i++) snapshotOf(live);
  expect(live.node.controls.takeSnapshot()).toEqual({
    ok: false,
    code: 'too-many-snapshots',
    message: 'a node keeps at most 64 snapshots; drop one that is no longer needed',
  });
  const [first] = live.node.controls.snapshots;
  expect(live.node.controls.dropSnapshot(first?.id ?? '')).toMatchObject({ ok: true });
  expect(live.node.controls.takeSnapshot()).toMatchObject({ ok: true });
  expect(live.node.controls.snapshots).toHaveLength(MAX_SNAPSHOTS);
});

it('keeps snapshots up to a size in all', async () => {
  const live = await start();
  const bytes = live.node.store.copyRows().length;
  const unused = () => expect.fail('no snapshot needs this');
  const { core, store } = live.node;
  const node = {
    params: REGTEST,
    core,
    store,
    clock: NodeClock.system(),
    isServing: true,
    goBackTo: unused,
    onClockMoved: unused,
    request: unused,
  };
  const controls = new DevelopmentControls(node, systemRandom(), 2 * bytes);
  const [first] = [controls.takeSnapshot(), controls.takeSnapshot()];
  expect(controls.takeSnapshot()).toMatchObject({
    code: 'too-many-snapshots',
    message: expect.stringMatching(`at most ${2 * bytes} bytes of snapshots, and would have ${3 * bytes}`),
  });
  if (!first?.ok) throw new Error('the first has room');
  controls.dropSnapshot(first.value.id);
  expect(controls.takeSnapshot()).toMatchObject({ ok: true });
});

it('each node of a cluster begins with its own state of the file', async () => {
  const [one, two] = [await start(), await start()];
  await mine(one, { count: 1 });
  await mine(two, { count: 2 });
  const folder = mkdtempSync(join(tmpdir(), 'forklore-states-'));
  try {
    const path = join(folder, 'states');
    writeFileSync(path, encodeStateFile(REGTEST, [snapshotOf(one).state, snapshotOf(two).state]));
    for (const [index, source] of [one, two].entries()) {
      const loaded = await start({ loadState: { path, index, count: 2 } });
      expect(await loaded.api.tip()).toBe(await source.api.tip());
    }
    await expect(start({ loadState: { path, index: 0, count: 3 } })).rejects.toThrow(
      `--load-state ${path}: it holds the states of 2 nodes, and 3 nodes are started`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
