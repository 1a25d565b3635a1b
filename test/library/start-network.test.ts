import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeError } from '../../library/node-error.ts';
import { startNetwork } from '../../library/start-network.ts';
import type { RunningNetwork } from '../../library/types.ts';

// One network for the file: a thread that runs sources takes seconds to start.
let network: RunningNetwork;
/** A thread that runs sources compiles them first; of many at once, each takes its time. */
const timeoutMs = 150_000;
const at = (index: number) => network.nodes[index]!;
const heights = () => Promise.all(network.nodes.map(async ({ client }) => (await client.tip()).height));

beforeAll(async () => {
  network = await startNetwork({ nodes: 3, topology: 'line', timeoutMs });
});

afterAll(() => network.stop());

describe('a network', () => {
  it('has the nodes and the connections that were asked for', async () => {
    expect(network.nodes.map(({ name }) => name)).toEqual(['node-0', 'node-1', 'node-2']);
    const peers = await Promise.all(network.nodes.map(({ client }) => client.peers()));
    const urls = network.nodes.map(({ url }) => url);
    expect(peers.map((each) => each.map(({ url }) => url).sort())).toEqual([
      [urls[1]],
      [urls[0], urls[2]].sort(),
      [urls[1]],
    ]);
  });

  it('agrees on what one node mines', async () => {
    await at(0).client.mine({ count: 2 });
    const { height } = await network.agree();
    expect(await heights()).toEqual([height, height, height]);
  });

  //   node-0        (group 1):  a          ─┐
  //   node-1, node-2 (group 2):  b1 - b2    ─┴ heal: all on b2
  it('forks while it is parted, and agrees on the branch with the most work when it is healed', async () => {
    const { height } = await network.agree();
    await network.partition([[0], [1, 2]]);
    await at(0).client.mine();
    await at(1).client.mine({ count: 2 });
    await at(2).client.waitForHeight(height + 2);
    expect(await heights()).toEqual([height + 1, height + 2, height + 2]);
    await network.heal();
    expect((await network.agree()).height).toBe(height + 2);
  });

  it('connects again what somebody else has disconnected, and makes one change after the other', async () => {
    const [{ id } = { id: '' }] = await at(0).client.peers();
    await at(0).client.disconnectPeer(id);
    await network.heal();
    expect(await at(0).client.waitForPeers(1)).toHaveLength(1);
    await Promise.all([network.partition([[0], [1], [2]]), network.heal()]);
    await at(1).client.mine();
    const { height } = await network.agree();
    expect(await heights()).toEqual([height, height, height]);
  });

  it('says who stands where when it does not agree in time', async () => {
    const { height } = await network.agree();
    await network.partition([[2]]);
    await at(0).client.mine();
    await at(1).client.waitForHeight(height + 1);
    // A busy machine may have asked fewer nodes when the time is over.
    let late: unknown;
    const areAllNamed = () => network.nodes.every(({ name }) => `${late}`.includes(name));
    for (let timeoutMs = 200; !areAllNamed(); timeoutMs *= 2) {
      late = await network.agree({ timeoutMs }).catch((error: unknown) => error);
      expect(late).toBeInstanceOf(NodeError);
      expect(late).toMatchObject({
        code: 'timeout',
        message: expect.stringMatching(`^agree took longer than ${timeoutMs} ms`),
      });
    }
    expect((late as NodeError).message).toMatch(new RegExp(`node-[01], node-[01] at height ${height + 1} \\(`));
    expect((late as NodeError).message).toMatch(new RegExp(`node-2 at height ${height} \\(`));
    await network.heal();
    await network.agree();
  });

  it('is given up with its signal', async () => {
    await network.partition([[0]]);
    await at(0).client.mine();
    const giveUp = new AbortController();
    const agreed = network.agree({ signal: giveUp.signal });
    giveUp.abort();
    await expect(agreed).rejects.toMatchObject({ code: 'aborted', message: 'agree was given up' });
    await network.heal();
    await network.agree();
  });

  it.each([
    [[[0, 3]], 'partition: there is no node 3; there are 0 to 2'],
    [[[0.5]], 'partition: there is no node 0.5; there are 0 to 2'],
    [[[0], [1, 0]], 'partition: node 0 is named twice'],
  ])('refuses the groups %j', async (groups, message) => {
    await expect(network.partition(groups)).rejects.toThrow(new NodeError('bad-option', message));
  });
});

describe('a network with snapshots', () => {
  it('goes back as a whole, with the partition of that moment', async () => {
    const { hash, height } = await network.agree();
    await network.partition([[0], [1, 2]]);
    const id = await network.snapshot();
    for (const count of [1, 2]) {
      await at(2).client.mine({ count });
      await network.heal();
      await network.agree();
      await network.revert(id);
      expect((await network.agree()).hash).toBe(hash);
    }
    await at(0).client.mine();
    expect(await heights()).toEqual([height + 1, height, height]);
    await network.heal();
    await network.agree();
  });

  it('keeps no snapshot of some of its nodes, and forgets one when it is told to', async () => {
    const kept = () => Promise.all(network.nodes.map(async ({ client }) => (await client.snapshots()).length));
    const before = await kept();
    await network.dropSnapshot(await network.snapshot());
    const aborted = new AbortController();
    const saving = network.saveState(join(tmpdir(), 'never-written'), { signal: aborted.signal });
    aborted.abort();
    await expect(saving).rejects.toMatchObject({ code: 'aborted' });
    await at(1).client.waitForHeight(0);
    await expect.poll(kept).toEqual(before);
    await expect(network.dropSnapshot('network-99')).rejects.toThrow('there is no snapshot "network-99"');
  });

  it('goes back not at all where one of its nodes cannot', async () => {
    await network.heal();
    const { height } = await network.agree();
    const id = await network.snapshot();
    await at(2).client.mine();
    await network.agree();
    const [ofFirst] = (await at(0).client.snapshots()).slice(-1);
    await at(0).client.dropSnapshot(ofFirst!.id);
    await expect(network.revert(id)).rejects.toMatchObject({
      code: 'bad-option',
      message: 'revert: node-0 does not keep its part of the snapshot any more',
    });
    expect(await heights()).toEqual([height + 1, height + 1, height + 1]);
    expect(await at(1).client.peers()).toHaveLength(2);
  });

  it('takes a change of its connections after a way back, not in the middle of it', async () => {
    const id = await network.snapshot();
    await Promise.all([network.revert(id), network.partition([[0], [1], [2]])]);
    const peers = await Promise.all(network.nodes.map(({ client }) => client.peers()));
    expect(peers).toEqual([[], [], []]);
    await network.heal();
  });

  //   node-0         (group 1):  a
  //   node-1, node-2 (group 2):  b1 - b2
  it('is saved in one file, from which another one starts, each node with its own branches', async () => {
    const { height } = await network.agree();
    await network.partition([[0], [1, 2]]);
    const [a] = await at(0).client.mine();
    const [, b2] = await at(1).client.mine({ count: 2 });
    await at(2).client.waitForHeight(height + 2);
    const kept = (await at(0).client.snapshots()).length;
    const folder = mkdtempSync(join(tmpdir(), 'forklore-library-'));
    const file = join(folder, 'network.state');
    try {
      await network.saveState(file);
      await expect(network.saveState(file)).rejects.toMatchObject({
        code: 'bad-option',
        message: `saveState ${file}: it cannot be written (it exists already); nothing was overwritten; overwrite: true replaces it`,
      });
      expect(await at(0).client.snapshots()).toHaveLength(kept);
      const loaded = await startNetwork({ nodes: 3, topology: 'star', loadState: file, timeoutMs });
      try {
        expect((await loaded.agree()).hash).toBe(b2?.hash);
        const knowA = loaded.nodes.map(async ({ client }) => (await client.block(a?.hash ?? '')) !== null);
        expect(await Promise.all(knowA)).toEqual([true, false, false]);
      } finally {
        await loaded.stop();
      }
      await expect(startNetwork({ nodes: 2, loadState: file, timeoutMs })).rejects.toMatchObject({
        code: 'start-failed',
        message: `startNetwork: loadState ${file}: it holds the states of 3 nodes, and 2 nodes are started`,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
    await network.heal();
    await network.agree();
  });

  it('has one time, which can be moved', async () => {
    const start = Date.now() + 3_600_000;
    await network.setTime(new Date(start));
    await network.increaseTime(7_200);
    const now = start + 7_200_000;
    await at(0).client.mine();
    await network.agree();
    expect(Date.parse((await at(2).client.tip()).time)).toBeGreaterThanOrEqual(now - 1_000);
    const next = Math.ceil(now / 1_000) * 1_000 + 3_600_000;
    await network.setNextBlockTime(new Date(next));
    await at(1).client.mine();
    await network.agree();
    expect(Date.parse((await at(2).client.tip()).time)).toBe(next);
  });

  it('has only its own', async () => {
    await expect(network.revert('x')).rejects.toMatchObject({ code: 'bad-option' });
  });
});
