import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClientError } from '../../client/client-error.ts';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { nextMessage, type StubNode, startStubNode } from '../../testing/stub-node.ts';

const LAST_WORDS = 'the node has ended: cannot write to the data folder';
const ENDED = { name: 'ClientError', kind: 'ended', code: 'ended', message: LAST_WORDS };
const UNKNOWN_ID = 'ab'.repeat(32);

let silent: StubNode;
let owner: AbortController;
/** Resolves when the node has been asked over HTTP. */
let asked: Promise<void>;
let node: NodeClient;
beforeEach(async () => {
  // It takes every question, and answers none.
  let onAsked = () => {};
  asked = new Promise((resolve) => {
    onAsked = resolve;
  });
  const http = () => {
    onAsked();
    return null;
  };
  silent = await startStubNode({ http });
  owner = new AbortController();
  node = connectNode({ url: silent.url, closed: owner.signal });
});
afterEach(() => silent.stop());

describe('a client whose node has ended', () => {
  it('fails every waiting call at once with the last words of the node', async () => {
    const waits = [
      node.tip(),
      node.mine(),
      node.waitForTransaction(UNKNOWN_ID),
      node.waitForHeight(1),
      node.events().next(),
    ];
    const outcomes = Promise.allSettled(waits);
    await asked;
    owner.abort(new Error(LAST_WORDS));
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: ENDED });
    expect(getEventListeners(owner.signal, 'abort')).toEqual([]);
  });

  it('fails every later call with the same words, and asks nobody', async () => {
    owner.abort(new Error(LAST_WORDS));
    await expect(node.tip()).rejects.toMatchObject(ENDED);
    await expect(node.mine()).rejects.toMatchObject(ENDED);
    await expect(node.waitForTransaction(UNKNOWN_ID)).rejects.toMatchObject(ENDED);
    await expect(node.waitForHeight(1)).rejects.toMatchObject(ENDED);
    await expect(node.events().next()).rejects.toMatchObject(ENDED);
    expect(silent.sockets.size).toBe(0);
  });

  it('hands on an error of the client as it is', async () => {
    const reason = new ClientError('ended', 'stopped by its owner', { code: 'stopped' });
    owner.abort(reason);
    await expect(node.tip()).rejects.toBe(reason);
  });

  it('leaves no listener behind a call whose limits are none', async () => {
    const controller = new AbortController();
    const wrong = { signal: controller as unknown as AbortSignal };
    await expect(node.tip(wrong)).rejects.toThrow('signal must be an AbortSignal');
    await expect(node.tip({ timeoutMs: '1' as unknown as number })).rejects.toThrow('timeoutMs must be milliseconds');
    expect(getEventListeners(owner.signal, 'abort')).toEqual([]);
  });

  it('leaves no listener behind a call that has its answer', async () => {
    const answering = await startStubNode({
      operation: (id, socket) => socket.send(nextMessage(id, { mine: { __typename: 'BlocksMined', blocks: [] } })),
    });
    await connectNode({ url: answering.url, closed: owner.signal }).mine();
    await answering.stop();
    expect(getEventListeners(owner.signal, 'abort')).toEqual([]);
  });
});
