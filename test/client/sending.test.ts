import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/types.ts';
import { COIN } from '../../consensus/amount.ts';
import { networkOfAccounts } from '../../consensus/development-network.ts';
import { deriveKeyPair, keyPairAmong } from '../../consensus/keys.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';

// On a network with development accounts of its own, names are what its node says.

const MNEMONIC = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const NETWORK = networkOfAccounts({ count: 3, balance: 10n * COIN, mnemonic: MNEMONIC });

let live: LiveNode;
let node: NodeClient;
beforeAll(async () => {
  live = await startLiveNode({ network: NETWORK });
  node = connectNode({ url: live.url });
});
afterAll(() => live.stop());

it('pays from one name to another', async () => {
  const { id } = await node.send({ from: 'Alice', to: 'bob', amount: COIN });
  const { address: bob } = await node.account('Bob');
  expect(await node.transaction(id)).toMatchObject({ amount: COIN, recipient: bob });
});

it('pays to a name from an account whose key the node has shown', async () => {
  const { developmentAccounts } = NETWORK;
  const carol = keyPairAmong(developmentAccounts!, developmentAccounts!.accounts[2]!);
  const { address: alice } = await node.account('Alice');
  const { id } = await node.send({ from: carol, to: 'Alice', amount: COIN });
  expect(await node.transaction(id)).toMatchObject({ recipient: alice });
});

it('takes the word of the node for a name from nobody else', async () => {
  const sending = node.send({ from: deriveKeyPair(MNEMONIC, 7), to: 'Alice', amount: COIN });
  await expect(sending).rejects.toMatchObject({
    problem: { kind: 'unproven-name', party: 'recipient' },
    message: expect.stringContaining('give the address, or send from a development account'),
  });
});

it('lists the names that there are', async () => {
  const message = `${NETWORK.name} has no development account "Dave"; there are Alice, Bob, Carol`;
  await expect(node.send({ from: 'Alice', to: 'Dave', amount: COIN })).rejects.toMatchObject({ message });
});
