import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { formatAddress } from '../../consensus/address.ts';
import { COIN } from '../../consensus/amount.ts';
import { networkOfAccounts } from '../../consensus/development-network.ts';
import { deriveKeyPair, keyPairAmong } from '../../consensus/keys.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { startStubNode } from '../../testing/stub-node.ts';

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

const OWNED =
  'export class Owned { owner: Address; constructor(owner: Address) { this.owner = owner; } whose(): Address { return this.owner; } }';

it('takes names in the arguments of a contract as it does for a payment', async () => {
  const { contract } = await node.deploy({ from: 'Alice', source: OWNED, arguments: ['bob'] });
  await node.mine();
  const { result } = await node.simulateCall({ contract, method: 'whose' });
  expect(result).toBe((await node.account('Bob')).address);
  const deploying = node.deploy({ from: deriveKeyPair(MNEMONIC, 7), source: OWNED, arguments: ['bob'] });
  await expect(deploying).rejects.toMatchObject({
    kind: 'bad-argument',
    message: expect.stringMatching(
      /^argument 1 of the constructor \(owner: Address\): only the node says who bob is on /,
    ),
  });
});

it('signs for nobody with the key of somebody else', async () => {
  const [alice, bob] = NETWORK.developmentAccounts!.accounts.map((each) =>
    keyPairAmong(NETWORK.developmentAccounts!, each),
  );
  const from = { address: alice!.address, secretKey: bob!.secretKey };
  await expect(node.send({ from, to: BOBS_ADDRESS, amount: 1n })).rejects.toMatchObject({
    problem: { kind: 'other-key' },
    message: expect.stringContaining('the secret key is not that of dlore1'),
  });
});

it('lists the names that there are', async () => {
  const message = `${NETWORK.name} has no development account "Dave"; there are Alice, Bob, Carol`;
  await expect(node.send({ from: 'Alice', to: 'Dave', amount: COIN })).rejects.toMatchObject({ message });
});

const KEY = 'ab'.repeat(32);
const [ALICE] = NETWORK.developmentAccounts!.accounts;
const BOBS_ADDRESS = formatAddress(NETWORK.developmentAccounts!.accounts[1]!.address, 'dlore');

it.each([
  [
    'impossible-key',
    'the node gives a secret key of Alice that cannot be one',
    { from: 'Alice', to: 'Bob', shown: { secretKey: 'none', address: formatAddress(ALICE!.address, 'dlore') } },
  ],
  [
    'impossible-address',
    'the node gives an address that cannot be one (address of another network: ' +
      'it starts with lore1, here they start with dlore1)',
    { from: 'Bob', to: 'Alice', shown: { secretKey: KEY, address: formatAddress(ALICE!.address, 'lore') } },
  ],
])('signs nothing with what a node shows and cannot be: %s', async (kind, message, { from, to, shown }) => {
  const asked: string[] = [];
  const nodeInfo = { network: NETWORK.name, genesisHash: NETWORK.genesis.hash, addressPrefix: 'dlore' };
  const devAccounts = [
    { name: 'Alice', ...shown },
    { name: 'Bob', secretKey: KEY, address: BOBS_ADDRESS },
  ];
  const stub = await startStubNode({
    http: (body) => {
      asked.push(JSON.parse(body).operationName);
      return { body: { data: { nodeInfo, devAccounts } } };
    },
  });
  const sending = connectNode({ url: stub.url }).send({ from, to, amount: COIN });
  await expect(sending).rejects.toMatchObject({ name: 'TransferError', problem: { kind }, message });
  expect(asked).toEqual(['Network', 'DevAccountKeys']);
  await stub.stop();
});
