import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { type CliResult, forklore } from './stub-node.ts';

const VOTE = fileURLToPath(new URL('../../examples/contracts/vote/vote.ts', import.meta.url));

let live: LiveNode;
let client: NodeClient;
let vote: string;

beforeAll(async () => {
  live = await startLiveNode();
  client = connectNode({ url: live.url });
  const deploy = ['deploy', VOTE, '"lunch?"', '["noodles", "rice"]', '1000', '--from', 'Alice', '--json'];
  vote = JSON.parse((await run(...deploy)).stdout).contract;
  await client.mine();
});

afterAll(() => live.stop());

function run(...args: readonly string[]): Promise<CliResult> {
  return forklore(['contract', ...args, '--node', live.url]);
}

/** Rows without their headings, cells apart. */
const cellsOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/ {2,}/));

describe('forklore contract trace', () => {
  it('shows the steps of a call, with the lines of the source, slots and gas', async () => {
    const { id } = await client.call({ from: 'Bob', contract: vote, method: 'vote', arguments: [1] });
    await client.mine();
    const { code, stdout, stderr } = await run('trace', id);
    const receipt = (await client.transaction(id))?.receipt;
    expect(code).toBe(0);
    expect(cellsOf(stdout).map(([step, method, line, source]) => [step, method, line, source])).toEqual([
      ['0', 'vote', '20', "require(chain.height <= this.closesAt, 'the vote is closed');"],
      ['1', 'vote', '21', "require(option >= 0 && option < this.options.length, 'no such option');"],
      ['2', 'vote', '22', "require(!this.voted.get(chain.caller), 'this account has voted');"],
      ['3', 'vote', '23', 'this.voted.set(chain.caller, true);'],
      ['4', 'vote', '24', 'this.votes.set(option, this.votes.get(option) + 1);'],
      ['5', 'vote', '25', "chain.emit('Voted', chain.caller, this.options[option]);"],
    ]);
    expect(cellsOf(stdout)[4]).toContain('reads votes[1]: nothing, writes votes[1]: 1');
    expect(stderr).toMatch(/^before the first step: \d+ gas/);
    expect(stderr).toContain(`gas used: ${receipt?.gasUsed}`);
    const { steps, ...rest } = JSON.parse((await run('trace', id, '--json')).stdout);
    expect(rest).toMatchObject({ total: 6, complete: true, gasUsed: receipt?.gasUsed, error: null });
    expect(steps[4]).toMatchObject({ line: 24, locals: [{ name: 'option', valueJson: '1' }] });
  });

  it('shows what a method would do, page by page, and fails where that fails', async () => {
    const { code, stdout } = await run('trace', vote, 'result');
    expect(code).toBe(0);
    expect(stdout).toContain('lines = ["noodles: 0","rice: 1"]');
    const failing = await run('trace', vote, 'vote', '9', '--from', 'Carol');
    expect(failing.code).toBe(1);
    expect(cellsOf(failing.stdout).at(-1)?.slice(0, 3)).toEqual(['1', 'vote', '21']);
    expect(failing.stderr).toMatch(/failed: no such option \(line 21, .*not checked by the network/);
    const whole = await client.simulateCall({ contract: vote, method: 'result', trace: {} });
    const second = await client.simulateCall({ contract: vote, method: 'result', trace: { from: 2, first: 2 } });
    expect(second.trace?.steps).toEqual(whole.trace?.steps.slice(2, 4));
  });

  it('says what is wrong with what was typed', async () => {
    expect(await run('trace', 'nonsense')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"nonsense" is no id'),
    });
    const unknown = await run('trace', 'ab'.repeat(32));
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('is no deploy or call in a block') });
    await expect(client.transactionTrace('ab')).rejects.toMatchObject({ kind: 'bad-argument' });
    const bad = client.simulateCall({ contract: vote, method: 'result', trace: { first: -1 } });
    await expect(bad).rejects.toMatchObject({ kind: 'bad-argument' });
  });
});
