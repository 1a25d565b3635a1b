import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatAddress } from '../../consensus/address.ts';
import { COIN } from '../../consensus/amount.ts';
import { deriveKeyPair } from '../../consensus/keys.ts';
import { startNode } from '../../library/start-node.ts';
import type { NodeOptions, RunningNode } from '../../library/types.ts';
import { readStateFile } from '../../server/snapshots/read-state-file.ts';

/** A thread that runs sources compiles them first; of many at once, each takes its time. */
const timeoutMs = 150_000;
const started: RunningNode[] = [];

/** Starts a node, and tells the thread that it runs in: Node.js names each new one to its process. */
async function startInThread(options: NodeOptions = {}): Promise<{ node: RunningNode; thread: Worker }> {
  let thread: Worker | undefined;
  const note = (worker: Worker) => {
    thread ??= worker;
  };
  process.on('worker', note);
  try {
    const node = await startNode({ timeoutMs, ...options });
    started.push(node);
    return { node, thread: thread! };
  } finally {
    process.off('worker', note);
  }
}

afterAll(async () => {
  await Promise.all(started.map((node) => node.stop()));
});

describe('a node', () => {
  let node: RunningNode;
  beforeAll(async () => {
    ({ node } = await startInThread({ name: 'north' }));
  });

  it('answers at its URL, and has a client and accounts', async () => {
    expect(node.url).toBe(`http://127.0.0.1:${node.port}`);
    const { name, network } = await node.client.nodeInfo();
    expect([node.name, name, network]).toEqual(['north', 'north', 'regtest']);
    expect(node.accounts.map((account) => account.name)).toContain('Alice');
    const [alice] = node.accounts;
    expect((await node.client.account(alice!.address)).address).toBe(alice!.address);
    expect(alice!.secretKey).toHaveLength(32);
    // A log of an account does not tell its key.
    expect(JSON.parse(JSON.stringify(alice))).toEqual({ name: alice!.name, address: alice!.address });
  });

  it('goes back to a snapshot, more than once', async () => {
    const { hash } = await node.client.tip();
    const id = await node.snapshot();
    for (const count of [1, 2]) {
      await node.client.mine({ count });
      await node.revert(id);
      expect((await node.client.tip()).hash).toBe(hash);
    }
  });

  it('refuses a snapshot that it has not', async () => {
    await expect(node.revert('none')).rejects.toMatchObject({ name: 'ClientError', code: 'unknown-snapshot' });
  });

  it('has a line for each thing that happened before a call returned, however many there are', async () => {
    const id = await node.snapshot();
    const before = node.loggedLines;
    const blocks = await node.client.mine({ count: 60 });
    const tips = node.log(before).map((line) => /new tip .*"block":"(\w+)"/.exec(line)?.[1]);
    expect(tips).toEqual(blocks.map(({ hash }) => hash));
    await node.client.submit('00').catch(() => {});
    expect(node.log().at(-1)).toContain('operation refused {"operation":"submit","code":"malformed"');
    await node.revert(id);
    expect(node.log().at(-1)).toContain('went back to a snapshot {"height":');
    expect(node.loggedLines).toBe(before + node.log(before).length);
    expect(node.log(node.loggedLines)).toEqual([]);
  });

  it('says that its port is taken, and leaves nothing', async () => {
    const problem = `startNode: port ${node.port} is already in use; choose another with port`;
    await expect(startNode({ timeoutMs, port: node.port })).rejects.toMatchObject({
      code: 'start-failed',
      message: problem,
    });
  });

  it('lets an account pay that the program has funded, and knows no other', async () => {
    const from = deriveKeyPair('legal winner thank year wave sausage worth useful legal winner thank yellow', 0);
    const { node } = await startInThread({ accounts: { balances: { [from.address]: '3' } }, mine: 'on-transaction' });
    expect(node.accounts).toEqual([]);
    const { id } = await node.client.send({ from, to: formatAddress('00'.repeat(20), 'dlore'), amount: 2n * COIN });
    expect(await node.client.waitForTransaction(id)).toMatchObject({ status: 'CONFIRMED' });
  });

  it('starts where another one was saved', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'forklore-library-')), 'node.state');
    try {
      await node.client.mine({ count: 2 });
      const { hash } = await node.client.tip();
      await node.saveState(file);
      const { node: other } = await startInThread({ loadState: file });
      expect((await other.client.tip()).hash).toBe(hash);
      await other.client.mine();
      await other.saveState(file, { overwrite: true });
      expect(readStateFile(file).states.map(({ height }) => height)).toEqual([(await node.client.tip()).height + 1]);
      expect(readdirSync(dirname(file))).toEqual(['node.state']);
      await expect(node.saveState('')).rejects.toMatchObject({ message: 'saveState needs the path of a file' });
    } finally {
      rmSync(dirname(file), { recursive: true });
    }
  });

  it('does not get a folder that another node has', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'forklore-library-'));
    try {
      const first = await startNode({ timeoutMs, dataDir });
      const problem = `startNode: data folder ${dataDir} is already open in this process; give each node its own folder`;
      await expect(startNode({ timeoutMs, dataDir })).rejects.toMatchObject({ code: 'start-failed', message: problem });
      await first.stop();
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  // Settings are named as they were given.
  it.each<[NodeOptions, string]>([
    [{ host: '192.0.2.1' }, 'startNode: 192.0.2.1 is not an address of this machine; choose another with host'],
    [
      { loadState: '/dev/null/none' },
      'startNode: loadState /dev/null/none: it cannot be read: a part of the path is not a folder',
    ],
    // It has no end.
    [{ loadState: '/dev/zero' }, 'startNode: loadState /dev/zero: it cannot be read: it is not an ordinary file'],
  ])('is not started with %j', async (options, message) => {
    await expect(startNode({ timeoutMs, ...options })).rejects.toMatchObject({ code: 'start-failed', message });
  });

  it.each<[string, NodeOptions, RegExp]>([
    ['timeout', { timeoutMs: 1 }, /^startNode took longer than 1 ms$/],
    ['aborted', { signal: AbortSignal.abort() }, /^startNode was given up$/],
    ['bad-option', { port: -1 }, /^startNode: port must be a whole number from 0 to 65535, not "-1"$/],
  ])('is not started: %s', async (code, options, message) => {
    await expect(startNode(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('calls that wait for a node', () => {
  /** Calls that would wait for ever. */
  const waiting = ({ client }: RunningNode) => [client.waitForHeight(1_000), client.events().next()];

  it('fail at once with its last words when its thread dies', async () => {
    const { node, thread } = await startInThread();
    const calls = waiting(node);
    await thread.terminate();
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ reason: { kind: 'ended', message: `${node.name} has ended: the thread ended` } });
    }
    await expect(node.client.tip()).rejects.toMatchObject({ kind: 'ended' });
  });

  it('fail at once when it is stopped', async () => {
    const { node } = await startInThread();
    const calls = waiting(node);
    await node.stop();
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ reason: { kind: 'ended', message: `${node.name} has ended: it was stopped` } });
    }
  });

  it('fail with the error that ended the node, also while they are being answered, and the log has it', async () => {
    // At one hash a second, no block is found before the end.
    const { node, thread } = await startInThread({ name: 'south', hashrateLimit: 1 });
    const events = node.client.events({ after: (await node.client.nodeInfo()).cursor });
    const mining = node.client.mine({ count: 1_000 });
    mining.catch(() => {});
    await node.client.waitForPeers(0);
    // Nothing in the thread expects a command like this, and catches what it throws.
    thread.postMessage(null);
    const calls = [mining, node.client.tip(), node.client.query('{ tip { hash } }'), node.snapshot(), events.next()];
    for (const call of await Promise.allSettled([...calls, ...waiting(node)])) {
      expect(call).toMatchObject({
        reason: {
          kind: 'ended',
          message: expect.stringMatching(/^south has ended: crashed: internal error, please report it: TypeError: /),
          cause: { name: 'NodeError', code: 'ended', log: node.log() },
        },
      });
    }
    expect(node.log().join('\n')).toContain('crashed: internal error, please report it: TypeError: ');
    await expect(node.client.tip()).rejects.toMatchObject({ kind: 'ended' });
    await node.stop();
  });

  it('fail with the error that its thread reports', async () => {
    const { node, thread } = await startInThread();
    const calls = waiting(node);
    thread.emit('error', new Error('out of luck'));
    await thread.terminate();
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ reason: { message: expect.stringContaining('out of luck') } });
    }
  });
});
