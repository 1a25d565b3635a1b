import { afterEach, describe, expect, it } from 'vitest';
import { killPrograms, type NodeProcess, removeFolders, startNode, temporaryFolder } from '../../testing/processes.ts';

/** How long a test that catches up may take; above what it takes on a busy machine. How fast it is, `npm run bench` measures. */
const SYNC_LIMIT_MS = 240_000;
/** `FORKLORE_SYNC_BLOCKS=5000 npx vitest run test/process/network.test.ts` for a longer chain. */
const SYNC_BLOCKS = Number(process.env.FORKLORE_SYNC_BLOCKS ?? 500);
/** The most that one call of `mine` takes. */
const BLOCKS_PER_CALL = 1_000;
const SEND = `mutation ($from: String!) {
  sendFromDevAccount(from: $from, to: "Bob", amount: "10") { ... on TransactionAccepted { transaction { id } } }
}`;
const STATUS = 'query ($id: Hash!) { transaction(id: $id) { status } }';
const MINE = 'mutation ($count: Int!) { mine(count: $count) { ... on BlocksMined { blocks { hash height } } } }';
const CONNECT = `mutation ($url: String!) {
  connectPeer(url: $url) { __typename ... on OperationFailed { code message } }
}`;
const REORGS = `{ events { ... on ReorgEvent {
  reorg { commonAncestor disconnected connected returnedToMempool dropped depth }
} } }`;

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

function start(env: NodeJS.ProcessEnv, ...args: string[]): Promise<NodeProcess> {
  return startNode(['--port', '0', '--ephemeral', '--network', 'regtest', ...args], env);
}

async function send(node: NodeProcess, from = 'Alice'): Promise<string> {
  return (await node.api.query(SEND, { from })).sendFromDevAccount.transaction.id;
}

/** Hashes of the blocks that the node mined, in order. */
async function mine(node: NodeProcess, count: number): Promise<string[]> {
  const { blocks } = (await node.api.query(MINE, { count })).mine;
  return blocks.map(({ hash }: { hash: string }) => hash);
}

/** Waits until `done`, and prints how long it took. */
async function measured(name: string, done: Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  await done;
  console.info(`${name}: ${(performance.now() - startMs).toFixed(0)} ms`);
}

/** Resolves when the node knows the transaction; over one subscription that stands before anything is sent. */
function seesTransaction(node: NodeProcess): { ready: Promise<void>; seen: Promise<void> } {
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const size = async () => {
    const { mempool } = await node.api.query('{ mempool { size } }');
    isReady();
    return mempool.size as number;
  };
  const seen = node.api.until('subscription { mempoolChanged { size } }', size, (count) => count > 0);
  return { ready, seen: seen.then(() => {}) };
}

describe('two nodes with nothing but a port', () => {
  it('find each other on the lab network, where chains are kept', async () => {
    const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
    const startKept = () => startNode(['--port', '0', '--data-dir', temporaryFolder()], env);
    const [a, b] = [await startKept(), await startKept()];
    await Promise.all([a.api.untilPeers(1), b.api.untilPeers(1)]);
  });

  it('stay alone on a test network and with chains that are forgotten, though they run at once', async () => {
    const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
    const kept = ['--port', '0', '--network', 'regtest', '--data-dir', temporaryFolder()];
    const nodes = [await start(env), await start(env), await startNode(kept, env)];
    nodes.push(await startNode(['--port', '0', '--ephemeral'], env));
    // One that looks for others finds those that can be found before it says that it listens.
    const seeker = await start(env, '--discovery');
    const found = await start(env, '--discovery');
    await Promise.all([seeker.api.untilPeers(1), found.api.untilPeers(1)]);
    for (const node of nodes) expect(await node.api.query('{ peers { url } }')).toEqual({ peers: [] });
  });
});

describe('two nodes that are asked to look for others', () => {
  it('find each other, and tell each other of transactions and blocks', async () => {
    const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
    const a = await start(env, '--discovery');
    const b = await start(env, '--discovery');
    const found = Promise.all([a.api.untilPeers(1), b.api.untilPeers(1)]);
    await measured('found each other', found);

    const { ready, seen } = seesTransaction(b);
    await ready;
    const sent = send(a);
    const spread = Promise.all([sent, seen]);
    await measured('sent, and pending on the other node', spread);
    const id = await sent;
    expect(await b.api.query(STATUS, { id })).toEqual({ transaction: { status: 'PENDING' } });

    const [hash = ''] = await mine(b, 1);
    await measured('block on the other node', a.api.untilTip(hash));
    expect(await a.api.query(STATUS, { id })).toEqual({ transaction: { status: 'CONFIRMED' } });
  });
});

describe('a node for integration tests', () => {
  it('does transaction, mine, assert; and 100 blocks in one call', async () => {
    const node = await start({ FORKLORE_RUNTIME_DIR: temporaryFolder() }, '--no-discovery');
    const id = await send(node);
    await mine(node, 1);
    expect(await node.api.query(STATUS, { id })).toEqual({ transaction: { status: 'CONFIRMED' } });
    const { account } = await node.api.query('{ account(address: "Bob") { balance } }');
    expect(account).toEqual({ balance: '1010' });
    let hashes: string[] = [];
    const mining = mine(node, 100).then((mined) => {
      hashes = mined;
    });
    await measured('mine(count: 100)', mining);
    expect(new Set(hashes).size).toBe(100);
    expect(await node.api.height()).toBe(101);
    expect(await node.api.tip()).toBe(hashes.at(-1));
  });
});

// A partition of six nodes, healed by one connection:
//
//   g ── a1 ── a2               (a0, a1, a2 stand here; 2 blocks)
//    └── b1 ── b2 ── b3         (b0, b1, b2 stand here; 3 blocks: the most work)
describe('two partitioned groups of three nodes', () => {
  it('agree on the branch with the most work once connected, and tell exactly what was disconnected', async () => {
    const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
    const group = async (): Promise<[NodeProcess, NodeProcess, NodeProcess]> => {
      const first = await start(env, '--no-discovery');
      const second = await start(env, '--no-discovery', '--peer', first.url);
      const third = await start(env, '--no-discovery', '--peer', first.url, '--peer', second.url);
      await Promise.all([first, second, third].map((node) => node.api.untilPeers(2)));
      return [first, second, third];
    };
    const [a, b] = await Promise.all([group(), group()]);
    const genesis = await a[0].api.tip();
    const lost = await send(a[1]);
    await a[0].api.until(
      'subscription { mempoolChanged { size } }',
      () => a[0].api.query(STATUS, { id: lost }),
      ({ transaction }) => transaction?.status === 'PENDING',
    );
    const [losing, winning] = await Promise.all([mine(a[0], 2), mine(b[0], 3)]);
    const [losingTip = '', winningTip = ''] = [losing.at(-1), winning.at(-1)];
    await Promise.all(a.map((node) => node.api.untilTip(losingTip)));
    await Promise.all(b.map((node) => node.api.untilTip(winningTip)));

    const connected = await a[2].api.query(CONNECT, { url: b[2].url });
    expect(connected.connectPeer.__typename).toBe('PeerConnected');
    const healed = Promise.all([...a, ...b].map((node) => node.api.untilTip(winningTip)));
    await measured('healed', healed);

    const reorgs = async (node: NodeProcess) =>
      (await node.api.query(REORGS)).events.filter((event: object) => 'reorg' in event);
    for (const node of a) {
      expect(await reorgs(node)).toEqual([
        {
          reorg: {
            commonAncestor: genesis,
            disconnected: losing.toReversed(),
            connected: winning,
            returnedToMempool: [lost],
            dropped: [],
            depth: 2,
          },
        },
      ]);
      expect(await node.api.query(STATUS, { id: lost })).toEqual({ transaction: { status: 'PENDING' } });
    }
    for (const node of b) expect(await reorgs(node)).toEqual([]);
  });
});

describe('a node that catches up', () => {
  it(`fetches ${SYNC_BLOCKS} blocks from a peer, and answers all the while`, {
    timeout: SYNC_LIMIT_MS,
  }, async () => {
    const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
    const source = await start(env, '--no-discovery');
    const mineAll = async () => {
      for (let left = SYNC_BLOCKS; left > 0; left -= BLOCKS_PER_CALL)
        await mine(source, Math.min(left, BLOCKS_PER_CALL));
    };
    await measured(`mined ${SYNC_BLOCKS} blocks`, mineAll());
    const late = await start(env, '--no-discovery', '--peer', source.url);
    const answersMs: number[] = [];
    const catchUp = async () => {
      for (let height = 0; height < SYNC_BLOCKS; ) {
        const askedMs = performance.now();
        height = await late.api.height();
        answersMs.push(performance.now() - askedMs);
      }
    };
    await measured(`caught up ${SYNC_BLOCKS} blocks`, catchUp());
    const worstMs = Math.max(...answersMs);
    console.info(`worst of ${answersMs.length} answers meanwhile: ${worstMs.toFixed(0)} ms`);
    // It answered between one batch of blocks and the next, and not only at the end.
    expect(answersMs.length).toBeGreaterThan(1);
    expect(await late.api.tip()).toBe(await source.api.tip());
  });
});
