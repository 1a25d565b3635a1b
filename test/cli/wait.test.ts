import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../testing/free-ports.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { forklore } from './stub-node.ts';

let a: LiveNode;
let b: LiveNode;
beforeAll(async () => {
  [a, b] = await Promise.all([startLiveNode(), startLiveNode()]);
});
afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
});

const onA = (...args: string[]) => forklore([...args, '--node', a.url]);
const json = async (...args: string[]) => JSON.parse((await onA(...args, '--json')).stdout);

describe('forklore wait', () => {
  it('returns when the tip is at a height, also where it was already', async () => {
    const { height } = await json('tip');
    const waiting = json('wait', '--height', String(height + 2));
    await onA('mine', '2');
    const tip = await json('tip');
    expect(await waiting).toEqual({ height: height + 2, hash: tip.hash });
    expect(await onA('wait', '--height', '0')).toEqual({
      code: 0,
      stdout: `the tip is at height ${tip.height}, ${tip.hash}\n`,
      stderr: '',
    });
  });

  it('returns when a transaction has so many confirmations', async () => {
    const { id } = await json('send', 'Alice', 'Bob', '1');
    const once = onA('wait', '--tx', id.toUpperCase());
    const thrice = json('wait', '--tx', id, '--confirmations', '3');
    const [block] = await json('mine');
    expect(await once).toEqual({
      code: 0,
      stdout: `confirmed once in block ${block.hash} at height ${block.height}\n`,
      stderr: '',
    });
    await onA('mine', '2');
    expect(await thrice).toEqual({ id, block: { hash: block.hash, height: block.height }, confirmations: 3 });
  });

  it('returns when the node has peers', async () => {
    const waiting = onA('wait', '--peers', '1');
    await onA('connect', b.url);
    expect(await waiting).toEqual({ code: 0, stdout: '1 peer connected\n', stderr: '' });
  });

  it.each([
    [['--height', '1000000'], 'the tip did not reach height 1000000 within 0.01 s: '],
    [['--peers', '9'], 'the node did not get 9 peers within 0.01 s: '],
    [['--tx', 'ab'.repeat(32)], `transaction ${'ab'.repeat(32)} did not get 1 confirmation within 0.01 s: `],
  ])('gives up at the time limit: %j', async (args, message) => {
    const result = await onA('wait', ...args, '--timeout', '0.01');
    expect(result).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(`error: ${message}`) });
  });

  it.each([
    [[], 'give one of --height NUMBER, --tx ID and --peers NUMBER'],
    [['--height', '1', '--peers', '1'], 'give one of --height NUMBER, --tx ID and --peers NUMBER'],
    [['--height', '1', '--confirmations', '1'], '--confirmations goes with --tx ID'],
    [['--tx', 'xy'], '--tx must be a transaction id (64 hex digits), not "xy"'],
    [['--height', '1', '--timeout', 'x'], '--timeout must be a number from 0 to 86400 (seconds), not "x"'],
    [['--peers', '0'], '--peers must be a whole number from 1 to 2147483647, not "0"'],
  ])('refuses %j', async (args, message) => {
    expect(await onA('wait', ...args)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  });

  it('waits for a node that is not there yet, up to the time limit', async () => {
    const port = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const late = await forklore(['wait', '--height', '0', '--node', String(port), '--timeout', '1']);
    expect(late).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^waiting for a node at ${url}\nerror: `)),
    });
    const waiting = forklore(['wait', '--height', '0', '--node', String(port)]);
    const started = await startLiveNode({ port });
    try {
      expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringMatching(/^the tip is at height 0, /) });
    } finally {
      await started.stop();
    }
  });
});
