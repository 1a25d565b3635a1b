import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage, type Message } from '../../protocol/messages.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { genesisPoint, mineChain, pathTo } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';

/*
 * genesis ── a ── a ── a     headers only: whoever mined it keeps the bodies
 *        └── b ── b ── b     as much work, heard of later, bodies to be had
 */
const genesis = genesisPoint(REGTEST);
const withheld = mineChain(genesis, 3, { extraNonce: 1 });
const served = mineChain(genesis, 3, { extraNonce: 2 });

describe('a branch that is best by its headers alone', () => {
  it.each([
    ['answers that it lacks the bodies', true, false],
    ['is silent', false, false],
    ['has gone', false, true],
  ])('does not keep a node from another one that peers have, where its sender %s', (_, answers, leaves) => {
    const network = new SimulatedNetwork({ seed: 1 });
    const node = network.addNode();
    const send = (message: Message): void => keeper.send(encodeMessage(message));
    const keeper = network.connectRaw(node, (frame) => {
      const message = decodeMessage(frame);
      if (answers && message.type === 'getBlocks')
        send({ type: 'notFound', what: 'block', hashes: message.blockHashes });
    });
    send({
      type: 'hello',
      version: PROTOCOL_VERSION,
      genesisHash: REGTEST.genesis.hash,
      nonce: 1n,
      tipHash: withheld.block.hash,
      height: withheld.height,
      chainWork: withheld.chainWork,
      listenUrl: null,
      userAgent: 'keeper',
    });
    send({ type: 'headers', headers: pathTo(withheld).map(({ block }) => block.header) });
    network.runFor(100);
    expect(node.core.chain.bestHeader.record.hash).toBe(withheld.block.hash);
    if (leaves) keeper.close();
    new ScriptedPeer(network, node).hello(served);
    network.runUntil(() => node.core.chain.tip.record.hash === served.block.hash, 60_000, 'the branch that can be had');
  });
});
