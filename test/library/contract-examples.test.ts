import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContractValue, Receipt } from '../../client/contract-types.ts';
import type { NodeClient } from '../../client/node-client.ts';
import type { CallRequest, DeployRequest } from '../../client/requests.ts';
import { signMessage } from '../../client/sign-message.ts';
import { COIN } from '../../consensus/amount.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { sha256 } from '../../consensus/sha256.ts';
import { startNetwork } from '../../library/start-network.ts';
import type { RunningNetwork } from '../../library/types.ts';

// The contracts of examples/contracts on two nodes. What each of them does last is done on a branch that loses:
//
//   node 0:           e1 - e2 - e3
//   both:  … - base <                 a reorg at node 1, which then mines e4 with what d2 had
//   node 1:           d1 - d2
//
// The ticket of the lottery is drawn by the hash of d1, and after the reorg by that of e1; the conditional payment can be claimed in
// d2, and no more in e4.

const SECRET = 'sesame';
const SALT = 'c1b6f1f0a2d94e5f';
const DECISION = 'pay the seller';
const CAROL = developmentKeyPair(developmentAccountByName('Carol')!);

type Order = Omit<CallRequest, 'contract'>;

let network: RunningNetwork;
let first: NodeClient;
let second: NodeClient;
beforeAll(async () => {
  network = await startNetwork({ nodes: 2, timeoutMs: 150_000 });
  [first, second] = network.nodes.map(({ client }) => client) as [NodeClient, NodeClient];
});
afterAll(() => network.stop());

function hashOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Submits a deploy, and gives the address. */
async function deploy(file: string, order: Omit<DeployRequest, 'source'>): Promise<string> {
  const source = readFileSync(new URL(`../../examples/contracts/${file}.ts`, import.meta.url), 'utf8');
  return (await first.deploy({ ...order, source })).contract;
}

async function deployAll() {
  const { height } = await first.tip();
  // The deploys are in the next block, what prepares the stories in the one after; then two more are mined.
  const base = height + 4;
  const later = base + 100;
  const key = signMessage({ from: CAROL, ...(await anyMessage()) }).key;
  const contracts = {
    vote: await deploy('vote/vote', { from: 'Alice', arguments: ['lunch?', ['noodles', 'rice'], later] }),
    payment: await deploy('conditional-payment/conditional-payment', {
      from: 'Bob',
      amount: COIN,
      arguments: ['Carol', hashOf(SECRET), base + 2],
    }),
    escrow: await deploy('escrow/escrow', { from: 'Carol', amount: COIN, arguments: ['Dave', key, later] }),
    token: await deploy('token/token', { from: 'Dave', arguments: ['Leaf', 2, 1_000n] }),
    auction: await deploy('auction/auction', { from: 'Erin', arguments: ['a lamp', COIN, later] }),
    names: await deploy('name-register/name-register', { from: 'Frank' }),
    lottery: await deploy('lottery/lottery', { from: 'Grace', arguments: [base] }),
    toss: await deploy('lottery/coin-toss', {
      from: 'Heidi',
      amount: COIN,
      arguments: [hashOf(`heads ${SALT}`), later],
    }),
  };
  return { contracts, base };
}

/** Of a contract that may not be there: for the key alone. */
async function anyMessage() {
  const { genesisHash } = await first.nodeInfo();
  return { genesisHash, contract: (await first.account('Carol')).address, message: '' };
}

/** What comes before the fork. */
function preparations(commitment: string): Readonly<Record<string, readonly Order[]>> {
  return {
    auction: [{ from: 'Alice', method: 'bid', amount: COIN }],
    names: [{ from: 'Bob', method: 'commit', arguments: [commitment] }],
    lottery: ['Carol', 'Dave'].map((from) => ({ from, method: 'buy', amount: COIN })),
    toss: [{ from: 'Ivan', method: 'toss', arguments: ['heads'], amount: COIN }],
  };
}

/** What is done on the branch that loses: one call of each contract, each by another account. */
function lastCalls(signature: string): Readonly<Record<string, Order>> {
  return {
    vote: { from: 'Alice', method: 'vote', arguments: [1] },
    payment: { from: 'Erin', method: 'claim', arguments: [SECRET] },
    escrow: { from: 'Dave', method: 'decide', arguments: [DECISION, signature] },
    token: { from: 'Dave', method: 'transfer', arguments: ['Judy', 300n] },
    auction: { from: 'Grace', method: 'bid', amount: 2n * COIN },
    names: { from: 'Bob', method: 'claim', arguments: ['noodles', SALT], amount: COIN },
    lottery: { from: 'Frank', method: 'draw' },
    toss: { from: 'Heidi', method: 'show', arguments: ['heads', SALT] },
  };
}

async function submitAll(
  node: NodeClient,
  contracts: Readonly<Record<string, string>>,
  orders: Readonly<Record<string, Order | readonly Order[]>>,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const [name, each] of Object.entries(orders)) {
    for (const order of [each].flat()) {
      const { id } = await node.call({ ...(order as Order), contract: contracts[name] ?? '' });
      ids.set(name, id);
    }
  }
  return ids;
}

/** Balance of each contract, and the root of all that it stores. */
async function statesOf(node: NodeClient, contracts: Readonly<Record<string, string>>) {
  const states = Object.entries(contracts).map(async ([name, address]) => {
    const document = 'query ($address: String!) { contract(address: $address) { balance storageRoot } }';
    return [name, (await node.query<{ contract: object }>(document, { address })).contract] as const;
  });
  return new Map(await Promise.all(states));
}

async function receiptsOf(node: NodeClient, ids: ReadonlyMap<string, string>): Promise<Map<string, Receipt | null>> {
  const asked = [...ids].map(async ([name, id]) => [name, (await node.transaction(id))?.receipt ?? null] as const);
  return new Map(await Promise.all(asked));
}

it('each example does what it is for, and a reorg takes that back until the next block', async () => {
  const { contracts, base } = await deployAll();
  await first.mine();
  const view = async (node: NodeClient, name: keyof typeof contracts, method: string, ...args: ContractValue[]) => {
    const { ok, result } = await node.simulateCall({ contract: contracts[name], method, arguments: args as [] });
    expect(ok).toBe(true);
    return result;
  };
  const addressOf = async (name: string) => (await first.account(name)).address;
  const commitment = await view(first, 'names', 'commitmentOf', 'noodles', 'Bob', SALT);
  await submitAll(first, contracts, preparations(String(commitment)));
  await first.mine({ count: 3 });
  expect((await network.agree()).height).toBe(base);
  const before = await statesOf(second, contracts);

  await network.partition([[0], [1]]);
  const { genesisHash } = await first.nodeInfo();
  const { signature } = signMessage({ from: CAROL, contract: contracts.escrow, message: DECISION, genesisHash });
  const [d1] = await second.mine();
  const ids = await submitAll(second, contracts, lastCalls(signature));
  await second.mine();
  const lost = await receiptsOf(second, ids);
  for (const [name, receipt] of lost) expect(receipt, name).toMatchObject({ ok: true, error: null });
  const after = await statesOf(second, contracts);
  for (const name of before.keys()) expect(after.get(name), name).not.toEqual(before.get(name));
  expect(await view(second, 'vote', 'result')).toEqual(['noodles: 0', 'rice: 1']);
  expect(await view(second, 'token', 'balanceOf', 'Judy')).toBe(300n);
  expect(await view(second, 'names', 'lookUp', 'noodles')).toBe(await addressOf('Bob'));
  expect(lost.get('payment')?.events[0]).toMatchObject({ name: 'Claimed', values: [await addressOf('Carol'), SECRET] });
  expect(lost.get('escrow')?.events[0]).toMatchObject({ name: 'Received', values: [await addressOf('Dave'), COIN] });
  expect(lost.get('toss')?.events[0]).toMatchObject({ name: 'Won', values: [await addressOf('Ivan'), 2n * COIN] });
  const winner = await view(second, 'lottery', 'winnerBy', d1?.hash ?? '');
  expect(lost.get('lottery')?.events[0]).toMatchObject({ name: 'Won', values: [winner, 2n * COIN] });

  const [e1] = await first.mine({ count: 3 });
  await network.heal();
  expect((await network.agree()).height).toBe(base + 3);
  for (const node of [first, second]) expect(await statesOf(node, contracts)).toEqual(before);
  for (const [name, id] of ids) {
    expect(await second.transaction(id), name).toMatchObject({ status: 'PENDING', receipt: null, block: null });
  }

  await second.mine();
  await network.agree();
  const again = await receiptsOf(first, ids);
  expect(await receiptsOf(second, ids)).toEqual(again);
  expect(again.get('payment')).toMatchObject({ ok: false, error: { message: 'it is too late to claim' } });
  const drawn = await view(first, 'lottery', 'winnerBy', e1?.hash ?? '');
  expect(again.get('lottery')).toMatchObject({ ok: true, events: [{ name: 'Won', values: [drawn, 2n * COIN] }] });
  for (const name of ['vote', 'escrow', 'token', 'auction', 'names', 'toss']) {
    expect(again.get(name), name).toEqual(lost.get(name));
  }
  expect(await statesOf(first, contracts)).toEqual(await statesOf(second, contracts));
  await first.call({ from: 'Judy', contract: contracts.payment, method: 'refund' });
  await first.mine();
  expect((await first.contractInfo(contracts.payment))?.balance).toBe(0n);
});
