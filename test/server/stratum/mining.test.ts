import { afterEach, beforeEach, expect, it } from 'vitest';
import { bitsToTarget } from '../../../consensus/target.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { type StratumAnswer, StratumClient, type StratumJob } from '../../../testing/stratum-client.ts';

const VIEW = `{ miner { working stratum {
  listens connections hashrate blocks shares { accepted stale refused }
  miners { user address program difficulty hashrate blocks shares { accepted stale refused } }
} } }`;
const TAKE_SNAPSHOT = 'mutation { takeSnapshot { ... on SnapshotTaken { snapshot { id } } } }';
const BALANCE = 'query ($address: String!) { account(address: $address) { balance } }';

let live: LiveNode;
let address: string;
const clients: StratumClient[] = [];

beforeEach(async () => {
  live = await startLiveNode({ stratum: { host: '127.0.0.1', port: 0 } });
  address = (await live.api.query(VIEW)).miner.stratum.listens;
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await live.stop();
});

async function mining(user: string): Promise<StratumClient> {
  const client = await StratumClient.mining(address, user);
  clients.push(client);
  return client;
}

/** Finds a block for a job and submits it. */
function mineBlock(client: StratumClient, job: StratumJob, versionBits?: string): Promise<StratumAnswer> {
  const target = bitsToTarget(Number.parseInt(job.bits, 16));
  const rolled = versionBits === undefined ? {} : { versionBits };
  return client.submit(job, client.solve(job, { holds: (value) => value <= target, ...rolled }));
}

async function balanceOf(name: string): Promise<string> {
  const { account } = await live.api.query(BALANCE, { address: name });
  return account.balance;
}

it('mines block after block, each paid to whom the program names', async () => {
  const alice = await mining('Alice.rig-1');
  expect(live.node.stratumListens).toBe(address);
  let job = await alice.job();
  for (let height = 1; height <= 3; height++) {
    expect(await mineBlock(alice, job)).toEqual({ result: true, error: null });
    const { prevHash } = job;
    job = await alice.jobWhere((other) => other.prevHash !== prevHash);
    expect(job.clean).toBe(true);
    expect(live.node.core.chain.tip.record).toMatchObject({ height, firstSeenFrom: 'self' });
  }
  expect(await balanceOf('Alice')).toBe('1150');
});

it('mines what is pending, and the time and version that the program chose', async () => {
  const bob = await mining('Bob');
  await bob.call('mining.configure', [['version-rolling'], { 'version-rolling.mask': '1fffe000' }]);
  for (const from of ['Carol', 'Dave', 'Erin'])
    await live.api.query(
      'mutation ($from: String!) { sendFromDevAccount(from: $from, to: "Alice", amount: "1") { __typename } }',
      { from },
    );
  const job = await bob.jobWhere(({ branch }) => branch.length === 2);
  expect(job.clean).toBe(false);
  expect((await mineBlock(bob, job, '00abc000')).result).toBe(true);
  await bob.jobWhere(({ prevHash }) => prevHash !== job.prevHash);
  const { record } = live.node.core.chain.tip;
  expect(record.header.version).toBe(0x20abc000);
  expect(live.node.core.mempool.size).toBe(0);
  expect(await balanceOf('Alice')).toBe('1003');
});

it('gives a job of the same tip that was renewed its block', async () => {
  const alice = await mining('Alice');
  const old = await alice.job();
  await live.api.query('mutation { sendFromDevAccount(from: "Carol", to: "Dave", amount: "1") { __typename } }');
  await alice.jobWhere(({ branch }) => branch.length === 1);
  expect((await mineBlock(alice, old)).result).toBe(true);
  await alice.jobWhere(({ prevHash }) => prevHash !== old.prevHash);
  expect(live.node.core.chain.tip.record.height).toBe(1);
  expect(live.node.core.mempool.size).toBe(1);
});

it('tells a program that its job is stale when another block has come', async () => {
  const alice = await mining('Alice');
  const job = await alice.job();
  await live.api.query('mutation { mine { __typename } }');
  await alice.jobWhere(({ prevHash }) => prevHash !== job.prevHash);
  expect((await mineBlock(alice, job)).error).toEqual([21, 'job not found', null]);
  expect(live.node.core.chain.tip.record.height).toBe(1);
});

it('gives each recipient a template of its own, and each program another search', async () => {
  const [one, two, other] = [await mining('Alice.one'), await mining('Alice.two'), await mining('Bob')];
  const jobs = await Promise.all([one.job(), two.job(), other.job()]);
  expect(jobs[0]).toEqual(jobs[1]);
  expect(jobs[2]?.coinbase1).not.toBe(jobs[0]?.coinbase1);
  const share = { extraNonce2: '00000000', time: jobs[0]?.time ?? '', nonce: '00000000' };
  expect(one.headerOf(jobs[0] as StratumJob, share)).not.toEqual(two.headerOf(jobs[0] as StratumJob, share));
});

it('shows programs, shares and blocks in the API and in the metrics', async () => {
  const alice = await mining('Alice.rig');
  const job = await alice.job();
  await mineBlock(alice, job);
  await alice.submit(job, { extraNonce2: '00000000', time: job.time, nonce: '00000000' });
  const shares = { accepted: 1, stale: 1, refused: 0 };
  const { miner } = await live.api.query(VIEW);
  const { address: recipient } = (await live.api.query('{ account(address: "Alice") { address } }')).account;
  const miners = [{ user: 'Alice.rig', address: recipient, program: 'test/1.0', blocks: 1, shares }];
  expect(miner).toMatchObject({
    working: false,
    stratum: { listens: address, connections: 1, blocks: 1, shares, miners },
  });
  expect(miner.stratum.hashrate).toBeGreaterThan(0);
  const metrics = await (await fetch(`${live.url}/metrics`)).text();
  expect(metrics).toContain('\nforklore_stratum_miners 1\n');
  expect(metrics).toContain('\nforklore_stratum_shares_total{answer="stale"} 1\n');
  expect(metrics).toContain('\nforklore_stratum_blocks_total 1\n');
});

it('goes on for a node that went back to a snapshot', async () => {
  const alice = await mining('Alice');
  const { takeSnapshot } = await live.api.query(TAKE_SNAPSHOT);
  const first = await alice.job();
  await mineBlock(alice, first);
  const second = await alice.jobWhere(({ prevHash }) => prevHash !== first.prevHash);
  await live.api.query('mutation ($id: ID!) { revertToSnapshot(id: $id) { __typename } }', {
    id: takeSnapshot.snapshot.id,
  });
  const again = await alice.jobWhere(({ prevHash }) => prevHash === first.prevHash);
  expect([first.id, second.id]).not.toContain(again.id);
  expect((await mineBlock(alice, second)).error?.[0]).toBe(21);
  expect((await mineBlock(alice, again)).result).toBe(true);
  await alice.jobWhere(({ prevHash }) => prevHash !== first.prevHash);
  expect(live.node.core.chain.tip.record.height).toBe(1);
});

it('is null in the API of a node where no program can connect', async () => {
  const other = await startLiveNode();
  try {
    expect(await other.api.query('{ miner { stratum { listens } } }')).toEqual({ miner: { stratum: null } });
  } finally {
    await other.stop();
  }
});
