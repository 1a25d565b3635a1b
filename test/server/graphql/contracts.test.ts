import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatAddress } from '../../../consensus/address.ts';
import { AddressValue } from '../../../consensus/contract/value.ts';
import { intrinsicGas } from '../../../consensus/contract-transaction.ts';
import { bytesToHex } from '../../../consensus/hex.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import type { SignedTransaction } from '../../../consensus/transaction.ts';
import { DEFAULT_MINER, keysOf } from '../../../testing/chain-builder.ts';
import { callAt, deployAt, encodedArgs } from '../../../testing/contract-transactions.ts';
import { COUNTER } from '../../../testing/contracts.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const SUBMIT = `mutation ($raw: Hex!) { submitTransaction(raw: $raw) {
  ... on TransactionAccepted { transaction { status contract receipt { ok } } } ... on TransactionRejected { code message }
} }`;
const RECEIPT = `{ ok gasUsed result resultJson
  events { contract name values valuesJson } error { code message contract line column } }`;
const TRANSACTION = `query ($id: Hash!) { transaction(id: $id) {
  kind status contract recipient gas source method arguments nonce memo receipt ${RECEIPT} } }`;
const SIMULATE = `query ($input: SimulateCallInput!) { simulateCall(input: $input) {
  contract tip ok gasUsed result resultJson events { contract name valuesJson } error { code message contract line column } } }`;

/** Fields of all kinds, a record as a result, a failure in a line that is known, and one in a contract within a contract. */
const LEDGER = `interface Entry { who: Address; amount: bigint; count: number; }
interface Ledger { fail(reason: string): void; }

/** Keeps what was put. */
export class Shop {
  /** Who deployed it. */
  owner: Address;
  total = 0n;
  tags: string[] = [];
  entries = new Table<Address, Entry>({ who: address('0000000000000000000000000000000000000000'), amount: 0n, count: 0 });
  log = new List<bigint>();

  constructor(tag: string) {
    this.owner = chain.caller;
    this.tags = [tag];
  }

  // Puts coins in;
  // anybody can.
  put(): Entry {
    const before = this.entries.get(chain.caller);
    const entry: Entry = { who: chain.caller, amount: before.amount + chain.value, count: before.count + 1 };
    this.entries.set(chain.caller, entry);
    this.total += chain.value;
    this.log.push(chain.value);
    chain.emit('Put', chain.caller, chain.value, this.tags, 'text', true);
    return entry;
  }

  fail(reason: string): void {
    require(false, reason);
  }

  ask(other: Address): void {
    at<Ledger>(other).fail('asked');
  }

  private secret(): number {
    return 7;
  }

  loop(): number {
    let rounds = 0;
    while (true) rounds += 1;
    return rounds;
  }
}
`;
const FAIL_LINE = LEDGER.split('\n').findIndex((line) => line.includes('require(false')) + 1;

const shown = (address: string) => formatAddress(address, REGTEST.addressPrefix);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];

let live: LiveNode;
let query: LiveNode['api']['query'];
let shop: string;

/** Where the next transaction of a sender stands. */
const here = () => ({ params: REGTEST, state: live.node.store });

async function submit(transaction: SignedTransaction) {
  return (await query(SUBMIT, { raw: bytesToHex(transaction.raw) })).submitTransaction;
}

async function mine(): Promise<string> {
  const { mine: mined } = await query(
    'mutation { mine(count: 1, to: "Carol") { ... on BlocksMined { blocks { hash } } } }',
  );
  return mined.blocks[0].hash;
}

async function confirmed(transaction: SignedTransaction) {
  expect(await submit(transaction)).toMatchObject({ transaction: { status: 'PENDING', receipt: null } });
  await mine();
  return (await query(TRANSACTION, { id: transaction.txid })).transaction;
}

async function simulate(input: Record<string, unknown>) {
  return (await query(SIMULATE, { input })).simulateCall;
}

beforeAll(async () => {
  live = await startLiveNode();
  query = (text, variables) => live.api.query(text, variables);
  const deploy = deployAt(here(), alice, LEDGER, ['first']);
  const { receipt } = await confirmed(deploy);
  expect(receipt).toMatchObject({ ok: true, error: null });
  shop = deploy.contract;
});

afterAll(() => live.stop());

describe('a contract transaction', () => {
  it('is shown with its receipt once it is in a block', async () => {
    const call = callAt(here(), bob, { contract: shop }, 'put', [], { amount: 5n });
    const transaction = await confirmed(call);
    expect(transaction).toMatchObject({
      kind: 'CALL',
      status: 'CONFIRMED',
      contract: shown(shop),
      recipient: shown(shop),
      gas: call.gas,
      source: null,
      method: 'put',
      arguments: '',
      memo: null,
    });
    const { receipt } = transaction;
    expect(receipt).toMatchObject({ ok: true, error: null });
    expect(receipt.gasUsed).toBeGreaterThan(intrinsicGas(call));
    expect(JSON.parse(receipt.resultJson)).toEqual({ who: shown(bob.address), amount: '5', count: 1 });
    const [event, ...others] = receipt.events;
    expect(others).toEqual([]);
    expect(event).toMatchObject({ contract: shown(shop), name: 'Put' });
    expect(JSON.parse(event.valuesJson)).toEqual([shown(bob.address), '5', ['first'], 'text', true]);
  });

  it('that deploys shows its source and the arguments of its constructor', async () => {
    const args = ['of another'];
    const deploy = deployAt(here(), alice, LEDGER, args);
    const transaction = await confirmed(deploy);
    expect(transaction).toMatchObject({
      kind: 'DEPLOY',
      contract: shown(deploy.contract),
      source: LEDGER,
      method: null,
      arguments: bytesToHex(encodedArgs(args)),
      receipt: { ok: true, result: null, resultJson: null, events: [] },
    });
  });

  it('that fails says where and why', async () => {
    const fails = await confirmed(callAt(here(), bob, { contract: shop }, 'fail', ['not today'], { gas: 100_000 }));
    expect(fails.receipt).toEqual({
      ok: false,
      gasUsed: 100_000,
      result: null,
      resultJson: null,
      events: [],
      error: { code: 'required', message: 'not today', contract: shown(shop), line: FAIL_LINE, column: 5 },
    });
  });

  it('that fails within another contract names that one', async () => {
    const inner = deployAt(here(), alice, LEDGER, ['inner']);
    await confirmed(inner);
    const { receipt } = await confirmed(
      callAt(here(), bob, { contract: shop }, 'ask', [new AddressValue(inner.contract)]),
    );
    expect(receipt.error).toMatchObject({ message: 'asked', contract: shown(inner.contract), line: FAIL_LINE });
  });

  it('that does not compile is refused with the place', async () => {
    const source = 'export class Broken {\n  run(): void { nothing(); }\n}\n';
    const refusal = await submit(deployAt(here(), alice, source));
    expect(refusal).toMatchObject({ code: 'source-does-not-compile' });
    expect(refusal.message).toContain('line 2');
  });

  it('whose source is no UTF-8 is refused', async () => {
    const bytes = new Uint8Array(20).fill(0xff);
    expect(await submit(deployAt(here(), alice, bytes))).toMatchObject({ code: 'source-does-not-compile' });
  });

  it('of the largest source is taken', async () => {
    const start = 'export class Long {} /*';
    const source = `${start}${'x'.repeat(16_384 - start.length - 2)}*/`;
    expect(await confirmed(deployAt(here(), alice, source))).toMatchObject({ source, receipt: { ok: true } });
  });

  it('that is malformed is refused with what is wrong', async () => {
    const raw = deployAt(here(), alice, COUNTER).raw.slice();
    expect(await submit({ raw: raw.subarray(0, 100) } as SignedTransaction)).toMatchObject({ code: 'malformed' });
    expect(await submit(callAt(here(), bob, { contract: shop }, 'put', [], { gas: 10 }))).toMatchObject({
      code: 'gas-too-low',
    });
  });
});

describe('a block', () => {
  it('has the gas of its contract transactions, and the receipt of each', async () => {
    const first = callAt(here(), alice, { contract: shop }, 'put', [], { gas: 200_000 });
    const second = callAt(here(), bob, { contract: shop }, 'fail', ['no'], { gas: 100_000 });
    for (const call of [first, second]) await submit(call);
    const hash = await mine();
    const { block } = await query(
      `query ($hash: Hash!) { block(hash: $hash) { gasReserved gasUsed receiptsRoot
        transactions { edges { node { id kind receipt { ok gasUsed } } } } } }`,
      { hash },
    );
    const nodes = block.transactions.edges.map(
      ({ node }: { node: { id: string; receipt: { gasUsed: number } } }) => node,
    );
    const ofFirst = nodes.find(({ id }: { id: string }) => id === first.txid).receipt;
    expect(ofFirst).toMatchObject({ ok: true });
    expect(nodes.find(({ id }: { id: string }) => id === second.txid).receipt).toEqual({ ok: false, gasUsed: 100_000 });
    expect(nodes[0]).toMatchObject({ kind: 'COINBASE', receipt: null });
    expect(block).toMatchObject({ gasReserved: 300_000, gasUsed: 100_000 + ofFirst.gasUsed });
    expect(block.receiptsRoot).toMatch(/^[0-9a-f]{64}$/);
    await mine();
    const { tip } = await query('{ tip { gasReserved gasUsed receiptsRoot } }');
    expect(tip).toEqual({ gasReserved: 0, gasUsed: 0, receiptsRoot: null });
  });

  it('that is left in a reorg takes its receipts along', async () => {
    const call = callAt(here(), bob, { contract: shop }, 'put', [], { amount: 1n });
    expect((await confirmed(call)).receipt).toMatchObject({ ok: true });
    const left = await live.api.tip();
    await query('mutation ($hash: Hash!) { invalidateBlock(hash: $hash) { __typename } }', { hash: left });
    const { transaction } = await query(TRANSACTION, { id: call.txid });
    expect(transaction).toMatchObject({ status: 'PENDING', receipt: null });
    const { block } = await query('query ($hash: Hash!) { block(hash: $hash) { gasUsed receiptsRoot gasReserved } }', {
      hash: left,
    });
    expect(block).toEqual({ gasUsed: null, receiptsRoot: null, gasReserved: call.gas });
    await mine();
    expect((await query(TRANSACTION, { id: call.txid })).transaction).toMatchObject({ receipt: { ok: true } });
  });
});

describe('contract', () => {
  const CONTRACT = `query ($address: String!) { contract(address: $address) { address name source codeHash balance storageRoot
    methods { name parameters { name type } result acceptsCoins isPrivate } fields { name kind type keyType } } }`;

  it('shows source, methods, fields and coins', async () => {
    const { contract } = await query(CONTRACT, { address: shown(shop) });
    expect(contract).toMatchObject({
      address: shown(shop),
      name: 'Shop',
      source: LEDGER,
      storageRoot: live.node.store.account(shop)?.contract?.storageRoot,
    });
    expect(contract.codeHash).toBe(live.node.store.account(shop)?.contract?.codeHash);
    expect(contract.methods).toContainEqual({
      name: 'constructor',
      parameters: [{ name: 'tag', type: 'string' }],
      result: null,
      acceptsCoins: false,
      isPrivate: false,
    });
    expect(contract.methods).toContainEqual({
      name: 'put',
      parameters: [],
      result: 'Entry',
      acceptsCoins: true,
      isPrivate: false,
    });
    expect(contract.methods).toContainEqual({
      name: 'secret',
      parameters: [],
      result: 'number',
      acceptsCoins: false,
      isPrivate: true,
    });
    expect(contract.fields).toEqual([
      { name: 'owner', kind: 'VALUE', type: 'Address', keyType: null },
      { name: 'total', kind: 'VALUE', type: 'bigint', keyType: null },
      { name: 'tags', kind: 'VALUE', type: 'string[]', keyType: null },
      { name: 'entries', kind: 'TABLE', type: 'Entry', keyType: 'Address' },
      { name: 'log', kind: 'LIST', type: 'bigint', keyType: null },
    ]);
  });

  it('describes its types as data, with the comments of the source', async () => {
    const { contract } = await query(
      `query ($address: String!) { contract(address: $address) { comment
        methods { name comment parameters { valueType { ...T } } resultType { ...T } }
        fields { name comment valueType { ...T } } } }
      fragment T on ContractType { kind name element { kind } properties { name type { kind } } }`,
      { address: shown(shop) },
    );
    const scalar = (kind: string) => ({ kind, name: null, element: null, properties: null });
    const entry = {
      kind: 'RECORD',
      name: 'Entry',
      element: null,
      properties: [
        { name: 'who', type: { kind: 'ADDRESS' } },
        { name: 'amount', type: { kind: 'BIGINT' } },
        { name: 'count', type: { kind: 'NUMBER' } },
      ],
    };
    expect(contract.comment).toBe('Keeps what was put.');
    expect(contract.methods).toContainEqual({
      name: 'put',
      comment: 'Puts coins in;\nanybody can.',
      parameters: [],
      resultType: entry,
    });
    expect(contract.methods).toContainEqual({
      name: 'fail',
      comment: null,
      parameters: [{ valueType: scalar('STRING') }],
      resultType: null,
    });
    const array = { kind: 'ARRAY', name: null, element: { kind: 'STRING' }, properties: null };
    expect(contract.fields).toEqual([
      { name: 'owner', comment: 'Who deployed it.', valueType: scalar('ADDRESS') },
      { name: 'total', comment: null, valueType: scalar('BIGINT') },
      { name: 'tags', comment: null, valueType: array },
      { name: 'entries', comment: null, valueType: entry },
      { name: 'log', comment: null, valueType: scalar('BIGINT') },
    ]);
  });

  it('shows what it stores, in pages and at paths', async () => {
    const SLOTS = `query ($address: String!, $first: Int, $after: String) { contract(address: $address) {
      slots(first: $first, after: $after) { edges { cursor node { path field keyJson valueJson } } pageInfo { hasNextPage endCursor } } } }`;
    const { receipt } = await confirmed(callAt(here(), alice, { contract: shop }, 'put', [], { amount: 3n }));
    expect(receipt).toMatchObject({ ok: true });
    const slots: { path: string; field: string; keyJson: string | null; valueJson: string }[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { contract } = await query(SLOTS, { address: shown(shop), first: 2, after });
      slots.push(...contract.slots.edges.map(({ node }: { node: (typeof slots)[number] }) => node));
      more = contract.slots.pageInfo.hasNextPage;
      after = contract.slots.pageInfo.endCursor;
    }
    expect(slots.map(({ path }) => path).sort()).toEqual(
      Array.from(live.node.store.slotsOf(shop), ({ path }) => path).sort(),
    );
    const storedIn = (field: string, keyJson: string | null) =>
      JSON.parse(slots.find((slot) => slot.field === field && slot.keyJson === keyJson)?.valueJson ?? '');
    expect(storedIn('owner', null)).toBe(shown(alice.address));
    expect(storedIn('tags', null)).toEqual(['first']);
    expect(storedIn('entries', JSON.stringify(shown(alice.address)))).toMatchObject({ who: shown(alice.address) });
    expect(storedIn('log', String(storedIn('log', null) - 1))).toBe('3');
    await expect(query(SLOTS, { address: shown(shop), after: 'x' })).rejects.toThrow(
      'after: "x" is not a cursor of this list',
    );
    const AT =
      'query ($address: String!, $paths: [Hex!]!) { contract(address: $address) { slotsAt(paths: $paths) { path valueJson } } }';
    const slotsAt = async (paths: string[]) => (await query(AT, { address: shown(shop), paths })).contract.slotsAt;
    const known = slots.map(({ path, valueJson }) => ({ path, valueJson }));
    const paths = known.map(({ path }) => path);
    expect(await slotsAt(['0178', ...paths, ''])).toEqual([null, ...known, null]);
    await expect(slotsAt(Array.from({ length: 101 }, () => '0178'))).rejects.toThrow('paths: at most 100 paths');
  });

  it('is null where there is none', async () => {
    expect((await query(CONTRACT, { address: 'Alice' })).contract).toBeNull();
    expect((await query(CONTRACT, { address: shown(DEFAULT_MINER) })).contract).toBeNull();
    await expect(query(CONTRACT, { address: 'lore1' })).rejects.toThrow('address:');
  });
});

describe('simulateCall', () => {
  it('says what a call would do, and changes nothing', async () => {
    const root = live.node.store.stateRoot;
    const outcome = await simulate({ contract: shown(shop), method: 'put', caller: 'Bob', amount: '1' });
    expect(outcome).toMatchObject({ ok: true, error: null, contract: shown(shop), tip: await live.api.tip() });
    expect(JSON.parse(outcome.resultJson)).toMatchObject({ who: shown(bob.address), amount: expect.any(String) });
    expect(outcome.events).toMatchObject([{ name: 'Put' }]);
    expect(live.node.store.stateRoot).toBe(root);
    const call = callAt(here(), bob, { contract: shop }, 'put', [], { amount: 100_000_000n, gas: outcome.gasUsed });
    expect((await confirmed(call)).receipt).toMatchObject({ ok: true, gasUsed: outcome.gasUsed });
  });

  it('says what a deploy would do, and where the contract would be', async () => {
    const args = bytesToHex(encodedArgs(['tag']));
    const outcome = await simulate({ source: LEDGER, arguments: args, caller: 'Alice' });
    const deploy = deployAt(here(), alice, LEDGER, ['tag']);
    expect(outcome).toMatchObject({ ok: true, contract: shown(deploy.contract), result: null, resultJson: null });
    expect((await confirmed(deploy)).receipt).toMatchObject({ ok: true, gasUsed: outcome.gasUsed });
  });

  it('says where and why a call would fail', async () => {
    const reason = bytesToHex(encodedArgs(['no']));
    expect(await simulate({ contract: shown(shop), method: 'fail', arguments: reason })).toMatchObject({
      ok: false,
      error: { code: 'required', message: 'no', line: FAIL_LINE, column: 5, contract: shown(shop) },
    });
    expect(await simulate({ contract: shown(shop), method: 'loop' })).toMatchObject({
      ok: false,
      gasUsed: 2_000_000,
      error: { code: 'out-of-gas' },
    });
    expect(await simulate({ contract: 'Alice', method: 'put' })).toMatchObject({
      ok: false,
      error: { code: 'no-contract' },
    });
    expect(await simulate({ source: 'export class Broken { x }', caller: 'Alice' })).toMatchObject({
      ok: false,
      error: { line: 1 },
    });
  });

  it('refuses what no transaction could be, with what to do', async () => {
    const contract = shown(shop);
    await expect(simulate({})).rejects.toThrow('contract: give the address of a contract, or a source');
    await expect(simulate({ contract, source: COUNTER })).rejects.toThrow(
      'source: give a contract or a source, not both',
    );
    await expect(simulate({ contract })).rejects.toThrow('method: name the method of the contract to call');
    await expect(simulate({ source: COUNTER, method: 'add' })).rejects.toThrow(
      'method: a deploy runs the constructor; leave it out',
    );
    await expect(simulate({ contract, method: 'put', gas: 2_000_001 })).rejects.toThrow(
      'gas: must be from 0 to 2000000',
    );
    await expect(simulate({ contract, method: 'put', gas: 10 })).rejects.toThrow('gas-too-low');
    await expect(simulate({ contract, method: 'put', amount: '1' })).rejects.toThrow('insufficient-balance');
    await expect(simulate({ contract, method: 'put', caller: contract })).rejects.toThrow('sender-is-contract');
    await expect(simulate({ source: 'x'.repeat(16_385) })).rejects.toThrow('source: 16385 bytes, at most 16384');
    const half = 'holds half of a character';
    await expect(simulate({ source: '\ud800' })).rejects.toThrow(`source: ${half}`);
    await expect(simulate({ contract, method: 'put\udc00' })).rejects.toThrow(`method: ${half}`);
    await expect(simulate({ contract: 'nobody', method: 'put' })).rejects.toThrow('contract: "nobody" is neither');
  });
});
