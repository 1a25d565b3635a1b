import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { SetMiningMutation } from '../../client/documents.ts';
import { connectNode } from '../../client/node/main.ts';
import { Network } from '../../dashboard/state/network.svelte.ts';
import type { NodeState } from '../../dashboard/state/node.svelte.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePorts } from '../../testing/free-ports.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { removeFolders, temporaryFolder } from '../../testing/processes.ts';

const MINE = 'mutation ($count: Int) { mine(count: $count) { __typename } }';
const SEND =
  'mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") { ... on TransactionAccepted { transaction { id } } } }';

const running: LiveNode[] = [];
const networks: Network[] = [];

async function start(overrides: Parameters<typeof startLiveNode>[0] = {}): Promise<LiveNode> {
  const live = await startLiveNode(overrides);
  running.push(live);
  return live;
}

function watching(served: readonly string[], kept: Record<string, readonly string[]> = {}): Network {
  const network = new Network(
    { now: () => Date.now(), webSocket: WebSocket },
    {
      read: (key) => kept[key] ?? [],
      write: (key, urls) => {
        kept[key] = urls;
      },
    },
  );
  networks.push(network);
  network.start(served);
  return network;
}

async function until(condition: () => boolean): Promise<void> {
  await eventually(() => expect(condition()).toBe(true));
}

const only = (network: Network): NodeState => network.nodes[0] as NodeState;

afterEach(async () => {
  for (const network of networks.splice(0)) network.close();
  await Promise.all(running.splice(0).map((live) => live.stop()));
  removeFolders();
});

describe('the page and one node', () => {
  it('has one name for it, whether its URL names the port of its scheme or not', async () => {
    const network = watching(['https://127.0.0.1:443/lab']);
    expect(only(network)).toMatchObject({ url: 'https://127.0.0.1/lab', name: '127.0.0.1/lab' });
    for (const port of ['', ':443']) expect(network.node(`https://127.0.0.1${port}/lab`)).toBe(only(network));
    expect(network.add('https://127.0.0.1:443/lab/')).toBe(only(network));
    expect(network.nodes).toHaveLength(1);
    await until(() => only(network).status === 'offline');
  });

  it('begins with a snapshot of the node, and follows its events from there', async () => {
    const live = await start();
    await live.api.query(MINE, { count: 2 });
    const network = watching([live.url]);
    await until(() => only(network).status === 'online');
    expect(only(network)).toMatchObject({ name: live.node.name, tip: { height: 2 } });
    expect(network.replica.chain.size).toBe(3);
    expect(network.reader).toBe(only(network));
    expect(network.nameOf(only(network).devAccounts[0]?.address ?? '')).toBe('Alice');

    const { id } = (await live.api.query(SEND)).sendFromDevAccount.transaction;
    await until(() => only(network).pendingCount === 1);
    expect(network.replica.pool.get(id)).toMatchObject({ amount: '1', isQueued: false });
    await live.api.query(MINE, { count: 1 });
    await until(() => only(network).tip?.height === 3 && network.replica.pool.size === 0);
    expect(network.replica.chain.sightings(only(network).tip?.blockHash ?? '').get(live.url)?.from).toBe('self');
    await until(() => only(network).latencyMs !== null);
  });

  it('knows what happened before it was opened', async () => {
    const live = await start();
    await live.api.query(SEND);
    await live.api.query(MINE, { count: 1 });
    const network = watching([live.url]);
    await until(() => network.activity.entries.some(({ what }) => what.kind === 'block' && what.height === 1));
    expect(network.activity.entries.map(({ what }) => what.kind)).toContain('transaction');
  });

  it('tells of a reorg with both branches', async () => {
    const live = await start();
    const network = watching([live.url]);
    await until(() => only(network).isOnline);
    await live.api.query(MINE, { count: 2 });
    await until(() => only(network).tip?.height === 2);
    const [tip, below] = network.replica.chain.below(only(network).tip?.blockHash ?? '', 2);
    await live.api.query('mutation ($hash: Hash!) { invalidateBlock(hash: $hash) { __typename } }', {
      hash: below?.blockHash,
    });
    await until(() => network.reorgs.latest.length === 1);
    expect(network.reorgs.latest[0]).toMatchObject({
      nodeUrl: live.url,
      disconnected: [tip?.blockHash, below?.blockHash],
      connected: [],
    });
    expect(only(network).tip).toEqual({ blockHash: below?.prevHash, height: 0 });
    await only(network).link?.refresh();
    await until(() => network.replica.chain.get(below?.blockHash ?? '')?.isInvalid === true);
  });

  it('follows it back to a snapshot, and on from there', async () => {
    const live = await start();
    const client = connectNode({ url: live.url });
    await live.api.query(MINE, { count: 1 });
    const { id: waiting } = (await live.api.query(SEND)).sendFromDevAccount.transaction;
    const { id, tipHash } = await client.takeSnapshot();
    const network = watching([live.url]);
    await until(() => only(network).isOnline);
    await live.api.query(MINE, { count: 2 });
    await until(() => only(network).tip?.height === 3 && only(network).pendingCount === 0);
    const [, undone] = network.replica.chain.below(only(network).tip?.blockHash ?? '', 2);

    await client.revertToSnapshot(id);
    await until(() => only(network).tip?.blockHash === tipHash);
    expect(network.replica.chain.size).toBe(2);
    expect(network.replica.chain.get(undone?.blockHash ?? '')).toBeUndefined();
    expect(network.replica.chain.sightings(undone?.blockHash ?? '').size).toBe(0);
    expect(network.replica.pool.pending().map(({ txid }) => txid)).toEqual([waiting]);
    expect(only(network).pendingCount).toBe(1);
    const resets = () => network.activity.entries.filter(({ what }) => what.kind === 'reset');
    await until(() => resets().length === 1);
    expect(only(network).gap).toBeNull();

    await live.api.query(MINE, { count: 1 });
    await until(() => only(network).tip?.height === 2 && network.replica.pool.size === 0);
    expect(resets()).toHaveLength(1);
    const later = watching([live.url]);
    await until(() => later.activity.entries.some(({ what }) => what.kind === 'reset'));
  });

  it('watches the miner at work', async () => {
    const live = await start();
    const network = watching([live.url]);
    await until(() => only(network).isOnline);
    await live.api.query('mutation { setMining(mode: CONTINUOUS, hashrateLimit: 500) { mode } }');
    await until(() => only(network).miner?.working === true && only(network).hashrate > 0);
    expect(only(network).miner?.mode).toBe('CONTINUOUS');
    await live.api.query('mutation { setMining(mode: OFF) { mode } }');
    await until(() => only(network).hashrate === 0);
  });
});

describe('the page and a node that goes away', () => {
  it('shows it offline, and takes it up again by itself, with a note that it was restarted', async () => {
    const port = await freePorts(1);
    const first = await startLiveNode({ port });
    const network = watching([first.url]);
    await until(() => only(network).isOnline);
    await first.api.query(MINE, { count: 1 });
    await until(() => only(network).tip?.height === 1);
    await first.stop();
    await until(() => only(network).status === 'offline');
    expect(only(network).linkState).toMatchObject({ kind: 'offline' });
    // What it was last seen as stays.
    expect(only(network).tip?.height).toBe(1);
    expect(network.reader).toBeNull();

    await start({ port });
    await until(() => only(network).isOnline && only(network).gap !== null);
    expect(only(network).gap).toMatchObject({ kind: 'restarted' });
    expect(only(network).tip?.height).toBe(0);
    const changes = network.activity.entries.flatMap(({ what }) => (what.kind === 'connection' ? [what.change] : []));
    expect(changes).toEqual(['online', 'offline', 'online', 'restarted']);
  });

  it('misses nothing when only the connection was lost', async () => {
    const live = await start();
    const network = watching([live.url]);
    await until(() => only(network).isOnline);
    const heights: number[] = [];
    // Each block pays somebody: all that were told, in order.
    await live.api.query(MINE, { count: 1 });
    await until(() => only(network).tip?.height === 1);
    only(network).link?.disconnect();
    await live.api.query(MINE, { count: 3 });
    await until(() => only(network).tip?.height === 4);
    for (const { what } of network.activity.entries) if (what.kind === 'block') heights.push(what.height);
    expect(heights).toEqual([1, 2, 3, 4]);
    expect(only(network).gap).toBeNull();
  });

  it('says so when what answers is no node', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
    server.on('connection', (socket) => socket.on('message', () => socket.send('{"type":"connection_ack"}')));
    await new Promise((resolve) => server.once('listening', resolve));
    const network = watching([`http://127.0.0.1:${(server.address() as AddressInfo).port}`]);
    await until(() => only(network).status === 'offline');
    expect(only(network).linkState).toMatchObject({ why: 'foreign' });
    await new Promise((resolve) => server.close(resolve));
  });

  it('says so when nothing ever answered', async () => {
    const port = await freePorts(1);
    const network = watching([`http://127.0.0.1:${port}`]);
    await until(() => only(network).status === 'offline');
    expect(only(network).linkState).toMatchObject({ why: 'unreachable' });
    expect(network.activity.entries).toEqual([]);
  });
});

describe('the page and a node that others can reach', () => {
  it('gives it orders with its token only', async () => {
    const adminTokenFile = join(temporaryFolder(), 'token');
    const live = await start({ host: '0.0.0.0', adminTokenFile });
    const network = watching([live.url]);
    await until(() => only(network).isOnline);
    const { link } = only(network);
    expect(only(network).info?.mayControl).toBe(false);
    await expect(link?.mutate(SetMiningMutation, { mode: 'OFF' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    link?.useToken(readFileSync(adminTokenFile, 'utf8').trim());
    await until(() => only(network).info?.mayControl === true);
    expect((await link?.mutate(SetMiningMutation, { mode: 'OFF' }))?.setMining.mode).toBe('OFF');
    expect(only(network).gap).toBeNull();
  });
});

describe('the page and several nodes', () => {
  it('finds the peers of a node, and stays away from those that were removed', async () => {
    const one = await start();
    const two = await start({ peers: [one.url] });
    const kept: Record<string, readonly string[]> = {};
    const network = watching([one.url], kept);
    await until(() => network.nodes.length === 2 && network.nodes.every(({ isOnline }) => isOnline));
    const found = network.node(two.url);
    expect(found?.origin).toBe('discovered');

    if (found) network.remove(found);
    expect(network.nodes).toHaveLength(1);
    const later = watching([one.url], kept);
    await until(() => only(later).peers.length === 1);
    expect(later.nodes).toHaveLength(1);
    // Who is named again is watched again.
    later.add(two.url);
    await until(() => later.nodes.length === 2 && later.nodes.every(({ isOnline }) => isOnline));
    expect(kept.nodes).toEqual([two.url]);
  });

  it('shows a node once, by whatever name it was added', async () => {
    const live = await start();
    const network = watching([live.url]);
    await until(() => only(network).isOnline);
    network.add(live.url.replace('127.0.0.1', 'localhost'));
    expect(network.nodes).toHaveLength(1);
  });

  it('keeps nodes of different networks apart', async () => {
    const [lab, other] = await Promise.all([
      start(),
      start({ network: (await import('../../consensus/networks.ts')).LAB }),
    ]);
    const network = watching([lab.url, other.url]);
    await until(() => network.nodes.every(({ info }) => info !== null));
    expect(network.genesisHashes).toHaveLength(2);
    expect(network.members).toHaveLength(1);
    const [, second = ''] = network.genesisHashes;
    network.choose(second);
    expect(network.members.map(({ info }) => info?.genesisHash)).toEqual([second]);
    expect(network.replica.chain.size).toBe(1);
  });

  it('says when a node that was added is of another network, and goes back', async () => {
    const { LAB, REGTEST } = await import('../../consensus/networks.ts');
    const [served, other] = await Promise.all([start(), start({ network: LAB })]);
    const network = watching([served.url]);
    await until(() => network.genesisHash === REGTEST.genesis.hash);
    network.add(other.url);
    await until(() => network.genesisHash === LAB.genesis.hash);
    expect(network.switched).toEqual({ nodeUrl: other.url, from: REGTEST.genesis.hash, to: LAB.genesis.hash });
    network.choose(network.switched?.from ?? '');
    expect(network.genesisHash).toBe(REGTEST.genesis.hash);
    expect(network.switched).toBeNull();
    network.add(other.url);
    expect(network.switched?.to).toBe(LAB.genesis.hash);
    const added = network.node(other.url);
    if (added) network.remove(added);
    expect(network.genesisHash).toBe(REGTEST.genesis.hash);
    expect(network.switched).toBeNull();
  });

  it('hears gossip from node to node', async () => {
    const one = await start();
    const two = await start({ peers: [one.url] });
    const network = watching([one.url, two.url]);
    await until(() => network.nodes.every(({ isOnline, peers }) => isOnline && peers.length === 1));
    const hops: string[] = [];
    network.gossip.listen(({ kind, from, to }) =>
      hops.push(`${kind} ${from === null ? '' : 'from peer '}${to === one.url ? 'one' : 'two'}`),
    );
    await one.api.query(SEND);
    await until(() => hops.length === 2);
    await two.api.query(MINE, { count: 1 });
    await until(() => hops.length === 4);
    expect(hops.slice(0, 2).sort()).toEqual(['transaction from peer two', 'transaction one']);
    expect(hops.slice(2).sort()).toEqual(['block from peer one', 'block two']);
  });
});
