import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { makeCompactBlock } from '../../protocol/compact.ts';
import { MAX_ADDRESSES_PER_MESSAGE, MAX_INV_TXIDS } from '../../protocol/limits.ts';
import { genesisPoint, keysOf, mineBlock, mineChain, pathTo, transferAt } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { type OneNode, oneNode } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];
const id = (index: number): string => index.toString(16).padStart(64, '0');

function resourceOf({ node }: OneNode, what: string) {
  const resource = node.core.resources().find((each) => each.what === what);
  if (!resource) throw new Error(`there is no resource named ${what}`);
  return resource;
}

/** Whatever is done to a node, no resource is above its limit. */
function expectWithinLimits({ node }: OneNode): void {
  expect(node.core.resources().filter(({ count, limit }) => count > limit)).toEqual([]);
}

function peerOf({ network, node }: OneNode): ScriptedPeer {
  const peer = new ScriptedPeer(network, node).hello(genesis);
  network.runFor(100);
  return peer;
}

describe('what a node holds because others made it', () => {
  it.each([
    {
      what: 'transactions to be asked of a peer',
      flood: (one: OneNode) => {
        const peer = peerOf(one);
        for (let i = 0; i < 8_000; i += MAX_INV_TXIDS)
          peer.send({ type: 'inv', txids: Array.from({ length: MAX_INV_TXIDS }, (_, j) => id(i + j)) });
      },
    },
    {
      what: 'transactions asked of a peer',
      flood: (one: OneNode) => {
        const peer = peerOf(one);
        peer.send({ type: 'inv', txids: Array.from({ length: MAX_INV_TXIDS }, (_, i) => id(i)) });
      },
    },
    {
      what: 'peers to ask for a transaction',
      flood: (one: OneNode) => {
        for (let i = 0; i < 12; i++) peerOf(one).send({ type: 'inv', txids: [id(1)] });
      },
    },
    {
      what: 'bodies in flight of a peer',
      flood: (one: OneNode) => {
        const peer = peerOf(one).withhold('getBlocks', 'getBlockTransactions', 'getHeaders');
        // Siblings, each with a transaction that the node lacks.
        for (let i = 0; i < 20; i++) {
          const transfers = [transferAt(genesis, alice, bob.address, { fee: 1_000n + BigInt(i) })];
          peer.send(makeCompactBlock(mineBlock(genesis, { transfers }).block, BigInt(i), () => false));
        }
      },
    },
    {
      what: 'partial blocks',
      flood: (one: OneNode) => {
        for (let i = 0; i < 40; i++) {
          const transfers = [transferAt(genesis, alice, bob.address, { fee: 1_000n + BigInt(i) })];
          const peer = peerOf(one).withhold('getBlocks', 'getBlockTransactions', 'getHeaders');
          peer.send(makeCompactBlock(mineBlock(genesis, { transfers }).block, BigInt(i), () => false));
        }
      },
    },
    {
      what: 'discouraged addresses',
      flood: ({ network, node }: OneNode) => {
        for (let i = 0; i < 1_100; i++) {
          const host = `10.1.${i >> 8}.${i & 255}`;
          const from = { direction: 'inbound', address: `${host}:1`, host, loopback: false } as const;
          node.handle({ type: 'peer-connected', peer: `bad-${i}`, ...from });
          node.handle({ type: 'peer-fault', peer: `bad-${i}`, reason: 'sends nonsense' });
          node.handle({ type: 'peer-closed', peer: `bad-${i}`, reason: 'closed' });
        }
        network.runFor(10);
      },
    },
    {
      what: 'waiting messages of headers',
      flood: (one: OneNode) => {
        const peer = peerOf(one);
        const headers = pathTo(mineChain(genesis, 60)).map(({ block }) => block.header);
        for (let i = 0; i < 8; i++) peer.send({ type: 'headers', headers });
      },
    },
  ])('comes to its limit and no further: $what', ({ what, flood }) => {
    const one = oneNode();
    let most = 0;
    one.node.onRest = () => {
      most = Math.max(most, resourceOf(one, what).count);
      expectWithinLimits(one);
    };
    flood(one);
    one.network.runFor(1_000);
    expect(most).toBe(resourceOf(one, what).limit);
  });

  it('is gone with the peer that made it, amid its headers too', () => {
    const one = oneNode();
    const peer = peerOf(one);
    one.node.onRest = () => expectWithinLimits(one);
    peer.send({ type: 'headers', headers: pathTo(mineChain(genesis, 200)).map(({ block }) => block.header) });
    peer.send({ type: 'inv', txids: [id(1), id(2)] });
    peer.close();
    one.network.runFor(3_000);
    expect(one.node.core.peers()).toEqual([]);
    for (const what of ['waiting messages of headers', 'peers whose transactions are wanted', 'requested transactions'])
      expect(resourceOf(one, what).count, what).toBe(0);
  });

  it('keeps to its limits also where an earlier run with others left more', () => {
    const one = oneNode();
    const { network, node } = one;
    for (let i = 0; i < MAX_ADDRESSES_PER_MESSAGE + 5; i++) {
      const address = { url: `http://10.1.${i >> 8}.${i & 255}:5000`, lastSuccessMs: i + 1, failures: 0 };
      node.store.apply([{ kind: 'address-put', address }]);
    }
    node.store.commit();
    node.stop();
    node.start();
    network.runFor(100);
    expect(resourceOf(one, 'addresses')).toMatchObject({ count: 1_000, limit: 1_000 });
  });
});
