import { startNode } from 'forklore';
import { parseCoins } from 'forklore/client';

/** Jest's own limit of five seconds is short for a busy machine. */
const START_LIMIT_MS = 30_000;

let node;
beforeAll(async () => {
  node = await startNode();
}, START_LIMIT_MS);
afterAll(() => node.stop());

test('a payment is confirmed by the next block', async () => {
  const { id } = await node.client.send({ from: node.accounts[0], to: 'Bob', amount: parseCoins('1.5') });
  await node.client.mine();
  const { status } = await node.client.waitForTransaction(id);
  expect(status).toBe('CONFIRMED');
});

test('the node goes back to a snapshot', async () => {
  const { height } = await node.client.tip();
  const id = await node.snapshot();
  await node.client.mine({ count: 3 });
  await node.revert(id);
  expect((await node.client.tip()).height).toBe(height);
});
