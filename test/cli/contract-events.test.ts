import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { COUNTER } from '../../testing/contracts.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { type CliResult, forklore } from './stub-node.ts';

let live: LiveNode;
let client: NodeClient;
let counters: readonly string[];
beforeAll(async () => {
  live = await startLiveNode();
  client = connectNode({ url: live.url });
  const first = await client.deploy({ from: 'Alice', source: COUNTER });
  const second = await client.deploy({ from: 'Bob', source: COUNTER });
  await client.mine();
  counters = [first.contract, second.contract];
  for (const [by, contract] of counters.entries()) {
    await client.call({ from: 'Alice', contract, method: 'add', arguments: [by + 1] });
    await client.mine();
  }
});
afterAll(() => live.stop());

function events(...args: readonly string[]): Promise<CliResult> {
  return forklore(['contract', 'events', ...args, '--node', live.url]);
}

it('lists what contracts emitted, the latest last', async () => {
  const { code, stdout } = await events();
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^2 {2}\w{8}…\w{8} {2}Added\("rlore1\w+", 1\) of rlore1\w+\n3 {2}\w{8}…\w{8} {2}Added\("rlore1\w+", 2\) of rlore1\w+\n$/,
  );
  expect((await events('--limit', '1')).stdout).toMatch(/^3 {2}/);
});

it('lists those of one contract, and of one name', async () => {
  const [first = ''] = counters;
  expect((await events(first)).stdout).toMatch(/^2 {2}\w{8}…\w{8} {2}Added\("rlore1\w+", 1\)\n$/);
  expect(await events(first, '--name', 'Removed')).toMatchObject({ code: 0, stdout: '' });
  expect(await events('Alice')).toMatchObject({ code: 2, stdout: '' });
});

it('gives programs a line of JSON for each', async () => {
  const { stdout } = await events('--json', '--limit', '1');
  expect(JSON.parse(stdout)).toMatchObject({
    contract: counters[1],
    name: 'Added',
    values: [expect.stringMatching(/^rlore1/), 2],
    blockHeight: 3,
    index: 0,
    takenBack: false,
  });
});
