import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startNode } from 'forklore';
import { parseCoins } from 'forklore/client';

let node;
before(async () => {
  node = await startNode();
});
after(() => node.stop());

test('a payment is confirmed by the next block', async () => {
  const { id } = await node.client.send({ from: node.accounts[0], to: 'Bob', amount: parseCoins('1.5') });
  await node.client.mine();
  const { status } = await node.client.waitForTransaction(id);
  assert.equal(status, 'CONFIRMED');
});

test('the node goes back to a snapshot', async () => {
  const { height } = await node.client.tip();
  const id = await node.snapshot();
  await node.client.mine({ count: 3 });
  await node.revert(id);
  assert.equal((await node.client.tip()).height, height);
});
