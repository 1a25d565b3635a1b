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

/** More than a node keeps snapshots. */
const MANY = 100;
for (let index = 1; index <= MANY; index++) {
  test(`test ${index} of ${MANY} finds no snapshot of the ones before it, and takes one`, async ({ node }) => {
    expect(await node.client.snapshots()).toHaveLength(1);
    await node.snapshot();
  });
}
