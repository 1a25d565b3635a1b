import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { type Data, watch } from '../../../testing/watch.ts';

const SET = `mutation ($peer: ID!, $conditions: LinkConditionsInput!) { setLinkConditions(peer: $peer, conditions: $conditions) {
  ... on LinkConditionsSet { link { url conditions { delayMs bytesPerSecond loss cut } } } ... on OperationFailed { code message }
} }`;
const CLEAR = `mutation ($peer: ID) { clearLinkConditions(peer: $peer) {
  ... on LinkConditionsCleared { urls } ... on OperationFailed { code message }
} }`;
const CONNECT = `mutation ($url: String!) { connectPeer(url: $url) {
  ... on PeerConnected { peer { id } } ... on OperationFailed { code message }
} }`;
const MINE = 'mutation { mine(count: 1) { ... on BlocksMined { blocks { hash } } ... on MiningFailed { code } } }';
const PEERS = '{ peers { id url state direction latencyMs linkConditions { delayMs bytesPerSecond loss cut } } }';

const nodes: LiveNode[] = [];

async function start(overrides: Parameters<typeof startLiveNode>[0] = {}): Promise<LiveNode> {
  const node = await startLiveNode(overrides);
  nodes.push(node);
  return node;
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
});

async function set(from: LiveNode, to: LiveNode, conditions: Data): Promise<Data> {
  return (await from.api.query(SET, { peer: to.url, conditions })).setLinkConditions;
}

async function peersOf(node: LiveNode): Promise<Data[]> {
  return (await node.api.query(PEERS)).peers;
}

async function mineOn(node: LiveNode): Promise<string> {
  return (await node.api.query(MINE)).mine.blocks[0].hash;
}

/** Waits until each of two nodes has the other as its only peer. */
async function connected(...pair: LiveNode[]): Promise<void> {
  await eventually(async () => {
    for (const node of pair) expect((await peersOf(node)).map(({ state }) => state)).toEqual(['READY']);
  });
}

/** Two nodes of which the first has dialled the second. */
async function pair(): Promise<[LiveNode, LiveNode]> {
  const b = await start();
  const a = await start({ peers: [b.url] });
  await connected(a, b);
  return [a, b];
}

async function agree(...all: LiveNode[]): Promise<void> {
  await eventually(() => {
    const tips = new Set(all.map(({ node }) => node.core.chain.tip.record.hash));
    expect(tips.size).toBe(1);
  });
}

describe('delay', () => {
  it.each([
    ['who dials', 0],
    ['who is dialled', 1],
  ])('is that which was set, from the first ping on, where %s has it', async (_, slow) => {
    const both = [await start(), await start()] as const;
    const [a, b] = both;
    const [from, to] = slow === 0 ? [a, b] : [b, a];
    expect(await set(from, to, { delayMs: [300, 300] })).toEqual({
      link: { url: to.url, conditions: { delayMs: [300, 300], bytesPerSecond: null, loss: 0, cut: false } },
    });
    await a.api.query(CONNECT, { url: b.url });
    for (const node of both)
      await eventually(async () => expect((await peersOf(node))[0]?.latencyMs).toBeGreaterThanOrEqual(300));
    expect((await peersOf(from))[0]?.linkConditions).toEqual({
      delayMs: [300, 300],
      bytesPerSecond: null,
      loss: 0,
      cut: false,
    });
    expect((await peersOf(to))[0]?.linkConditions).toBeNull();
  });

  it('of both directions adds up', async () => {
    const [a, b] = [await start(), await start()];
    await set(a, b, { delayMs: [200, 250] });
    await set(b, a, { delayMs: [300, 350] });
    await a.api.query(CONNECT, { url: b.url });
    for (const node of [a, b])
      await eventually(async () => expect((await peersOf(node))[0]?.latencyMs).toBeGreaterThanOrEqual(500));
  });
});

describe('a cut', () => {
  it('parts two nodes, and they have one tip after it', async () => {
    const [a, b] = await pair();
    await set(a, b, { cut: true });
    await eventually(async () => expect([...(await peersOf(a)), ...(await peersOf(b))]).toEqual([]));
    const onA = await mineOn(a);
    const onB = await mineOn(b);
    expect(onB).not.toBe(onA);
    expect((await a.api.query(CONNECT, { url: b.url })).connectPeer).toMatchObject({
      code: 'connect-failed',
      message: `${b.url}: the operator has cut the link`,
    });
    expect((await a.api.query(CLEAR, { peer: b.url })).clearLinkConditions).toEqual({ urls: [b.url] });
    await mineOn(b);
    await agree(a, b);
  });

  it('applies to a caller from its hello on', async () => {
    const [a, b] = [await start(), await start()];
    await set(a, b, { cut: true });
    const reply = (await b.api.query(CONNECT, { url: a.url })).connectPeer;
    // b has connected if it saw the hello of a before the connection broke.
    if (reply.code !== undefined) expect(reply.code).toBe('connect-failed');
    await eventually(async () => expect([...(await peersOf(a)), ...(await peersOf(b))]).toEqual([]));
    await mineOn(b);
    expect(a.node.core.chain.tip.record.height).toBe(0);
    await a.api.query(CLEAR);
    await b.api.query(CONNECT, { url: a.url });
    await agree(a, b);
  });
});

describe('loss', () => {
  it('breaks the connection; the nodes connect again under it, and agree once it has ended', async () => {
    const [a, b] = await pair();
    const [{ id }] = (await peersOf(a)) as [Data];
    await set(a, b, { loss: 1 });
    const hash = await mineOn(a);
    await eventually(async () => expect((await peersOf(a)).map((peer) => peer.id)).not.toContain(id));
    expect(a.log()).toContain('a message was lost under the link conditions');
    expect(b.node.core.chain.get(hash)).toBeUndefined();
    await a.api.query(CLEAR);
    await agree(a, b);
  });
});

describe('weather', () => {
  it('is shown to whoever asks and watches, and logged', async () => {
    const [a, b] = await pair();
    const events = await watch(
      a,
      'subscription { events(kinds: [PEERS]) { ... on PeersEvent { peers { linkConditions { loss } } weather { url conditions { loss } } } } }',
    );
    await set(a, b, { loss: 0.001 });
    expect((await events.next()).events).toEqual({
      peers: [{ linkConditions: { loss: 0.001 } }],
      weather: [{ url: b.url, conditions: { loss: 0.001 } }],
    });
    expect((await a.api.query('{ nodeInfo { weather { url } } }')).nodeInfo.weather).toEqual([{ url: b.url }]);
    expect(a.log()).toContain('link conditions set by the operator');
    // Conditions that change nothing are none.
    await set(a, b, { delayMs: [0, 0] });
    expect((await events.next()).events).toEqual({ peers: [{ linkConditions: null }], weather: [] });
    expect((await b.api.query('{ nodeInfo { weather { url } } }')).nodeInfo.weather).toEqual([]);
  });

  it('is set for a connection by its id or by any of its URLs, and for a node that is not there', async () => {
    const b = await start();
    const dialled = b.url.replace('127.0.0.1', 'localhost');
    const a = await start({ peers: [dialled] });
    await connected(a, b);
    const [{ id }] = (await peersOf(a)) as [Data];
    for (const peer of [id, dialled, b.url]) {
      const { link } = (await a.api.query(SET, { peer, conditions: { loss: 0.001 } })).setLinkConditions;
      expect(link.url).toBe(b.url);
    }
    expect((await a.api.query(CLEAR, { peer: dialled })).clearLinkConditions).toEqual({ urls: [b.url] });
    const nobody = 'http://127.0.0.1:1';
    const { link } = (await a.api.query(SET, { peer: nobody, conditions: { cut: true } })).setLinkConditions;
    expect(link.url).toBe(nobody);
    expect((await a.api.query(CLEAR)).clearLinkConditions).toEqual({ urls: [nobody] });
    expect((await a.api.query(CLEAR, { peer: 'p77' })).clearLinkConditions).toMatchObject({ code: 'unknown-peer' });
  });

  it('refuses conditions that are none, and says what they must be', async () => {
    const a = await start();
    const refused = (conditions: Data): Promise<Data> => a.api.query(SET, { peer: 'http://127.0.0.1:1', conditions });
    await expect(refused({ loss: 2 })).rejects.toThrow('conditions: loss: must be a number from 0 to 1, not 2');
    await expect(refused({ delayMs: [2, 1] })).rejects.toThrow(
      'conditions: delayMs: must be two whole numbers from 0 to 60000, the smaller one first, not [2,1]',
    );
    expect((await a.api.query('{ nodeInfo { weather { url } } }')).nodeInfo.weather).toEqual([]);
  });
});
