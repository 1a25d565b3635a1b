import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COIN } from '../../../consensus/amount.ts';
import { developmentAccountByName } from '../../../consensus/development-accounts.ts';
import { bitsToTarget } from '../../../consensus/target.ts';
import { eventually } from '../../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { StratumClient, type StratumJob } from '../../../testing/stratum-client.ts';

const PLACE = { host: '127.0.0.1', port: 0 };

let live: LiveNode;
let address: string;
const clients: StratumClient[] = [];

beforeEach(async () => {
  live = await startLiveNode({ stratum: PLACE });
  address = (await live.api.query('{ miner { stratum { listens } } }')).miner.stratum.listens;
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

function isBlock({ bits }: StratumJob): (value: bigint) => boolean {
  const target = bitsToTarget(Number.parseInt(bits, 16));
  return (value) => value <= target;
}

describe('a mining program', () => {
  it('mines blocks that pay who it names', async () => {
    const alice = await mining('Alice.rig-1');
    const job = await alice.job();
    expect(await alice.submit(job, alice.solve(job, { holds: isBlock(job) }))).toEqual({ result: true, error: null });
    const next = await alice.jobWhere(({ prevHash }) => prevHash !== job.prevHash);
    expect(next.clean).toBe(true);
    const { tip } = live.node.core.chain;
    expect(tip.record.height).toBe(1);
    expect(tip.record.firstSeenFrom).toBe('self');
  });
});
void [eventually, COIN, developmentAccountByName];
