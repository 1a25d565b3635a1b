import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB } from '../../consensus/networks.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { forklore } from './stub-node.ts';

let node: LiveNode;
beforeAll(async () => {
  node = await startLiveNode();
});
afterAll(async () => {
  await node.stop();
});

const onNode = (...args: string[]) => forklore([...args, '--node', node.url]);
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await onNode(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

describe('forklore tips and template', () => {
  it('show the branches, and the block that comes next', async () => {
    await json('mine', '2');
    const { hash } = await json('tip');
    await json('invalidate', '2');
    await json('mine', '2', '--to', 'Alice');
    const tips = await json('tips');
    expect(tips).toMatchObject([
      { height: 3, status: 'ACTIVE', branchLength: 0 },
      { height: 2, hash, status: 'INVALID', branchLength: 1 },
    ]);
    const { stdout } = await onNode('tips');
    expect(stdout).toMatch(/^height {2}hash +status +branch +total work\n/);
    expect(stdout).toMatch(new RegExp(`^ +2 {2}${hash} {2}invalid +1 +\\d+$`, 'm'));
    const { id } = await json('send', 'Alice', 'Bob', '1');
    expect(await json('template')).toMatchObject({ height: 4, prevHash: tips[0].hash, transactions: [{ id }] });
    expect((await onNode('template')).stdout).toMatch(/^height {8}4\nparent {8}[0-9a-f]{64}\n/);
  });
});

describe('forklore mine with chosen transactions and a chosen parent', () => {
  it('puts exactly these into the first block, in their order', async () => {
    const a = await json('send', 'Dave', 'Bob', '1');
    const b = await json('send', 'Erin', 'Bob', '1');
    const c = await json('send', 'Frank', 'Bob', '1');
    expect(await json('mine', '2', '--tx', c.id.toUpperCase(), a.id)).toMatchObject([
      { transactionCount: 3 },
      { transactionCount: 1 },
    ]);
    const [empty] = await json('mine', '--empty');
    expect(empty).toMatchObject({ transactionCount: 1 });
    expect(await json('tx', b.id)).toMatchObject({ status: 'PENDING' });
  });

  it('makes a branch in one call', async () => {
    const { height, hash } = await json('tip');
    const branch = await json('mine', '3', '--on', String(height - 2), '--empty');
    expect(branch.map((block: { height: number }) => block.height)).toEqual([height - 1, height, height + 1]);
    expect(await json('tip')).toMatchObject({ hash: branch[2].hash });
    expect(await json('block', hash)).toMatchObject({ canonical: false });
  });

  it.each([
    [['--tx', 'x'], 2, '--tx must be transaction ids (64 hex digits), not "x"'],
    [['--empty', '--tx', 'ab'.repeat(32)], 2, '--tx and --empty exclude each other: give one of them'],
    [['--on', 'x'], 2, '--on must be a block hash (64 hex digits) or a height, not "x"'],
    [['--on', '999999'], 1, 'the node knows no block at height 999999'],
  ])('refuses %j', async (args, code, message) => {
    expect(await onNode('mine', ...args)).toEqual({ code, stdout: '', stderr: `error: ${message}\n` });
  });

  it('hands on why the node refuses', async () => {
    const { code, stderr } = await onNode('mine', '--tx', 'ab'.repeat(32));
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nerror: mining failed: .* \(unknown-transaction\)\n$/);
  });
});

describe('forklore drop', () => {
  it('takes a transaction out of the mempool', async () => {
    const { id } = await json('send', 'Carol', 'Bob', '1');
    expect(await onNode('drop', id.toUpperCase())).toEqual({ code: 0, stdout: `dropped ${id}\n`, stderr: '' });
    expect(await json('tx', id)).toMatchObject({ status: 'DROPPED' });
    expect(await onNode('drop', id)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: cannot drop the transaction: .* \(unknown-transaction\)\n$/),
    });
    expect(await onNode('drop', 'x')).toMatchObject({ code: 2, stderr: expect.stringContaining('ID must be a') });
  });
});

describe('forklore snapshot', () => {
  it('goes back to what was, as often as one likes', async () => {
    const before = await json('tip');
    const taken = await onNode('snapshot', 'take');
    const id = taken.stdout.trim();
    expect(taken).toEqual({ code: 0, stdout: `${id}\n`, stderr: '' });
    for (let count = 0; count < 2; count++) {
      await json('mine', '2');
      expect(await onNode('snapshot', 'revert', id)).toEqual({
        code: 0,
        stdout: `back to snapshot ${id}; the tip is at height ${before.height}, ${before.hash}\n`,
        stderr: '',
      });
      expect(await json('tip')).toMatchObject({ hash: before.hash });
    }
    expect(await json('snapshot', 'list')).toMatchObject([{ id, height: before.height, tipHash: before.hash }]);
    expect((await onNode('snapshot', 'list')).stdout).toMatch(/^id +taken +height +tip +bytes\n/);
  });

  it('forgets a snapshot', async () => {
    const { id } = await json('snapshot', 'take');
    expect(await onNode('snapshot', 'drop', id)).toEqual({ code: 0, stdout: `dropped snapshot ${id}\n`, stderr: '' });
    expect(await onNode('snapshot', 'drop', id)).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: cannot drop snapshot ${id}: this node keeps no snapshot of this id (unknown-snapshot)\n`,
    });
  });

  it('knows a snapshot by the beginning or end of its id, and the latest one', async () => {
    const { id: first } = await json('snapshot', 'take');
    const { id: second } = await json('snapshot', 'take');
    const others = (await json('snapshot', 'list'))
      .map(({ id }: { id: string }) => id)
      .filter((id: string) => id !== first);
    /** The shortest part of the id that no other has. */
    const part = (cut: (length: number) => string, has: (id: string, text: string) => boolean) => {
      let length = 1;
      while (others.some((id: string) => has(id, cut(length)))) length++;
      return cut(length);
    };
    const has = (id: string, text: string) => id.startsWith(text) || id.endsWith(text);
    const parts = [part((length) => first.slice(0, length), has), part((length) => first.slice(-length), has)];
    for (const text of parts) expect(await json('snapshot', 'revert', text)).toMatchObject({ id: first });
    expect(await json('snapshot', 'revert', 'latest')).toMatchObject({ id: second });
    expect(await onNode('snapshot', 'revert', '')).toMatchObject({
      code: 2,
      stderr: `error: ID "" is the beginning or end of ${others.length + 1} snapshots: give more of it\n`,
    });
    for (const id of [first, second]) expect(await json('snapshot', 'drop', id)).toEqual({ id });
  });

  it('hands on why the node refuses', async () => {
    expect(await onNode('snapshot', 'revert', 'nothing')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: cannot go back to snapshot nothing: .* \(unknown-snapshot\)\n$/),
    });
  });
});

describe('forklore snapshot save and load', () => {
  let other: LiveNode;
  let folder: string;
  beforeAll(async () => {
    other = await startLiveNode();
    folder = mkdtempSync(join(tmpdir(), 'forklore-state-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await other.stop();
  });

  it('keep the state of several nodes in one file', async () => {
    const file = join(folder, 'both.state');
    const kept = await json('snapshot', 'list');
    const both = ['--node', node.url, '--node', other.url];
    const tips = [await json('tip'), { height: 0, hash: expect.any(String) }];
    const saved = await forklore(['snapshot', 'save', file, ...both]);
    expect(saved).toEqual({ code: 0, stdout: `${file}: 2 nodes, at height ${tips[0].height}, 0\n`, stderr: '' });
    await json('mine', '2');
    await forklore(['mine', '--node', other.url]);
    const { code, stdout, stderr } = await forklore(['snapshot', 'load', file, ...both, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject([
      { url: node.url, tip: { height: tips[0].height, hash: tips[0].hash } },
      { url: other.url, tip: { height: 0 } },
    ]);
    expect(await json('tip')).toMatchObject({ hash: tips[0].hash });
    // The nodes do not keep what was only carried to them.
    expect(await json('snapshot', 'list')).toEqual(kept);
    // Over a file that exists only on request.
    const again = await forklore(['snapshot', 'save', file, ...both]);
    expect(again).toMatchObject({
      code: 1,
      stderr: `error: FILE ${file}: it cannot be written (it exists already); nothing was overwritten; --overwrite replaces it\n`,
    });
    const replaced = await forklore(['snapshot', 'save', file, '--overwrite', ...both]);
    expect(replaced).toEqual({ code: 0, stdout: `${file}: 2 nodes, at height ${tips[0].height}, 0\n`, stderr: '' });
    expect(readdirSync(folder)).toEqual(['both.state']);
    expect(await onNode('snapshot', 'load', file)).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: FILE ${file} holds 2 nodes: name as many by --node, in the order of the file\n`,
    });
  });

  it('say what is wrong with a file', async () => {
    const file = join(folder, 'other.state');
    writeFileSync(file, 'something else');
    expect(await onNode('snapshot', 'load', file)).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: FILE ${file}: it is not a state file of Forklore\n`,
    });
    for (const [path, why] of [
      [join(folder, 'none'), 'no such file or folder'],
      [folder, 'it is a folder'],
      // It has no end.
      ['/dev/zero', 'it is not an ordinary file'],
    ] as const) {
      if (path.startsWith('/dev/') && process.platform === 'win32') continue;
      expect(await onNode('snapshot', 'load', path)).toEqual({
        code: 2,
        stdout: '',
        stderr: `error: FILE ${path}: it cannot be read: ${why}\n`,
      });
    }
  });
});

describe('forklore time', () => {
  it('shows the clock of the node, moves it, and sets the time of the next block', async () => {
    const { now } = await json('time');
    const later = await json('time', '--increase', '1h');
    expect(Date.parse(later.now) - Date.parse(now)).toBeGreaterThanOrEqual(3_600_000);
    expect((await onNode('time')).stdout).toMatch(/^clock of the node {2}\S+ \((1 h|59 min \d+ s) ahead\)\n$/);
    expect((await json('time', '--set', '2040-01-01')).now).toMatch(/^2040-01-01T00:/);
    await json('time', '--next-block', '2040-06-01T12:00:00+02:00');
    await json('mine');
    expect(await json('tip')).toMatchObject({ time: '2040-06-01T10:00:00.000Z' });
    expect(await onNode('time', '--next-block', '2026-01-01T00:00:01Z')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: cannot change the time: .* \(time-too-old\)\n$/),
    });
  });

  it.each([
    [
      ['--increase', '1 h'],
      '--increase must be seconds, or a number with s, m, h or d such as 90, 10m or 1h, not "1 h"',
    ],
    [
      ['--increase', '9999999d'],
      '--increase must be seconds, or a number with s, m, h or d such as 90, 10m or 1h, not "9999999d"',
    ],
    [
      ['--set', '2030-01-01T12:00'],
      '--set must be a time such as 2030-01-01 or 2030-01-01T12:00:00Z, not "2030-01-01T12:00"',
    ],
    [
      ['--next-block', '2030-13-01'],
      '--next-block must be a time such as 2030-01-01 or 2030-01-01T12:00:00Z, not "2030-13-01"',
    ],
    [
      ['--increase', '1', '--set', '2030-01-01'],
      '--increase, --set and --next-block exclude each other: give one of them',
    ],
  ])('refuses %j', async (args, message) => {
    expect(await onNode('time', ...args)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  });
});

it('says that a network has no development controls', async () => {
  const lab = await startLiveNode({ network: LAB });
  for (const args of [
    ['snapshot', 'take'],
    ['time', '--increase', '1'],
    ['drop', 'ab'.repeat(32)],
  ]) {
    const { code, stderr } = await forklore([...args, '--node', lab.url]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^error: cannot .* \(controls-off\)\n$/),
    });
  }
  await lab.stop();
});
