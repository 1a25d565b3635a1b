// A node that a reverse proxy serves below a base path, which the node does not get to know. With Caddy, nginx and TLS:
// test/long/proxies.test.ts; the pages: test/browser/base-path.test.ts.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectNode } from '../../../client/node/main.ts';
import type { NodeClient } from '../../../client/node-client.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { type StrippingProxy, startStrippingProxy } from '../../../testing/stripping-proxy.ts';

let nodes: LiveNode[];
let proxy: StrippingProxy;
let clients: NodeClient[];

beforeEach(async () => {
  nodes = await Promise.all([startLiveNode(), startLiveNode()]);
  proxy = await startStrippingProxy(new Map(nodes.map(({ url }, index) => [`/nodes/${index}`, url])));
  clients = nodes.map((_, index) => connectNode({ url: `${proxy.url}/nodes/${index}/graphql` }));
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await proxy.close();
});

describe('nodes below base paths', () => {
  it('are asked, and tell events over sockets', async () => {
    const [, second] = clients as [NodeClient, NodeClient];
    const risen = second.waitForHeight(2);
    await second.mine({ count: 2 });
    await risen;
    expect((await clients[0]?.tip())?.height).toBe(0);
  });

  it('are peers, at URLs that hold the path', async () => {
    const [first, second] = clients as [NodeClient, NodeClient];
    await second.mine({ count: 1 });
    await first.connectPeer(second.url);
    await first.waitForPeers(1);
    expect(await nodes[0]?.api.query('{ peers { remote } }')).toEqual({ peers: [{ remote: `${proxy.url}/nodes/1` }] });
    await first.waitForHeight(1);
  });

  it('lead from their root to the API, wherever that is', async () => {
    const answer = await fetch(`${proxy.url}/nodes/0/`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'graphql']);
  });
});
