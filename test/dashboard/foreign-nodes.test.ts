import { afterEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { SetMiningMutation } from '../../client/documents.ts';
import { Network } from '../../dashboard/state/network.svelte.ts';
import type { NodeState } from '../../dashboard/state/node.svelte.ts';
import { eventually } from '../../testing/eventually.ts';
import {
  blockEvent,
  FakeNode,
  genesisOf,
  hashOf,
  mineOn,
  otherNetwork,
  pageOf,
  peerAt,
  snapshotOf,
  transactionOf,
} from '../../testing/fake-node.ts';

// Nodes that are late, wrong or hostile, and what the page makes of them.

const fakes: FakeNode[] = [];
const networks: Network[] = [];

type Answer = Parameters<typeof FakeNode.start>[0];

async function fake(answers: Partial<Record<string, Answer>> = {}): Promise<FakeNode> {
  const node = await FakeNode.start((name, url) => {
    const own = answers[name];
    if (own) return own(name, url);
    return name === 'Snapshot' ? snapshotOf(url) : { latestEvents: [] };
  });
  fakes.push(node);
  return node;
}

function watching(...nodes: readonly FakeNode[]): Network {
  const network = new Network({ now: () => Date.now(), webSocket: WebSocket }, { read: () => [], write: () => {} });
  networks.push(network);
  network.start(nodes.map(({ url }) => url));
  return network;
}

async function until(condition: () => boolean): Promise<void> {
  await eventually(() => expect(condition()).toBe(true));
}

const nodeAt = (network: Network, { url }: FakeNode): NodeState => network.node(url) as NodeState;

const GENESIS = genesisOf();
const FIRST = mineOn(GENESIS);

afterEach(async () => {
  vi.restoreAllMocks();
  for (const network of networks.splice(0)) network.close();
  await Promise.all(fakes.splice(0).map((node) => node.stop()));
});

describe('a snapshot that comes late', () => {
  it('opens no second stream beside that of the next connection', async () => {
    const waiting: (() => void)[] = [];
    const node = await fake({
      Snapshot: async (_, url) => {
        if (waiting.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
        return snapshotOf(url);
      },
    });
    const network = watching(node);
    await until(() => waiting.length === 1);
    node.drop();
    await until(() => nodeAt(network, node).isOnline && node.streamCount === 1);
    waiting[0]?.();
    node.emit(blockEvent(FIRST));
    await until(() => nodeAt(network, node).tip?.height === 1);
    expect(node.sockets.size).toBe(1);
    expect(network.activity.entries.filter(({ what }) => what.kind === 'block')).toHaveLength(1);
  });

  it('of a mempool brings nothing back that is gone meanwhile', async () => {
    const waiting: (() => void)[] = [];
    const node = await fake({
      Snapshot: (_, url) => snapshotOf(url, { mempool: pageOf([1], 'next') }),
      Pending: async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return { mempool: pageOf([2, 3], null) };
      },
    });
    const network = watching(node);
    await until(() => waiting.length === 1 && node.streamCount === 1);
    const removed = [{ id: hashOf(2), reason: 'CONFIRMED' }];
    const change = { added: [], removed, size: 2, transactions: [] };
    node.emit({ __typename: 'MempoolEvent', cursor: '00000000-1', change });
    await until(() => nodeAt(network, node).pendingCount === 2);
    waiting[0]?.();
    await until(() => network.replica.pool.get(hashOf(3)) !== undefined);
    expect(network.replica.pool.pending().map(({ txid }) => txid)).toEqual([hashOf(1), hashOf(3)]);
  });

  it('of the past tells nothing that was told already', async () => {
    const reorg = {
      __typename: 'ReorgEvent',
      cursor: '00000000-1',
      at: '2026-01-01T00:00:00.000Z',
      reorg: {
        commonAncestor: hashOf(1),
        disconnected: [hashOf(2)],
        connected: [hashOf(3), hashOf(4)],
        returnedToMempool: [],
        depth: 1,
        droppedReasons: [],
      },
    };
    const waiting: (() => void)[] = [];
    const node = await fake({
      History: async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return { latestEvents: [{ ...reorg, cursor: '00000000-0' }, reorg] };
      },
    });
    const network = watching(node);
    await until(() => node.streamCount === 1 && waiting.length === 1);
    node.emit(reorg);
    await until(() => network.reorgs.latest.length === 1);
    waiting[0]?.();
    await until(() => network.reorgs.latest.length === 2);
    await until(() => network.activity.entries.filter(({ what }) => what.kind === 'reorg').length === 2);
  });
});

describe('a stream that ends', () => {
  it('goes on behind the last event, however often the connection is lost', async () => {
    const snapshots: string[] = [];
    const node = await fake({
      Snapshot: (name, url) => {
        snapshots.push(name);
        return snapshotOf(url);
      },
    });
    const network = watching(node);
    for (let count = 1; count <= 3; count++) {
      await until(() => nodeAt(network, node).isOnline && node.streamCount === 1);
      node.drop();
      await until(() => !nodeAt(network, node).isOnline);
    }
    await until(() => nodeAt(network, node).isOnline);
    expect(nodeAt(network, node).gap).toBeNull();
    expect(snapshots).toHaveLength(1);
  });

  it('twice by an error at the same place starts again from a snapshot, with a note of what is missing', async () => {
    const node = await fake();
    const network = watching(node);
    for (let count = 1; count <= 2; count++) {
      await until(() => nodeAt(network, node).isOnline && node.streamCount === 1);
      node.fail();
      await until(() => !nodeAt(network, node).isOnline);
    }
    await until(() => nodeAt(network, node).isOnline && nodeAt(network, node).gap !== null);
    expect(nodeAt(network, node).gap).toMatchObject({ kind: 'missed', count: null });
  });
});

describe('a node that tells nonsense', () => {
  it('hides nothing that others tell, and is marked', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
    const [bad, good] = [await fake(), await fake()];
    const network = watching(bad, good);
    await until(() => bad.streamCount === 1 && good.streamCount === 1);
    bad.emit(blockEvent(FIRST, { totalWork: 'x' }));
    bad.emit({ ...blockEvent(FIRST), at: 'never' });
    bad.emit(blockEvent(FIRST, { height: 2_000_000_000 }));
    good.emit(blockEvent(FIRST));
    await until(() => nodeAt(network, good).tip?.height === 1);
    await until(() => complaints.mock.calls.length === 3);
    expect(nodeAt(network, bad).gap).toMatchObject({ kind: 'missed' });
    expect(network.replica.chain.size).toBe(2);
  });

  it('of other nodes is not believed where it names none', async () => {
    const node: FakeNode = await fake({
      Snapshot: (_, url) => snapshotOf(url, { peers: ['javascript:alert(1)//', 'ftp://x', `${url}/`, ''].map(peerAt) }),
    });
    const network = watching(node);
    await until(() => nodeAt(network, node).isOnline);
    expect(network.nodes.map(({ url }) => url)).toEqual([node.url]);
  });
});

describe('a node that is another one than before', () => {
  it('holds nothing any more of the network that it was of', async () => {
    const [before, after] = [otherNetwork('before'), otherNetwork('after')];
    let current = before;
    const node = await fake({
      Snapshot: (_, url) => snapshotOf(url, { network: current, mempool: pageOf(current === before ? [7] : [], null) }),
    });
    const other = await fake({ Snapshot: (_, url) => snapshotOf(url, { network: before }) });
    const network = watching(node, other);
    await until(() => network.replica.pool.size === 1 && node.streamCount === 1 && network.members.length === 2);
    current = after;
    node.emit({ __typename: 'GapEvent', cursor: '00000001-0', missed: null });
    await until(() => nodeAt(network, node).info?.genesisHash === after.genesis.hash);
    network.choose(before.genesis.hash);
    await until(() => network.replica.pool.size === 0);
  });

  it('is told apart from one that listens by the same name on another machine', async () => {
    const answer =
      (startedAt: string): Answer =>
      (_, url) =>
        snapshotOf(url, { info: { listenUrl: 'http://127.0.0.1:5000', startedAt } });
    const one = await fake({ Snapshot: answer('2026-01-01T00:00:00.000Z') });
    const two = await fake({ Snapshot: answer('2026-01-01T00:00:00.001Z') });
    const twin = await fake({ Snapshot: answer('2026-01-01T00:00:00.001Z') });
    const network = watching(one, two, twin);
    await until(() => network.nodes.length === 2 && network.nodes.every(({ info }) => info !== null));
    expect(network.nodes.some(({ url }) => url === one.url)).toBe(true);
  });
});

describe('an order', () => {
  it('fails in words when the connection is lost before it is answered', async () => {
    const asked: string[] = [];
    const node = await fake({
      SetMining: (name) => {
        asked.push(name);
        return new Promise(() => {});
      },
    });
    const network = watching(node);
    await until(() => nodeAt(network, node).isOnline);
    const order = nodeAt(network, node).link?.mutate(SetMiningMutation, { mode: 'OFF' });
    const failure = expect(order).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('lost'),
    });
    await until(() => asked.length === 1);
    node.drop();
    await failure;
  });

  it('can be given up', async () => {
    const node = await fake({ SetMining: () => new Promise(() => {}) });
    const network = watching(node);
    await until(() => nodeAt(network, node).isOnline);
    const abort = new AbortController();
    const order = nodeAt(network, node).link?.mutate(SetMiningMutation, { mode: 'OFF' }, abort.signal);
    abort.abort();
    await expect(order).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('news of a node that is watched no more', () => {
  it('is dropped', async () => {
    const [left, kept] = [await fake(), await fake()];
    const network = watching(left, kept);
    await until(() => left.streamCount === 1 && kept.streamCount === 1 && nodeAt(network, left).isOnline);
    const node = nodeAt(network, left);
    const change = { added: [hashOf(9)], removed: [], size: 1, transactions: [transactionOf(9)] };
    const event = { __typename: 'MempoolEvent', cursor: '00000000-1', change };
    left.emit(event);
    network.remove(node);
    kept.emit(blockEvent(FIRST));
    await until(() => nodeAt(network, kept).tip?.height === 1);
    expect(network.replica.pool.size).toBe(0);
    expect(
      network.activity.entries.filter(({ nodeUrl, what }) => nodeUrl === left.url && what.kind === 'connection'),
    ).toHaveLength(1);
  });
});
