import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { forklore } from './stub-node.ts';

let node: LiveNode;
let other: LiveNode;
beforeAll(async () => {
  other = await startLiveNode();
  node = await startLiveNode({ peers: [other.url] });
  await node.api.untilPeers(1);
});
afterAll(async () => {
  await Promise.all([node.stop(), other.stop()]);
});

const onNode = (...args: string[]) => forklore([...args, '--node', node.url]);
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await onNode(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

describe('forklore weather', () => {
  it('sets conditions for a peer by its id, its URL or its port, shows them and ends them', async () => {
    const [{ id }] = await json('peers');
    const port = new URL(other.url).port;
    expect(await json('weather', 'set', id, '--delay', '20', '--loss', '0.001')).toEqual({
      url: other.url,
      conditions: { delayMs: [20, 20], bytesPerSecond: null, loss: 0.001, cut: false },
    });
    expect((await onNode('weather', 'set', port, '--delay', '1..3', '--bytes-per-second', '50000')).stdout).toBe(
      `messages to ${other.url} from now on: delay 1..3 ms, 50000 bytes/s\n`,
    );
    const conditions = { delayMs: [1, 3], bytesPerSecond: 50_000, loss: 0, cut: false };
    expect(await json('weather', 'show')).toEqual([{ url: other.url, conditions }]);
    expect(await json('peers')).toMatchObject([{ linkConditions: conditions }]);
    const mark = ` WEATHER  messages from this node:\nto  `;
    expect((await onNode('peers')).stdout).toContain(mark);
    expect((await onNode('weather', 'show')).stdout).toContain(mark);
    expect(await json('weather', 'clear', other.url)).toEqual({ urls: [other.url] });
    expect((await onNode('weather', 'show')).stdout).toBe('no link of this node has conditions\n');
    expect((await onNode('weather', 'clear')).stdout).toBe('no conditions were set\n');
    expect((await onNode('peers')).stdout).not.toContain('WEATHER');
  });

  it('takes conditions for a peer that is not there yet, and says so', async () => {
    const { code, stdout } = await onNode('weather', 'set', '5009', '--cut');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'messages to http://127.0.0.1:5009 from now on: cut\n' +
        'no peer is connected there now: the conditions are for one that may come\n',
    });
    expect(await json('weather', 'clear', '5009')).toEqual({ urls: ['http://127.0.0.1:5009'] });
  });

  it('cuts a node off, which is shown although it is no peer any more', async () => {
    expect((await onNode('weather', 'set', other.url, '--cut')).stdout).toBe(
      `messages to ${other.url} from now on: cut\n`,
    );
    await eventually(async () => expect(await json('peers')).toEqual([]));
    expect((await onNode('peers')).stdout).toContain(`${other.url}  cut`);
    expect((await onNode('weather', 'clear')).stdout).toBe(`cleared: ${other.url}\n`);
    await node.api.untilPeers(1);
  });

  it.each([
    [['5001'], 'give one of --delay, --bytes-per-second, --loss and --cut; forklore weather clear ends all'],
    [['5001', '--delay', '1..2..3'], '--delay must be milliseconds such as 200 or 50..200, not "1..2..3"'],
    [['5001', '--delay', '-1'], '--delay must be milliseconds such as 200 or 50..200, not "-1"'],
    [['5001', '--bytes-per-second', '0'], '--bytes-per-second must be a whole number such as 20000, not "0"'],
    [['5001', '--loss', '2'], '--loss must be a probability from 0 to 1 such as 0.01, not "2"'],
    [
      ['5001', '--delay', '9..3'],
      'conditions: delayMs: must be two whole numbers from 0 to 60000, the smaller one first',
    ],
    [['http://x', '--cut'], 'PEER http://x: the port is missing; use http://host:port'],
  ])('says of %j what is wrong', async (args, message) => {
    const { code, stdout, stderr } = await onNode('weather', 'set', ...args);
    expect(stdout).toBe('');
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
