import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { type Address, formatAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { VOTING } from '../../testing/contracts.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';

const OPTIONS = ['noodles', 'rice'];

let live: LiveNode;
let node: NodeClient;
let contract: string;
let deployId: string;
beforeAll(async () => {
  live = await startLiveNode();
  node = connectNode({ url: live.url });
  const deployed = await node.deploy({ from: 'Alice', source: VOTING, arguments: ['lunch?', OPTIONS, 1000] });
  ({ contract, id: deployId } = deployed);
  await node.mine();
});
afterAll(() => live.stop());

function addressOf(name: string): string {
  return formatAddress(developmentAccountByName(name)?.address ?? '', 'rlore');
}

it('puts a contract on the chain, where everybody can read it', async () => {
  const { kind, receipt, gas } = await node.waitForTransaction(deployId);
  expect({ kind, receipt }).toMatchObject({
    kind: 'DEPLOY',
    receipt: { ok: true, result: null, events: [], error: null },
  });
  expect(gas).toBeGreaterThan(receipt?.gasUsed ?? 0);
  const info = await node.contractInfo(contract);
  expect(info).toMatchObject({ address: contract, name: 'Voting', source: VOTING, balance: 0n });
  expect(info?.methods.map(({ name }) => name)).toEqual(['constructor', 'vote', 'winner']);
  expect(await node.contractInfo(addressOf('Alice'))).toBeNull();
});

it('runs a method by the next block, and gives its result and its events with typed values', async () => {
  const { id, gas, fee } = await node.call({ from: 'Bob', contract, method: 'vote', arguments: [1] });
  await node.mine();
  const { receipt, method, contract: called } = await node.waitForTransaction(id);
  expect({ method, called }).toEqual({ method: 'vote', called: contract });
  expect(receipt).toMatchObject({
    ok: true,
    result: null,
    events: [{ contract, name: 'Voted', values: [addressOf('Bob'), 1] }],
  });
  expect(gas).toBe(receipt && receipt.gasUsed + Math.ceil(receipt.gasUsed / 5));
  expect(fee).toBeGreaterThan(0n);
  expect(await node.simulateCall({ contract, method: 'winner' })).toMatchObject({ ok: true, result: 'rice', contract });
});

it('tells what a contract emitted, page by page and as it happens, and what its source says of itself', async () => {
  const { cursor } = await node.nodeInfo();
  const { id } = await node.call({ from: 'Carol', contract, method: 'vote', arguments: [0] });
  const [{ hash, height } = { hash: '', height: 0 }] = await node.mine();
  const told = { contract, name: 'Voted', values: [addressOf('Carol'), 0] };
  const page = await node.contractEvents({ contract, name: 'Voted', first: 1 });
  expect(page.events).toEqual([{ ...told, transaction: id, blockHash: hash, blockHeight: height, index: 0 }]);
  expect(page.hasNextPage).toBe(true);
  const next = await node.contractEvents({ contract, name: 'Voted', after: page.endCursor ?? '' });
  expect(next).toMatchObject({ events: [{ values: [addressOf('Bob'), 1] }], hasNextPage: false });
  for await (const event of node.events({ after: cursor })) {
    if (event.__typename !== 'ContractEvent') continue;
    expect(event).toMatchObject({ takenBack: false, transaction: id, blockHash: hash, events: [told] });
    break;
  }
  const info = await node.contractInfo(contract);
  expect(info?.comment).toBe('One vote for each account, until a height.');
  expect(info?.fields.map(({ name, valueType }) => [name, valueType])).toContainEqual([
    'options',
    { kind: 'ARRAY', element: 'STRING' },
  ]);
  await expect(node.contractEvents({ fromHeight: -1 })).rejects.toMatchObject({ kind: 'bad-argument' });
});

describe('a call that fails', () => {
  const order = { from: 'Alice', method: 'vote', arguments: [9] };

  it('is not sent where its dry run fails, and the place in the source is told', async () => {
    const calling = node.call({ ...order, contract });
    await expect(calling).rejects.toMatchObject({
      kind: 'failed',
      code: 'required',
      message: `the dry run fails, and nothing was sent: no such option (line 20 of ${contract})`,
      details: { callError: { line: 20, contract, message: 'no such option' } },
    });
    expect((await node.mempool()).size).toBe(0);
  });

  it('is sent without a dry run where it names its gas, and pays for it', async () => {
    const { id, gas } = await node.call({ ...order, contract, gas: 60_000 });
    await node.mine();
    const { receipt } = await node.waitForTransaction(id);
    expect(gas).toBe(60_000);
    expect(receipt).toMatchObject({ ok: false, gasUsed: 60_000, events: [], error: { code: 'required', line: 20 } });
  });

  it('tells of a simulated call that it fails', async () => {
    const simulated = await node.simulateCall({ contract, method: 'vote', arguments: [9], caller: 'Carol' });
    expect(simulated).toMatchObject({ ok: false, result: null, error: { message: 'no such option', line: 20 } });
  });
});

it('pays coins to a constructor that takes them, gives a record by its properties, and takes any account as an address', async () => {
  const source = `interface Held { who: Address; amount: bigint; }
export class Holder {
  who: Address;
  constructor(who: Address) { require(chain.value > 0n, 'coins'); this.who = who; }
  held(): Held { return { who: this.who, amount: chain.balance }; }
}`;
  const bob = { address: developmentAccountByName('Bob')?.address ?? '' };
  const order = { from: 'Alice', source, arguments: [bob], amount: 7n };
  const { contract: holder } = await node.deploy(order);
  await node.mine();
  expect((await node.contractInfo(holder))?.balance).toBe(7n);
  const { result } = await node.simulateCall({ contract: holder, method: 'held' });
  expect(result).toEqual({ who: addressOf('Bob'), amount: 7n });
});

describe('what cannot be meant is refused before it is signed', () => {
  it.each([
    ['no list', { arguments: 'x' }, 'call: arguments must be a list'],
    ['no address', { contract: 'Alice' }, 'call: contract must be the address of a contract'],
    ['a method that is not there', { method: 'vot' }, 'Voting: the method "vot" is not there; there are vote, winner'],
    ['too few arguments', { arguments: [] }, 'vote takes 1 argument (option: number), not 0'],
    [
      'an argument of another type',
      { arguments: ['1'] },
      'argument 1 of vote (option: number) must be a whole number of at most 2^53 - 1, not the text "1"',
    ],
    ['too little gas', { gas: 100 }, 'gas must be from 165, which its bytes alone cost, to 2000000, not 100'],
  ])('%s', async (_, part, message) => {
    const calling = node.call({ from: 'Alice', contract, method: 'vote', arguments: [0], ...(part as object) });
    await expect(calling).rejects.toMatchObject({ kind: 'bad-argument', message });
  });

  it('a source that does not compile, in the words of the compiler', async () => {
    const deploying = node.deploy({ from: 'Alice', source: 'export class Broken {\n  a = ;\n}\n' });
    await expect(deploying).rejects.toMatchObject({
      kind: 'bad-argument',
      message: expect.stringMatching(/^the source does not compile: line 2, column 7: /),
    });
  });

  it('an address whose deploy waits for a block, or that nobody has used', async () => {
    const failure = (reason: string) => ({
      code: 'no-contract',
      message: `there is no contract at this address: ${reason}`,
    });
    const { contract: pending } = await node.deploy({ from: 'Carol', source: 'export class A { a(): void {} }' });
    await expect(node.simulateCall({ contract: pending, method: 'a' })).rejects.toMatchObject(
      failure('its deploy waits for a block, and can be called once it is in one'),
    );
    await node.mine();
    expect((await node.simulateCall({ contract: pending, method: 'a' })).ok).toBe(true);
    const unused = formatAddress('00'.repeat(20) as Address, 'rlore');
    await expect(node.simulateCall({ contract: unused, method: 'a' })).rejects.toMatchObject(
      failure('nothing of this network has ever used it, or the deploy that would have made it has failed'),
    );
  });

  it('an address of another network, and the address of no contract', async () => {
    const call = { from: 'Alice', method: 'vote', arguments: [0] };
    const elsewhere = formatAddress(developmentAccountByName('Bob')?.address ?? '', 'lore');
    await expect(node.call({ ...call, contract: elsewhere })).rejects.toMatchObject({
      problem: { kind: 'other-prefix' },
    });
    await expect(node.call({ ...call, contract: addressOf('Bob') })).rejects.toMatchObject({
      kind: 'failed',
      code: 'no-contract',
      message: 'there is no contract at this address: it is that of an account',
    });
  });
});
