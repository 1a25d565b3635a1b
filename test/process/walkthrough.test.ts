import { afterEach, describe, expect, it } from 'vitest';
import { type NodeProcess, removeFolders, run, startNode, temporaryFolder } from '../../testing/processes.ts';

/** Real proof of work on `lab` takes a few seconds a block; the machine may be busy. */
const MINING_LIMIT_MS = 180_000;
const SEND = `mutation ($amount: Amount!) {
  sendFromDevAccount(from: "Alice", to: "Bob", amount: $amount) {
    __typename
    ... on TransactionAccepted { transaction { id status } }
    ... on TransactionRejected { code message }
  }
}`;
const MINE = `mutation ($count: Int) {
  mine(count: $count) { __typename ... on BlocksMined { blocks { hash height } } ... on MiningFailed { code message } }
}`;

const running: NodeProcess[] = [];

async function start(args: readonly string[], runtime: string): Promise<NodeProcess> {
  const node = await startNode(args, { FORKLORE_RUNTIME_DIR: runtime });
  running.push(node);
  return node;
}

async function mine(node: NodeProcess, count: number): Promise<void> {
  const { mine: result } = await node.api.query(MINE, { count });
  expect(result).toMatchObject({ __typename: 'BlocksMined' });
  expect(result.blocks).toHaveLength(count);
}

const pendingIds = async (node: NodeProcess): Promise<string[]> =>
  (
    await node.api.query('{ mempool { transactions(first: 10) { edges { node { id } } } } }')
  ).mempool.transactions.edges.map((edge: { node: { id: string } }) => edge.node.id);

const balance = async (node: NodeProcess, name: string): Promise<string> =>
  (await node.api.query('query ($name: String!) { account(address: $name) { balance } }', { name })).account.balance;

afterEach(async () => {
  await Promise.all(running.splice(0).map((node) => node.program.signal('SIGKILL')));
  removeFolders();
});

describe('the walkthrough, with real processes, sockets, proof of work and data folders', () => {
  it('two nodes find each other, share a transaction, mine it, survive a restart, and heal a fork', {
    timeout: 6 * MINING_LIMIT_MS,
  }, async () => {
    const runtime = temporaryFolder();
    const [dataA, dataB] = [temporaryFolder(), temporaryFolder()];
    const limited = ['--hashrate-limit', '0'];

    // 1. Two nodes, no flag but the port: they find each other.
    const a = await start(['--port', '0', '--data-dir', dataA, ...limited], runtime);
    let b = await start(['--port', '0', '--data-dir', dataB, ...limited], runtime);
    await a.api.untilPeers(1, 3_000);
    await b.api.untilPeers(1, 3_000);

    // 2. The banner says where everything is.
    for (const node of [a, b]) {
      expect(node.program.stdout).toContain(`${node.url}/graphql`);
      expect(node.program.stdout).toContain('lab');
      for (const name of ['Alice', 'Bob', 'Carol']) expect(node.program.stdout).toContain(name);
    }
    expect(a.program.stdout).toContain(dataA);

    // 3. A transaction created on one is pending on both.
    const { sendFromDevAccount: sent } = await a.api.query(SEND, { amount: '10' });
    expect(sent.__typename).toBe('TransactionAccepted');
    const { id } = sent.transaction;
    expect(await pendingIds(a)).toEqual([id]);
    await b.api.until(
      'subscription { mempoolChanged { size } }',
      () => pendingIds(b),
      (ids) => ids.includes(id),
      2_000,
    );

    // 4. The other one mines it.
    await mine(b, 1);
    await a.api.untilTip(await b.api.tip(), 2_000);
    for (const node of [a, b]) {
      expect(await node.api.height()).toBe(1);
      expect(await pendingIds(node)).toEqual([]);
      expect(await balance(node, 'Bob')).toBe('1010');
    }

    // 5. One is stopped, misses a block, comes back, checks its chain, and catches up.
    expect((await b.program.signal('SIGINT')).code).toBe(0);
    await mine(a, 1);
    b = await start(['--port', '0', '--data-dir', dataB, ...limited], runtime);
    const { nodeInfo } = await b.api.query('{ nodeInfo { integrity { mode ok checkedBlocks } } }');
    expect(nodeInfo.integrity).toEqual({ mode: 'QUICK', ok: true, checkedBlocks: 2 });
    await b.api.untilTip(await a.api.tip(), 5_000);

    // 6. Apart, they mine different branches; connected, the one with the most work wins.
    const c = await start(['--port', '0', '--ephemeral', '--no-discovery'], runtime);
    const d = await start(['--port', '0', '--ephemeral', '--no-discovery'], runtime);
    const { sendFromDevAccount: lost } = await c.api.query(SEND, { amount: '7' });
    await mine(c, 1);
    await mine(d, 2);
    const abandoned = await c.api.tip();
    const reorged = c.api.until(
      'subscription { reorged { depth } }',
      async () =>
        (
          await c.api.query(
            '{ events(first: 100) { __typename ... on ReorgEvent { reorg { commonAncestor disconnected connected returnedToMempool depth } } } }',
          )
        ).events,
      (events: { __typename: string }[]) => events.some((event) => event.__typename === 'ReorgEvent'),
    );
    await c.api.query('mutation ($url: String!) { connectPeer(url: $url) { __typename } }', { url: d.url });
    await c.api.untilTip(await d.api.tip(), 5_000);
    const reorg = (await reorged).find((event) => event.__typename === 'ReorgEvent') as unknown as {
      reorg: { disconnected: string[]; connected: string[]; returnedToMempool: string[]; depth: number };
    };
    expect(reorg.reorg.disconnected).toEqual([abandoned]);
    expect(reorg.reorg.connected).toHaveLength(2);
    expect(reorg.reorg.returnedToMempool).toEqual([lost.transaction.id]);
    expect(await pendingIds(c)).toEqual([lost.transaction.id]);
    await d.api.until(
      'subscription { mempoolChanged { size } }',
      () => pendingIds(d),
      (ids) => ids.includes(lost.transaction.id),
    );

    // 7. While a node mines with every core, it answers at once.
    await a.api.query('mutation { setMining(mode: CONTINUOUS) { mode } }');
    await a.api.until(
      'subscription { minerChanged { hashrate } }',
      async () => (await a.api.query('{ miner { hashesDone } }')).miner.hashesDone,
      (hashes) => Number(hashes) > 0,
    );
    for (let i = 0; i < 20; i++) expect(await a.api.height()).toBeGreaterThanOrEqual(2);
    expect((await run(['tip', '--node', a.url, '--json'])).code).toBe(0);
  });
});
