import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockHash, decodeHeader, encodeHeader } from '../../../consensus/header.ts';
import { bytesToHex, hexToBytes } from '../../../consensus/hex.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { genesisPoint, keysOf, transferAt } from '../../../testing/chain-builder.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const BLOCKS = 25;
const SEND = `mutation ($to: String!, $memo: String) {
  sendFromDevAccount(from: "Alice", to: $to, amount: "1", memo: $memo) {
    ... on TransactionAccepted { transaction { id } }
  }
}`;
const PAGE = '{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';

interface Page {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

let live: LiveNode;
let query: LiveNode['api']['query'];
/** Of the active chain, genesis first. */
let hashes: string[];
let confirmedId: string;
let pendingId: string;

beforeAll(async () => {
  live = await startLiveNode({ name: 'library' });
  query = (text, variables) => live.api.query(text, variables);
  confirmedId = (await query(SEND, { to: 'Bob', memo: 'for the coffee' })).sendFromDevAccount.transaction.id;
  const { mine } = await query(
    `mutation { mine(count: ${BLOCKS}, to: "Carol") { ... on BlocksMined { blocks { hash } } } }`,
  );
  hashes = [REGTEST.genesis.hash, ...mine.blocks.map(({ hash }: { hash: string }) => hash)];
  pendingId = (await query(SEND, { to: 'Dave' })).sendFromDevAccount.transaction.id;
});

afterAll(() => live.stop());

describe('nodeInfo', () => {
  it('says what the node is and where', async () => {
    const { nodeInfo } = await query(`{ nodeInfo {
      name version network genesisHash startedAt listenUrl graphqlUrl role
      sync { state height targetHeight } integrity { mode checkedBlocks ok }
    } }`);
    expect(nodeInfo).toEqual({
      name: 'library',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      network: 'regtest',
      genesisHash: REGTEST.genesis.hash,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      listenUrl: live.url,
      graphqlUrl: `${live.url}/graphql`,
      role: 'node',
      sync: { state: 'IDLE', height: BLOCKS, targetHeight: BLOCKS },
      integrity: { mode: 'QUICK', checkedBlocks: expect.any(Number), ok: true },
    });
  });
});

describe('tip, block, blocks and headers', () => {
  it('show the tip with everything that a block has', async () => {
    const { tip } = await query(`{ tip {
      hash height time difficulty totalWork size miner reward transactionCount canonical confirmations
      firstSeenAt firstSeenFrom parent { hash }
      header { hash height version prevHash merkleRoot time bits nonce raw }
    } }`);
    expect(tip).toMatchObject({
      hash: hashes.at(-1),
      height: BLOCKS,
      difficulty: 1,
      transactionCount: 1,
      reward: '50',
      canonical: true,
      confirmations: 1,
      firstSeenFrom: 'self',
      parent: { hash: hashes.at(-2) },
      header: { hash: hashes.at(-1), height: BLOCKS, prevHash: hashes.at(-2), version: 0x2000_0000, bits: '207fffff' },
    });
    expect(tip.header.raw).toHaveLength(160);
    expect(tip.header.time).toBe(tip.time);
    expect(BigInt(tip.totalWork)).toBeGreaterThan(0n);
  });

  it('find a block by hash, by height, or the tip', async () => {
    const { a, b, c } = await query(
      `{ a: block(hash: "${hashes[3]}") { height } b: block(height: 3) { hash } c: block { hash } }`,
    );
    expect([a.height, b.hash, c.hash]).toEqual([3, hashes[3], hashes.at(-1)]);
  });

  it('answer null for what is unknown, and name the argument when there are two', async () => {
    const unknown = await query(`{ a: block(hash: "${'ab'.repeat(32)}") { hash } b: block(height: 9999) { hash } }`);
    expect(unknown).toEqual({ a: null, b: null });
    expect((await query('{ block(height: -1) { hash } }')).block).toBeNull();
    await expect(query(`{ block(hash: "${hashes[1]}", height: 1) { hash } }`)).rejects.toThrow(
      'height: give a hash or a height, not both',
    );
    await expect(query('{ block(hash: "beef") { hash } }')).rejects.toThrow('Hash must be 64 hex digits, not "beef"');
  });

  it("show genesis without a parent, as the network's rules define it", async () => {
    const { block } = await query('{ block(height: 0) { hash parent { hash } header { raw } transactionCount } }');
    expect(block).toEqual({
      hash: REGTEST.genesis.hash,
      parent: null,
      header: { raw: bytesToHex(encodeHeader(REGTEST.genesis.header)) },
      transactionCount: REGTEST.genesis.transactions.length,
    });
  });

  it.each([
    ['forwards', 'first', 'after', 'endCursor', 'hasNextPage'],
    ['backwards', 'last', 'before', 'startCursor', 'hasPreviousPage'],
  ] as const)('list the chain newest first, page by page %s, without a gap or a repeat', async (...names) => {
    const [direction, count, place, cursor, more] = names;
    const seen: string[] = [];
    let at: string | null = null;
    for (let isMore = true; isMore; ) {
      const { blocks }: { blocks: { edges: { node: { hash: string } }[]; pageInfo: Page['pageInfo'] } } = await query(
        `query ($at: String) {
          blocks(${count}: 7, ${place}: $at) {
            edges { node { hash } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          }
        }`,
        { at },
      );
      const page = blocks.edges.map(({ node }) => node.hash);
      if (direction === 'forwards') seen.push(...page);
      else seen.unshift(...page);
      at = blocks.pageInfo[cursor];
      isMore = blocks.pageInfo[more];
    }
    expect(seen).toEqual(hashes.toReversed());
  });

  it('give at most a hundred blocks a page, and refuse cursors that are none', async () => {
    const { blocks } = await query('{ blocks(first: 100) { edges { node { height } } } }');
    expect(blocks.edges).toHaveLength(BLOCKS + 1);
    await expect(query('{ blocks(first: 2, after: "x") { edges { cursor } } }')).rejects.toThrow('after: ');
    await expect(query('{ blocks(first: -1) { edges { cursor } } }')).rejects.toThrow('first');
  });

  it('give headers lowest first, as bytes that chain', async () => {
    const { headers } = await query('{ headers(fromHeight: 2, limit: 3) { hash height prevHash raw } }');
    expect(headers.map(({ hash }: { hash: string }) => hash)).toEqual(hashes.slice(2, 5));
    expect(headers.map(({ prevHash }: { prevHash: string }) => prevHash)).toEqual(hashes.slice(1, 4));
    expect((await query(`{ headers(fromHeight: ${BLOCKS}, limit: 2000) { height } }`)).headers).toHaveLength(1);
    await expect(query('{ headers(fromHeight: 0, limit: 2001) { height } }')).rejects.toThrow(
      'limit: must be from 0 to 2000',
    );
    await expect(query('{ headers(fromHeight: -1) { height } }')).rejects.toThrow('fromHeight: must not be negative');
  });
});

describe('transaction', () => {
  it('is shown confirmed, with its block', async () => {
    const { transaction } = await query(
      `query ($id: Hash!) { transaction(id: $id) {
        id kind sender recipient amount fee nonce memo size raw status statusReason confirmations block { hash height }
      } }`,
      { id: confirmedId },
    );
    expect(transaction).toMatchObject({
      id: confirmedId,
      kind: 'TRANSFER',
      amount: '1',
      fee: '0.00001',
      nonce: '0',
      memo: 'for the coffee',
      status: 'CONFIRMED',
      statusReason: null,
      confirmations: BLOCKS,
      block: { hash: hashes[1], height: 1 },
    });
    expect(transaction.raw).toHaveLength(2 * transaction.size);
    expect(transaction.sender).toMatch(new RegExp(`^${REGTEST.addressPrefix}1`));
  });

  it('is shown pending, and queued with what it waits for', async () => {
    const genesis = genesisPoint(REGTEST);
    const ahead = transferAt(genesis, keysOf('Frank'), keysOf('Bob').address, { nonce: 3n, fee: 1_000n });
    await query('mutation ($raw: Hex!) { submitTransaction(raw: $raw) { __typename } }', {
      raw: bytesToHex(ahead.raw),
    });
    const status = '{ status statusReason confirmations block { hash } }';
    const { a, b, c } = await query(
      `{ a: transaction(id: "${pendingId}") ${status} b: transaction(id: "${ahead.txid}") ${status}
         c: transaction(id: "${'ab'.repeat(32)}") ${status} }`,
    );
    expect(a).toEqual({ status: 'PENDING', statusReason: null, confirmations: 0, block: null });
    expect(b).toEqual({
      status: 'QUEUED',
      statusReason: 'waits for a transaction with nonce 0',
      confirmations: 0,
      block: null,
    });
    expect(c).toBeNull();
  });

  it('of a block come in order, the coinbase first', async () => {
    const { block } = await query(
      '{ block(height: 1) { transactions(first: 10) { edges { node {\n' +
        'id kind sender amount fee nonce memo } } } } }',
    );
    expect(block.transactions.edges.map(({ node }: { node: object }) => node)).toMatchObject([
      { kind: 'COINBASE', sender: null, amount: '50.00001', fee: '0', nonce: null, memo: 'library' },
      { id: confirmedId, kind: 'TRANSFER' },
    ]);
  });
});

describe('account and devAccounts', () => {
  it('tell what one owns, now and once its transfers are mined', async () => {
    const { account } = await query(
      '{ account(address: "alice") { address name balance nonce pendingBalance pendingNonce } }',
    );
    expect(account).toMatchObject({
      name: 'Alice',
      balance: '998.99999',
      nonce: '1',
      pendingBalance: '997.99998',
      pendingNonce: '2',
    });
    const again = await query('query ($a: String!) { account(address: $a) { name } }', { a: account.address });
    expect(again.account.name).toBe('Alice');
  });

  it('page through the transactions of an account, newest first', async () => {
    const first = (await query(`{ account(address: "Carol") { transactions(first: 20) ${PAGE} } }`)).account
      .transactions as Page;
    expect(first.edges).toHaveLength(20);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const rest = (
      await query(`query ($c: String) { account(address: "Carol") { transactions(first: 20, after: $c) ${PAGE} } }`, {
        c: first.pageInfo.endCursor,
      })
    ).account.transactions as Page;
    expect(rest.pageInfo.hasNextPage).toBe(false);
    const ids = [...first.edges, ...rest.edges].map(({ node }) => node.id);
    expect(new Set(ids).size).toBe(BLOCKS);
    const { block } = await query('{ block { transactions(first: 1) { edges { node { id } } } } }');
    expect(ids[0]).toBe(block.transactions.edges[0].node.id);
  });

  it('say why an address is none', async () => {
    await expect(query('{ account(address: "nobody") { balance } }')).rejects.toThrow(
      /^address: "nobody" is neither an address of this network \(\w+1…\) nor the name of a development account such as Alice$/,
    );
  });

  it('list the development accounts', async () => {
    const { devAccounts } = await query('{ devAccounts { name address balance } }');
    expect(devAccounts.length).toBeGreaterThanOrEqual(3);
    expect(devAccounts[1]).toMatchObject({ name: 'Bob', balance: '1001' });
  });
});

describe('mempool and blockTemplate', () => {
  it('show what waits, best fee rate first, and what would be mined', async () => {
    const { mempool, blockTemplate } = await query(`{
      mempool { size readyCount bytes minimumFeeRate transactions(first: 10) { edges { node { id status } } } }
      blockTemplate { height prevHash bits time reward fees transactionCount transactions { id status } }
    }`);
    expect(mempool.size).toBe(mempool.transactions.edges.length);
    expect(mempool.transactions.edges[0].node).toEqual({ id: pendingId, status: 'PENDING' });
    expect(mempool.bytes).toBeGreaterThan(0);
    expect(blockTemplate).toMatchObject({
      height: BLOCKS + 1,
      prevHash: hashes.at(-1),
      reward: '50.00001',
      fees: '0.00001',
      transactionCount: 2,
      transactions: [{ id: pendingId, status: 'PENDING' }],
    });
  });
});

describe('miner and peers', () => {
  it('tell the mode, the work ahead and who is paid', async () => {
    const { miner, peers } = await query(`{
      miner { mode working threads hashrate threadHashrates hashrateLimit hashesDone difficulty target expectedHashes address }
      peers { id }
    }`);
    expect(miner).toMatchObject({
      mode: 'OFF',
      working: false,
      threads: 1,
      threadHashrates: [],
      hashrateLimit: null,
      difficulty: 1,
    });
    expect(miner.target).toMatch(/^[0-9a-f]{64}$/);
    expect(BigInt(miner.hashesDone)).toBeGreaterThanOrEqual(BigInt(BLOCKS));
    expect(peers).toEqual([]);
  });
});

describe('blockTree and chainTips', () => {
  it('show all branches, and which one counts', async () => {
    const depth = 3;
    const forked = hashes.at(-2) ?? '';
    await query(`mutation { invalidateBlock(hash: "${forked}") { __typename } }`);
    const { mine } = await query(
      'mutation { mine(count: 1, to: "Dave") { ... on BlocksMined { blocks { hash height } } } }',
    );
    expect(mine.blocks[0].height).toBe(BLOCKS - 1);
    await query(`mutation { reconsiderBlock(hash: "${forked}") { __typename } }`);
    await live.api.untilTip(hashes.at(-1) ?? '');
    const { chainTips, blockTree } = await query(
      `{ chainTips { hash height branchLength status totalWork }
         blockTree(depth: ${depth}) {
           hash parentHash height status canonical invalidReason firstSeenFrom block { transactionCount } header { raw }
         } }`,
    );
    // Whoever hashes the headers needs nobody's word for the tree.
    const hashed = blockTree.map(({ header }: { header: { raw: string } }) =>
      blockHash(decodeHeader(hexToBytes(header.raw))),
    );
    expect(hashed).toEqual(blockTree.map(({ hash }: { hash: string }) => hash));
    expect(chainTips).toMatchObject([
      { hash: hashes.at(-1), height: BLOCKS, branchLength: 0, status: 'ACTIVE' },
      { hash: mine.blocks[0].hash, height: BLOCKS - 1, branchLength: 1, status: 'VALID_FORK' },
    ]);
    expect(blockTree.map(({ height }: { height: number }) => height)).toEqual([
      BLOCKS,
      BLOCKS - 1,
      BLOCKS - 1,
      BLOCKS - 2,
    ]);
    const side = blockTree.find(({ hash }: { hash: string }) => hash === mine.blocks[0].hash);
    expect(side).toMatchObject({ status: 'VALID_FORK', canonical: false, parentHash: hashes.at(-3) });
    const sideBlock = await query(`{ block(hash: "${mine.blocks[0].hash}") { canonical confirmations } }`);
    expect(sideBlock.block).toEqual({ canonical: false, confirmations: 0 });
    await expect(query('{ blockTree(depth: 0) { hash } }')).rejects.toThrow('depth: must be from 1 to 1000');
    await expect(query('{ blockTree(depth: 1001) { hash } }')).rejects.toThrow('depth: must be from 1 to 1000');
  });
});

describe('events', () => {
  it('are kept in order, and read on from a cursor', async () => {
    const { events } = await query(
      '{ events(first: 1000) { __typename cursor at ... on BlockEvent { block { hash } } } }',
    );
    const blocks = events.filter(({ __typename }: { __typename: string }) => __typename === 'BlockEvent');
    expect(blocks.slice(0, BLOCKS).map(({ block }: { block: { hash: string } }) => block.hash)).toEqual(
      hashes.slice(1),
    );
    const middle = events[10].cursor;
    const rest = await query('query ($c: Cursor) { events(after: $c, first: 1000) { cursor } }', { c: middle });
    expect(rest.events[0].cursor).toBe(events[11].cursor);
    await expect(query('{ events(after: "nonsense") { cursor } }')).rejects.toThrow(
      'after: "nonsense" is not a cursor of this API',
    );
    await expect(query('{ events(first: 1001) { cursor } }')).rejects.toThrow('first: must be from 0 to 1000');
  });
});
