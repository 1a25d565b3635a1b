import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startNode } from 'forklore';

let node;
before(async () => {
  node = await startNode();
});
after(() => node.stop());

test('a block starts where the chain stands', async () => {
  await node.client.mine({ count: 3 });
  const { height } = await node.client.tip();
  assert.equal(height, 3);
});
