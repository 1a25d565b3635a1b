import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeTransaction } from '../../../consensus/transaction.ts';
import { eventually } from '../../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const living: LiveNode[] = [];
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(living.splice(0).map((live) => live.stop()));
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listenOn(host: string): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

async function start(overrides: Parameters<typeof startLiveNode>[0]): Promise<LiveNode> {
  const live = await startLiveNode(overrides);
  living.push(live);
  return live;
}

describe('a port that is taken on the other address family', () => {
  it('is told of at the start, with the address that is sure to be this node', async () => {
    const port = await listenOn('::1');
    const live = await start({ port });
    await eventually(() => expect(live.log()).toContain(`another program listens on [::1]:${port}`));
    expect(live.log()).toContain(`call this node http://127.0.0.1:${port}`);
  });

  it('is told of the other way round', async () => {
    const port = await listenOn('127.0.0.1');
    const live = await start({ port, host: '::1' });
    await eventually(() => expect(live.log()).toContain(`another program listens on 127.0.0.1:${port}`));
  });
});

describe('a node whose name is Korean', () => {
  it('is called so by its peers, and its blocks carry whole letters of it', async () => {
    const name = '영희의노드'.repeat(6);
    const one = await start({ name });
    const two = await start({ peers: [one.url] });
    await two.api.untilPeers(1);
    const { peers } = await two.api.query('{ peers { userAgent } }');
    expect(peers[0].userAgent).toContain(name);
    await one.api.query('mutation { mine { __typename } }');
    const { tip } = await one.api.query('{ tip { transactions(first: 1) { edges { node { raw } } } } }');
    const raw = Buffer.from(tip.transactions.edges[0].node.raw, 'hex');
    const coinbase = decodeTransaction(raw);
    if (coinbase.kind !== 'coinbase') throw new Error('no coinbase');
    // The limit is 64 bytes, and a letter has three.
    expect(Buffer.from(coinbase.tag).toString()).toBe(name.slice(0, 21));
  });
});
