import { expect } from 'vitest';
import { COIN } from '../../consensus/amount.ts';
import { nodeTest } from '../../library/vitest.ts';

const test = nodeTest({ miningThreads: 1 });

// Each begins where the node was at its start, whatever the other has left behind.
for (const order of ['first', 'second']) {
  test(`the ${order} test finds the chain, the mempool and the miner as they were at the start`, async ({ node }) => {
    const { client, accounts } = node;
    expect(await client.tip()).toMatchObject({ height: 0 });
    expect(await client.mempool()).toMatchObject({ size: 0 });
    expect(await client.miner()).toMatchObject({ mode: 'OFF', hashrateLimit: null });
    const [alice] = accounts;
    if (alice === undefined) throw new Error('regtest has accounts');
    await client.mine({ count: 2 });
    await client.send({ from: alice, to: 'Bob', amount: COIN });
    await client.setMining({ mode: 'INTERVAL', intervalSeconds: 3_600, hashrateLimit: 5 });
  });
}
