import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { formatAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { Discovery } from '../../dashboard/state/discovery.ts';
import { Network } from '../../dashboard/state/network.svelte.ts';
import type { NodeState } from '../../dashboard/state/node.svelte.ts';
import { type LinkListener, NodeLink } from '../../dashboard/state/node-link.ts';
import { eventually } from '../../testing/eventually.ts';
import {
  blockEvent,
  FakeNode,
  genesisOf,
  hashOf,
  mineChain,
  mineOn,
  otherNetwork,
  peerAt,
  snapshotOf,
  transactionOf,
  treeNode,
} from '../../testing/fake-node.ts';

// What one node claims must not move what all share: see docs/decisions/0018.

const GENESIS = genesisOf();
const CHAIN = [GENESIS, ...mineChain(GENESIS, 5)];

const fakes: FakeNode[] = [];
const networks: Network[] = [];
const doors: Server[] = [];

type Snapshot = Parameters<typeof snapshotOf>[1];

/** A node that shows this snapshot of itself. */
async function fake(overrides: Snapshot | ((url: string) => Snapshot) = {}): Promise<FakeNode> {
  const node = await FakeNode.start((name, url) => {
    if (name !== 'Snapshot') return { latestEvents: [] };
    return snapshotOf(url, { blocks: CHAIN, ...(typeof overrides === 'function' ? overrides(url) : overrides) });
  });
  fakes.push(node);
  return node;
}

/** A named node that is connected to others. */
const knowing = (others: readonly { readonly url: string }[], overrides: Snapshot = {}): Promise<FakeNode> =>
  fake({ peers: others.map(({ url }) => peerAt(url)), ...overrides });

function watching(...served: readonly FakeNode[]): Network {
  const network = new Network({ now: () => Date.now(), webSocket: WebSocket }, { read: () => [], write: () => {} });
  networks.push(network);
  network.start(served.map(({ url }) => url));
  return network;
}

/** Something that takes connections and never says a word. */
async function silentDoor(): Promise<{ readonly url: string; knocks(): number }> {
  let knocks = 0;
  const server = createServer((socket) => {
    knocks++;
    socket.destroy();
  });
  doors.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, knocks: () => knocks };
}

async function until(condition: () => boolean): Promise<void> {
  await eventually(() => expect(condition()).toBe(true));
}

const nodeAt = (network: Network, { url }: FakeNode): NodeState => network.node(url) as NodeState;
const isHere = (network: Network, node: FakeNode): boolean => network.node(node.url)?.isOnline === true;

let complaints = 0;
beforeEach(() => {
  complaints = 0;
  vi.spyOn(console, 'error').mockImplementation(() => {
    complaints++;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const network of networks.splice(0)) network.close();
  await Promise.all(fakes.splice(0).map((node) => node.stop()));
  await Promise.all(doors.splice(0).map((door) => new Promise((resolve) => door.close(resolve))));
});

describe('a block that a node makes up', () => {
  it('of height 2,000,000,000 empties no view, though its header has real work', async () => {
    const far = mineOn(mineOn(GENESIS, 9), 9);
    const liar = await fake({
      tip: { hash: far.hash, height: 2_000_000_000 },
      blockTree: [treeNode(far, { height: 2_000_000_000, totalWork: `${10n ** 40n}` })],
    });
    const network = watching(await knowing([liar]));
    await until(() => isHere(network, liar));
    expect(network.replica.chain.size).toBe(CHAIN.length);
    expect(network.replica.chain.tree(10).highest).toBe(5);
    expect(network.bestTip?.height).toBe(5);
    expect(nodeAt(network, liar).tip).toBeNull();
  });

  it.each([
    ['without work', { hash: 'f'.repeat(64) }],
    ['with a hash that is not its own', { hash: hashOf(7) }],
    ['with more work than its header shows', { totalWork: `${10n ** 40n}` }],
    ['at another height', { height: 4 }],
  ])('%s is not shown, and the node is marked', async (_, lie) => {
    const liar = await fake();
    const network = watching(await knowing([liar]));
    await until(() => isHere(network, liar) && liar.streamCount === 1);
    liar.emit(blockEvent(mineOn(CHAIN[5]!), lie));
    await until(() => complaints === 1);
    expect(network.replica.chain.size).toBe(CHAIN.length);
    expect(nodeAt(network, liar)).toMatchObject({ tip: { height: 5 }, gap: { kind: 'missed' } });
  });

  it('by a named node is not shown either: its header is hashed like any other', async () => {
    const liar = await fake({ blockTree: [treeNode(mineOn(GENESIS), { hash: hashOf(3) }), treeNode(GENESIS)] });
    const network = watching(liar);
    await until(() => complaints === 1);
    expect(network.replica.chain.size).toBe(1);
  });

  it('is shown once it builds on what named nodes know', async () => {
    const honest = await fake();
    const network = watching(await knowing([honest]));
    await until(() => isHere(network, honest) && honest.streamCount === 1);
    const [next, afterNext] = mineChain(CHAIN[5]!, 2);
    honest.emit(blockEvent(afterNext!));
    honest.emit(blockEvent(next!));
    await until(() => nodeAt(network, honest).tip?.blockHash === next!.hash);
    expect(network.replica.chain.get(afterNext!.hash)?.height).toBe(7);
  });
});

describe('nodes that were only heard of', () => {
  it('of another network are dropped, and choose neither network nor reader, however many they are', async () => {
    const network = otherNetwork('theirs');
    const liars = await Promise.all([1, 2, 3, 4].map(() => fake({ network, blocks: [genesisOf(network)] })));
    const honest = await fake();
    const page = watching(await knowing([...liars, honest]));
    await until(() => isHere(page, honest) && page.nodes.length === 2);
    expect(page.genesisHashes).toEqual([REGTEST.genesis.hash]);
    expect(page.reader?.isNamed).toBe(true);
  });

  it.each([
    ['another prefix', { addressPrefix: 'mine' }],
    ['another name', { network: 'mine' }],
  ])('of the same genesis block with %s are dropped', async (_, info) => {
    const network = otherNetwork('ours');
    const blocks = [genesisOf(network)];
    const liar = await fake({ network, blocks, info });
    const honest = await fake({ network, blocks });
    const page = watching(await knowing([liar, honest], { network, blocks }));
    await until(() => isHere(page, honest) && page.nodes.length === 2);
    expect(page.node(liar.url)).toBeUndefined();
  });

  it('are read where no named node is left, if they stand on a known block; nothing is sent through them', async () => {
    const claiming = await fake({
      tip: { hash: hashOf(9), height: 9 },
      blockTree: [treeNode(mineOn(GENESIS), { hash: hashOf(9), totalWork: '9'.repeat(30) })],
    });
    const honest = await fake();
    const named = await knowing([claiming, honest]);
    const network = watching(named);
    await until(() => isHere(network, claiming) && isHere(network, honest));
    expect(network.reader?.url).toBe(named.url);
    expect(network.readerOf(() => true)?.url).toBe(named.url);
    expect(network.readerOf(({ url }) => url === honest.url)?.url).toBe(honest.url);
    expect(network.readerOf(() => false)?.url).toBe(named.url);
    await named.stop();
    await until(() => network.reader?.url === honest.url);
    expect(network.namedReader).toBeNull();
  });

  it('go with the last named node of their network', async () => {
    const found = await fake();
    const named = await knowing([found]);
    const network = watching(named);
    await until(() => isHere(network, found));
    network.remove(nodeAt(network, named));
    expect(network.nodes).toEqual([]);
    expect(network.replica.chain.size).toBe(0);
  });

  it('lead to no further ones', async () => {
    const far = await silentDoor();
    const found = await knowing([far]);
    const network = watching(await knowing([found]));
    await until(() => isHere(network, found) && found.streamCount === 1);
    found.emit({ __typename: 'PeersEvent', cursor: '00000000-1', peers: [peerAt(far.url)], weather: [] });
    found.emit(blockEvent(mineOn(CHAIN[5]!)));
    await until(() => network.replica.chain.size === CHAIN.length + 1);
    expect(network.nodes).toHaveLength(2);
    expect(far.knocks()).toBe(0);
  });

  it('cannot take the names, the places or the accounts of others', async () => {
    const prefix = REGTEST.addressPrefix;
    const real = { name: 'Alice', address: formatAddress(developmentAccountByName('Alice')!.address, prefix) };
    const false_ = { name: 'Bob', address: formatAddress('12'.repeat(20), prefix) };
    const named: FakeNode = await fake(() => ({ peers: [peerAt(liar.url)] }));
    const liar = await fake({
      devAccounts: [real, false_],
      info: { listenUrl: named.url, startedAt: '2026-01-02T00:00:00.000Z', name: `${'n'.repeat(10_000)}\u202e` },
    });
    const network = watching(named);
    await until(() => isHere(network, liar));
    expect(network.nameOf(real.address)).toBe('Alice');
    expect(network.nameOf(false_.address)).toBeNull();
    expect(network.node(named.url)?.url).toBe(named.url);
    expect(nodeAt(network, liar).name).toHaveLength(64);
    await named.stop();
    await until(() => !isHere(network, named));
    network.remove(nodeAt(network, named));
    expect(network.node(named.url)).toBeUndefined();
  });

  it('cannot take the place of each other', async () => {
    const honest = await fake({ info: { startedAt: '2026-01-03T00:00:00.000Z' } });
    const named = await knowing([honest]);
    const network = watching(named);
    await until(() => isHere(network, honest) && named.streamCount === 1);
    let hasAnswered = false;
    const liar = await fake(() => {
      hasAnswered = true;
      return { info: { startedAt: '2026-01-03T00:00:00.000Z', listenUrl: honest.url } };
    });
    const peers = [peerAt(honest.url), peerAt(liar.url)];
    named.emit({ __typename: 'PeersEvent', cursor: '00000000-1', peers, weather: [] });
    await until(() => hasAnswered && network.node(liar.url) === undefined);
    expect(isHere(network, honest)).toBe(true);
  });

  it('add to what all nodes show no hash rate, and reorgs and transactions within bounds', async () => {
    const liar = await fake({
      miner: { mode: 'CONTINUOUS', working: true, hashrate: 1e30, hashesDone: '0', expectedHashes: '1' },
    });
    const named = await knowing([liar]);
    const network = watching(named);
    await until(() => isHere(network, liar) && liar.streamCount === 1 && named.streamCount === 1);
    expect(network.hashrate).toBe(0);
    const reorgOf = (number: number, at: string) => ({
      __typename: 'ReorgEvent',
      cursor: `00000000-${number}`,
      at,
      reorg: {
        commonAncestor: GENESIS.hash,
        disconnected: [CHAIN[1]!.hash],
        connected: [hashOf(1), hashOf(2)],
        returnedToMempool: [],
        depth: 1,
        droppedReasons: [],
      },
    });
    named.emit(reorgOf(1, '2026-01-01T00:00:00.000Z'));
    await until(() => network.reorgs.latest.length === 1);
    for (let number = 0; number < 200; number++) liar.emit(reorgOf(number, '2099-01-01T00:00:00.000Z'));
    const transactions = Array.from({ length: 700 }, (_, number) => transactionOf(number));
    const change = { added: [], removed: [], size: 700, transactions };
    liar.emit({ __typename: 'MempoolEvent', cursor: '00000000-201', change });
    await until(() => network.replica.pool.size > 0);
    expect(network.replica.pool.size).toBe(500);
    expect(network.reorgs.latest).toHaveLength(50);
    expect(network.reorgs.latest.filter(({ nodeUrl }) => nodeUrl === named.url)).toHaveLength(1);
    expect(network.reorgs.latest[0]!.atMs).toBeLessThanOrEqual(Date.now());
  });

  it('count like any other once somebody names them', async () => {
    const ahead = mineChain(mineOn(GENESIS, 5), 3, 5);
    const found = await fake({ blocks: ahead.slice(1) });
    const network = watching(await knowing([found]));
    await until(() => isHere(network, found));
    expect(nodeAt(network, found).tip).toBeNull();
    network.add(found.url);
    await until(() => nodeAt(network, found).tip?.blockHash === ahead.at(-1)!.hash);
    expect(nodeAt(network, found).origin).toBe('added');
  });
});

describe('a node whose answer does not end', () => {
  it('is not read to the end, and not shown', async () => {
    const endless = await FakeNode.start((_, url) => snapshotOf(url, { info: { name: 'n'.repeat(40 * 1024 * 1024) } }));
    fakes.push(endless);
    const network = watching(endless);
    await until(() => nodeAt(network, endless).linkState.kind === 'offline');
    expect(nodeAt(network, endless)).toMatchObject({ info: null, linkState: { why: 'foreign' } });
  });
});

describe('a node of a false network', () => {
  it('is not shown, and says why, until it is of the network that it names', async () => {
    let network = otherNetwork('honest');
    let info: object = { addressPrefix: 'lore' };
    const node = await fake(() => ({ network, blocks: [genesisOf(network)], info }));
    const page = watching(node);
    await until(() => nodeAt(page, node).linkState.kind === 'offline');
    expect(nodeAt(page, node)).toMatchObject({ linkState: { why: 'false-network' }, info: null });
    expect(page.genesisHash).toBeNull();
    [network, info] = [LAB, {}];
    await until(() => isHere(page, node));
    expect(page.genesisHash).toBe(LAB.genesis.hash);
  });
});

describe('the URLs that a node tells of', () => {
  it('are tried a few times, a few at a time, and then left alone', async () => {
    const closed = await Promise.all(Array.from({ length: 6 }, silentDoor));
    const named = await knowing(closed);
    const network = watching(named);
    await until(() => network.nodes.length === 5 && named.streamCount === 1);
    await until(() => closed.every(({ knocks }) => knocks() === 3) && network.nodes.length === 1);
    named.emit({
      __typename: 'PeersEvent',
      cursor: '00000000-1',
      peers: closed.map(({ url }) => peerAt(url)),
      weather: [],
    });
    named.emit(blockEvent(mineOn(CHAIN[5]!)));
    await until(() => network.bestTip?.height === 6);
    expect(network.nodes).toHaveLength(1);
    expect(closed.map(({ knocks }) => knocks())).toEqual([3, 3, 3, 3, 3, 3]);
  });

  const told = (reporter: string, urls: readonly string[]) => ({
    url: reporter,
    info: { genesisHash: GENESIS.hash } as NodeState['info'],
    peers: urls.map(peerAt) as unknown as NodeState['peers'],
  });
  const HERE = 'http://127.0.0.1:5000';
  const third = (number: number): string => `http://192.0.2.${number}:5000`;
  const takeAll = (discovery: Discovery): string[] => {
    const taken: string[] = [];
    for (let next = discovery.next(); next; next = discovery.next()) taken.push(next.url);
    return taken;
  };

  it('on other hosts are tried one at a time, and after sixteen that led nowhere for ten minutes none at all', () => {
    let nowMs = 0;
    const discovery = new Discovery(() => nowMs);
    const urls = Array.from({ length: 40 }, (_, number) => third(number));
    discovery.addPeersOf(told(HERE, urls), () => false);
    const tried: string[] = [];
    for (let taken = takeAll(discovery); taken.length > 0; taken = takeAll(discovery)) {
      expect(taken).toHaveLength(1);
      tried.push(...taken);
      discovery.refuse(taken[0]!);
    }
    expect(tried).toEqual(urls.slice(0, 16));
    // Those on the node's own host are not held up.
    discovery.addPeersOf(told(HERE, ['http://localhost:5001']), () => false);
    expect(takeAll(discovery)).toEqual(['http://127.0.0.1:5001']);
    nowMs += 10 * 60 * 1000;
    expect(takeAll(discovery)).toEqual([third(16)]);
  });

  it('that lead to nodes do not count', () => {
    const discovery = new Discovery(() => 0);
    const urls = Array.from({ length: 20 }, (_, number) => third(number));
    discovery.addPeersOf(told(HERE, urls), () => false);
    for (const url of urls) {
      expect(takeAll(discovery)).toEqual([url]);
      discovery.settle(url);
    }
  });

  it("are not the reader's own machine, where a node elsewhere tells of them", () => {
    const discovery = new Discovery(() => 0);
    discovery.addPeersOf(told(third(1), ['http://127.0.0.1:22', 'http://[::1]:80', third(1), third(2)]), () => false);
    expect(takeAll(discovery)).toEqual([third(1), third(2)]);
  });
});

describe('a link that may try twice', () => {
  const listener = (on: Partial<LinkListener>): LinkListener => ({
    state: () => {},
    snapshot: () => {},
    event: () => {},
    gap: () => {},
    latency: () => {},
    givenUp: () => {},
    ...on,
  });
  const retries = { shortestMs: 1, longestMs: 4, maxAttempts: 2 };
  const platform = { now: () => Date.now(), webSocket: WebSocket };

  it('gives up what has never answered', async () => {
    const door = await silentDoor();
    await new Promise<void>((resolve) => {
      void new NodeLink(door.url, listener({ givenUp: resolve }), platform, retries).run();
    });
    expect(door.knocks()).toBe(2);
  });

  it('comes back to a node that has answered, however often it fails', async () => {
    const node = await fake();
    let count = 0;
    const link = new NodeLink(
      node.url,
      listener({
        state: ({ kind }) => {
          if (kind === 'online') count++;
          if (kind === 'online' && count < 5) node.drop();
        },
      }),
      platform,
      retries,
    );
    void link.run();
    await until(() => count === 5);
    link.close();
  });
});
