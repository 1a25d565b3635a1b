import { parseCoins } from 'forklore/client';
import { networkTest, test } from 'forklore/vitest';
import { expect } from 'vitest';

test('a payment is confirmed by the next block', async ({ node }) => {
  const { id } = await node.client.send({ from: node.accounts[0], to: 'Bob', amount: parseCoins('1.5') });
  await node.client.mine();
  const { status } = await node.client.waitForTransaction(id);
  expect(status).toBe('CONFIRMED');
});

test('the next test begins where the node was at its start', async ({ node }) => {
  const { height } = await node.client.tip();
  expect(height).toBe(0);
});

const inLine = networkTest({ nodes: 3, topology: 'line' });

inLine('a partition that is healed ends with one chain', async ({ network }) => {
  const [first, , last] = network.nodes;
  await network.partition([[0, 1], [2]]);
  await first?.client.mine({ count: 1 });
  await last?.client.mine({ count: 2 });
  await network.heal();
  const { height } = await network.agree();
  expect(height).toBe(2);
});
