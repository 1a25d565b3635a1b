import { afterEach, describe, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { nextMessage, type StubAnswers, type StubNode, sendTogether, startStubNode } from '../../testing/stub-node.ts';

const stubs: StubNode[] = [];
afterEach(async () => {
  await Promise.all(stubs.splice(0).map((stub) => stub.stop()));
});

async function stubNode(answers: StubAnswers): Promise<StubNode> {
  const stub = await startStubNode(answers);
  stubs.push(stub);
  return stub;
}

/** Where a node of regtest stands. */
const place = (cursor: string, startedAt = '2026-01-01T00:00:00.000Z') => ({
  nodeInfo: {
    network: REGTEST.name,
    genesisHash: REGTEST.genesis.hash,
    addressPrefix: REGTEST.addressPrefix,
    cursor,
    startedAt,
  },
  tip: { hash: '00'.repeat(32), height: 0 },
});

const minerEvent = (cursor: string) => ({ events: { __typename: 'MinerEvent', cursor, at: '', miner: {} } });

describe('a watch of a node', () => {
  it('tells no event that was read together with a gap before what the gap leads to', async () => {
    let streams = 0;
    const stub = await stubNode({
      http: () => ({ body: { data: place('b-5') } }),
      operation: (id, socket) => {
        streams++;
        const gap = { events: { __typename: 'GapEvent', cursor: 'b-0', missed: null } };
        if (streams === 1) {
          sendTogether(
            socket,
            [gap, minerEvent('b-1'), minerEvent('b-2')].map((data) => nextMessage(id, data)),
          );
        } else socket.send(nextMessage(id, minerEvent('b-6')));
      },
    });
    const events = connectNode({ url: stub.url }).events({ after: 'a-9' });
    const cursors = [(await events.next()).value?.cursor, (await events.next()).value?.cursor];
    await events.return();
    expect(cursors).toEqual(['b-5', 'b-6']);
  });
});
