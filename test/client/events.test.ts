import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import type { NodeEvent, NodeEvents } from '../../client/types.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';

let live: LiveNode;
let node: NodeClient;
/** Those that the client has opened. */
let sockets: WebSocket[];
beforeEach(async () => {
  sockets = [];
  live = await startLiveNode();
  const webSocket = class extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  };
  node = connectNode({ url: live.url, webSocket });
});
afterEach(() => live.stop());

/** Takes events up to the next block or gap: that one. */
async function nextBlockOrGap(events: NodeEvents): Promise<NodeEvent> {
  for (;;) {
    const { value } = await events.next();
    if (!value) throw new Error('the events have ended');
    if (value.__typename === 'BlockEvent' || value.__typename === 'GapEvent') return value;
  }
}

const blockAt = (height: number) => ({ __typename: 'BlockEvent', block: { height } });

describe('the events of a node', () => {
  it('begin after a cursor, in order', async () => {
    const { cursor } = await node.nodeInfo();
    const blocks = await node.mine({ count: 3, to: 'Carol' });
    const events = node.events({ after: cursor });
    for (const { hash } of blocks) expect(await nextBlockOrGap(events)).toMatchObject({ block: { hash } });
    await events.return();
  });

  it('go on after a lost connection where they were, and nothing is missing', async () => {
    const { cursor } = await node.nodeInfo();
    await node.mine({ to: 'Carol' });
    const events = node.events({ after: cursor });
    expect(await nextBlockOrGap(events)).toMatchObject(blockAt(1));
    for (const socket of sockets) socket.terminate();
    await node.mine({ count: 2, to: 'Carol' });
    expect(await nextBlockOrGap(events)).toMatchObject(blockAt(2));
    expect(await nextBlockOrGap(events)).toMatchObject(blockAt(3));
    await events.return();
  });

  it('go on after a restart of the node, with a gap between', async () => {
    const { cursor } = await node.nodeInfo();
    await node.mine({ count: 2, to: 'Carol' });
    const events = node.events({ after: cursor });
    expect(await nextBlockOrGap(events)).toMatchObject(blockAt(1));
    expect(await nextBlockOrGap(events)).toMatchObject(blockAt(2));
    const { port } = new URL(live.url);
    await live.stop();
    live = await startLiveNode({ port: Number(port) });
    const gap = await nextBlockOrGap(events);
    expect(gap).toMatchObject({ __typename: 'GapEvent', missed: null });
    await node.mine({ to: 'Carol' });
    expect(await nextBlockOrGap(events)).toMatchObject(blockAt(1));
    await events.return();
    // The cursor of a gap names the place behind it.
    const later = node.events({ after: gap.cursor });
    expect(await nextBlockOrGap(later)).toMatchObject(blockAt(1));
    await later.return();
  });

  it('begin with a gap after a cursor that the node has not given yet', async () => {
    const { cursor } = await node.nodeInfo();
    const events = node.events({ after: cursor.replace(/\d+$/, '999') });
    expect((await events.next()).value).toMatchObject({ __typename: 'GapEvent', missed: null });
    await events.return();
  });

  it.each([
    ['of another run of the node', '00000000-1'],
    ['that is none', 'yesterday'],
    ['that is empty', ''],
  ])('begin with a gap after a cursor %s', async (_, after) => {
    const events = node.events({ after });
    expect((await events.next()).value).toMatchObject({ __typename: 'GapEvent', missed: null });
    await node.mine({ to: 'Carol' });
    expect(await nextBlockOrGap(events)).toMatchObject(blockAt(1));
    await events.return();
  });
});
