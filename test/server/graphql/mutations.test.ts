import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAddress } from '../../../consensus/address.ts';
import { bytesToHex } from '../../../consensus/hex.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { genesisPoint, keysOf, transferAt } from '../../../testing/chain-builder.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const SUBMIT = `mutation ($raw: Hex!) { submitTransaction(raw: $raw) {
  ... on TransactionAccepted { transaction { id status } } ... on TransactionRejected { code message }
} }`;
const SEND = `mutation ($from: String!, $to: String!, $amount: Amount!, $fee: Amount, $memo: String) {
  sendFromDevAccount(from: $from, to: $to, amount: $amount, fee: $fee, memo: $memo) {
    ... on TransactionAccepted { transaction { id status amount fee nonce memo } }
    ... on TransactionRejected { code message }
  }
}`;
const MINE = `mutation ($count: Int, $to: String) { mine(count: $count, to: $to) {
  ... on BlocksMined { blocks { hash height miner transactionCount } } ... on MiningFailed { code message }
} }`;
const MINER = '{ mode threads intervalSeconds hashrateLimit address }';
const VALIDITY = `{ ... on BlockValidityChanged { block { hash canonical } tip { hash } }
  ... on OperationFailed { code message } }`;
const MIN_FEE = 1_000n;

const living: LiveNode[] = [];
let live: LiveNode;
let query: LiveNode['api']['query'];

async function start(overrides?: Parameters<typeof startLiveNode>[0]): Promise<LiveNode> {
  const node = await startLiveNode(overrides);
  living.push(node);
  return node;
}

beforeEach(async () => {
  live = await start();
  query = (text, variables) => live.api.query(text, variables);
});

afterEach(async () => {
  await Promise.all(living.splice(0).map((node) => node.stop()));
});

describe('submitTransaction', () => {
  const genesis = genesisPoint(REGTEST);
  const transfer = transferAt(genesis, keysOf('Alice'), keysOf('Bob').address, { fee: MIN_FEE });

  it('takes a signed transaction; handing it in a second time changes nothing', async () => {
    const raw = bytesToHex(transfer.raw);
    const accepted = { transaction: { id: transfer.txid, status: 'PENDING' } };
    expect((await query(SUBMIT, { raw })).submitTransaction).toEqual(accepted);
    expect((await query(SUBMIT, { raw: raw.toUpperCase() })).submitTransaction).toEqual(accepted);
    expect((await query('{ mempool { size } }')).mempool.size).toBe(1);
  });

  it('says by code and sentence why it refuses', async () => {
    const broken = transfer.raw.slice();
    broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 1;
    expect((await query(SUBMIT, { raw: bytesToHex(broken) })).submitTransaction).toEqual({
      code: 'bad-signature',
      message: expect.stringMatching(/is not signed by its sender's key$/),
    });
    expect((await query(SUBMIT, { raw: '07' })).submitTransaction).toEqual({
      code: 'reserved-kind',
      message: 'transaction kind 7 is reserved',
    });
    await expect(query(SUBMIT, { raw: 'abc' })).rejects.toThrow('Hex must be an even number of hex digits');
  });
});

describe('sendFromDevAccount', () => {
  it('signs with the known key, numbers its transactions, and takes fee and memo', async () => {
    const order = { from: 'Alice', to: 'Bob', amount: '10', fee: '0.5', memo: 'rent' };
    const first = (await query(SEND, order)).sendFromDevAccount.transaction;
    expect(first).toMatchObject({ status: 'PENDING', amount: '10', fee: '0.5', nonce: '0', memo: 'rent' });
    const second = (await query(SEND, { ...order, from: 'alice', fee: null, memo: null })).sendFromDevAccount;
    expect(second.transaction).toMatchObject({ nonce: '1', fee: '0.00001', memo: null });
  });

  it('numbers them right when many are sent at once, by name and by address', async () => {
    const names = ['Alice', 'alice', formatAddress(keysOf('Alice').address, REGTEST.addressPrefix)];
    const sent = await Promise.all(
      Array.from({ length: 12 }, (_, i) => query(SEND, { from: names[i % 3], to: 'Bob', amount: '1' })),
    );
    const nonces = sent.map(({ sendFromDevAccount }) => Number(sendFromDevAccount.transaction.nonce));
    expect(nonces.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, nonce) => nonce));
  });

  it.each([
    [{ from: 'Mallory' }, 'unknown-account', /"Mallory" is neither an address/],
    [{ to: 'Mallory' }, 'unknown-account', /"Mallory" is neither an address/],
    [{ amount: '1000.00000001' }, 'insufficient-balance', /^amount and fee are 1000\.00001001, the account has 1000$/],
    [{ memo: 'x'.repeat(257) }, 'memo-too-long', /257 bytes, at most 256/],
    [{ fee: '0' }, 'fee-too-low', /fee/],
  ])('refuses %j with a code', async (change, code, message) => {
    const result = await query(SEND, { from: 'Alice', to: 'Bob', amount: '1', ...change });
    expect(result.sendFromDevAccount).toEqual({ code, message: expect.stringMatching(message) });
  });

  it('takes exact amounts only: a decimal string, or an integer literal', async () => {
    const literal = (amount: string) =>
      query(`mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: ${amount}) {
        ... on TransactionAccepted { transaction { amount } }
      } }`);
    expect((await literal('3')).sendFromDevAccount.transaction.amount).toBe('3');
    expect((await literal('"0.00000001"')).sendFromDevAccount.transaction.amount).toBe('0.00000001');
    await expect(literal('0.5')).rejects.toThrow('Amount must be a decimal string: write "0.5"');
    await expect(query(SEND, { from: 'Alice', to: 'Bob', amount: 0.1 })).rejects.toThrow('may have lost digits');
    await expect(query(SEND, { from: 'Alice', to: 'Bob', amount: null })).rejects.toThrow('Amount!');
  });
});

describe('mine', () => {
  it('returns the blocks in order, once they are durable, and pays whom it is told to', async () => {
    await query(SEND, { from: 'Alice', to: 'Bob', amount: '10' });
    const { blocks } = (await query(MINE, { count: 3, to: 'Carol' })).mine;
    expect(blocks.map(({ height }: { height: number }) => height)).toEqual([1, 2, 3]);
    expect(blocks.map((block: { transactionCount: number }) => block.transactionCount)).toEqual([2, 1, 1]);
    const { account } = await query('{ account(address: "Carol") { address balance } }');
    expect(account.balance).toBe('1150.00001');
    for (const { miner } of blocks) expect(miner).toBe(account.address);
    expect(await live.api.tip()).toBe(blocks[2].hash);
  });

  it('serves several callers at once, each with as many blocks as it asked for', async () => {
    const results = await Promise.all([query(MINE, { count: 2 }), query(MINE, { count: 3 })]);
    const heights = results.flatMap(({ mine }) => mine.blocks.map(({ height }: { height: number }) => height));
    expect(heights.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  });

  it('names the argument that is wrong', async () => {
    await expect(query(MINE, { count: 0 })).rejects.toThrow('count: must be from 1 to 1000');
    await expect(query(MINE, { count: 1001 })).rejects.toThrow('count: must be from 1 to 1000');
    await expect(query(MINE, { to: 'nobody' })).rejects.toThrow('to: "nobody" is neither an address');
    expect(await live.api.height()).toBe(0);
  });
});

describe('setMining', () => {
  it('uses no more threads than the machine has cores', async () => {
    const { setMining } = await query('mutation { setMining(mode: OFF, threads: 64) { threads } }');
    expect(setMining.threads).toBe(Math.min(64, availableParallelism()));
    await query('mutation { setMining(mode: OFF, threads: 1) { threads } }');
  });

  it('sets what is named and leaves the rest', async () => {
    const set = (args: string) => query(`mutation { setMining(${args}) ${MINER} }`).then(({ setMining }) => setMining);
    const { account } = await query('{ account(address: "Dave") { address } }');
    expect(await set('mode: INTERVAL, intervalSeconds: 3600, address: "Dave", hashrateLimit: 1000')).toEqual({
      mode: 'INTERVAL',
      threads: 1,
      intervalSeconds: 3600,
      hashrateLimit: 1000,
      address: account.address,
    });
    expect(await set('mode: OFF, hashrateLimit: 0')).toMatchObject({
      mode: 'OFF',
      intervalSeconds: 3600,
      hashrateLimit: null,
      address: account.address,
    });
  });

  it('mines by itself in each mode', async () => {
    const reached = (height: number) =>
      live.api.until(
        'subscription { blockAdded { height } }',
        () => live.api.height(),
        (now) => now >= height,
      );
    await query(`mutation { setMining(mode: CONTINUOUS) ${MINER} }`);
    await reached(3);
    await query(`mutation { setMining(mode: ON_TRANSACTION) ${MINER} }`);
    const stopped = await live.api.height();
    await query(SEND, { from: 'Alice', to: 'Bob', amount: '1' });
    await reached(stopped + 1);
    await query(`mutation { setMining(mode: INTERVAL, intervalSeconds: 0.1) ${MINER} }`);
    await reached(stopped + 3);
    const { setMining } = await query('mutation { setMining(mode: OFF) { mode working } }');
    expect(setMining).toEqual({ mode: 'OFF', working: false });
  });

  it.each([
    ['threads: 0', 'threads: must be from 1 to 1024'],
    ['intervalSeconds: 0.01', 'intervalSeconds: must be from 0.1 to 86400'],
    ['hashrateLimit: -1', 'hashrateLimit: must be from 0 to'],
    ['address: "nobody"', 'address: "nobody" is neither an address'],
  ])('names the argument that is wrong: %s', async (args, message) => {
    await expect(query(`mutation { setMining(mode: CONTINUOUS, ${args}) ${MINER} }`)).rejects.toThrow(message);
    expect((await query('{ miner { mode } }')).miner.mode).toBe('OFF');
  });
});

describe('connectPeer and disconnectPeer', () => {
  const CONNECT = `mutation ($url: String!) { connectPeer(url: $url) {
    ... on PeerConnected { peer { id url direction state height userAgent graphqlUrl } }
    ... on OperationFailed { code message }
  } }`;
  const DISCONNECT = `mutation ($id: ID!) { disconnectPeer(id: $id) {
    ... on PeerDisconnected { id } ... on OperationFailed { code message }
  } }`;

  it('connect two nodes, which then share blocks, and part them again', async () => {
    const other = await start();
    const { peer } = (await query(CONNECT, { url: other.url })).connectPeer;
    expect(peer).toMatchObject({
      url: other.url,
      direction: 'OUTBOUND',
      state: 'READY',
      height: 0,
      userAgent: expect.stringMatching(/^forklore\//),
      graphqlUrl: `${other.url}/graphql`,
    });
    await query(MINE, { count: 2 });
    await other.api.untilTip(await live.api.tip());
    expect((await query(DISCONNECT, { id: peer.id })).disconnectPeer).toEqual({ id: peer.id });
    await other.api.until(
      'subscription { peersChanged { id } }',
      () => other.api.query('{ peers { id } }'),
      ({ peers }) => peers.length === 0,
    );
    expect((await query('{ peers { id } }')).peers).toEqual([]);
    expect((await query(DISCONNECT, { id: peer.id })).disconnectPeer).toEqual({
      code: 'unknown-peer',
      message: expect.any(String),
    });
  });

  it('say what is wrong with a URL', async () => {
    await expect(query(CONNECT, { url: 'ftp://127.0.0.1' })).rejects.toThrow(/^url: /);
    await expect(query(CONNECT, { url: 'nonsense' })).rejects.toThrow(/^url: /);
    const itself = (await query(CONNECT, { url: live.url })).connectPeer;
    expect(itself).toEqual({ code: 'self-connection', message: `${live.url} is this node itself` });
  });
});

describe('invalidateBlock and reconsiderBlock', () => {
  it('force a reorg, and undo it', async () => {
    const { blocks } = (await query(MINE, { count: 3 })).mine;
    const { invalidateBlock } = await query(`mutation { invalidateBlock(hash: "${blocks[1].hash}") ${VALIDITY} }`);
    expect(invalidateBlock).toEqual({
      block: { hash: blocks[1].hash, canonical: false },
      tip: { hash: blocks[0].hash },
    });
    const { chainTips } = await query('{ chainTips { hash status } }');
    expect(chainTips).toContainEqual({ hash: blocks[2].hash, status: 'INVALID' });
    await query(`mutation { reconsiderBlock(hash: "${blocks[1].hash}") ${VALIDITY} }`);
    await live.api.untilTip(blocks[2].hash);
    expect((await query('{ chainTips { hash status } }')).chainTips).toEqual([
      { hash: blocks[2].hash, status: 'ACTIVE' },
    ]);
  });

  it('leave genesis alone, and do not know what nobody knows', async () => {
    const invalidate = (hash: string) =>
      query(`mutation { invalidateBlock(hash: "${hash}") ${VALIDITY} }`).then((data) => data.invalidateBlock);
    expect(await invalidate(REGTEST.genesis.hash)).toMatchObject({ message: expect.stringMatching(/genesis/) });
    expect(await invalidate('ab'.repeat(32))).toMatchObject({ code: 'unknown-block' });
    expect(await live.api.tip()).toBe(REGTEST.genesis.hash);
  });
});
