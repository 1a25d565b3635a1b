import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { forklore } from './stub-node.ts';

let a: LiveNode;
let b: LiveNode;
beforeAll(async () => {
  [a, b] = await Promise.all([startLiveNode(), startLiveNode({ stratum: { host: '127.0.0.1', port: 0 } })]);
});
afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
});

/** Runs a command on the first node. */
const onA = (...args: string[]) => forklore([...args, '--node', a.url]);
const portOf = ({ url }: LiveNode) => new URL(url).port;

describe('forklore connect and disconnect', () => {
  it('connect the node to another, and end the connection by its URL', async () => {
    const connected = await onA('connect', portOf(b));
    expect(connected).toMatchObject({ code: 0, stderr: '' });
    const [, id] = /^connected to http:\/\/127\.0\.0\.1:\d+, peer (\S+)\n$/.exec(connected.stdout) ?? [];
    expect(connected.stdout).toContain(b.url);
    expect(await onA('disconnect', b.url)).toEqual({
      code: 0,
      stdout: `disconnected peer ${id} (${b.url})\n`,
      stderr: '',
    });
    expect(await onA('peers')).toMatchObject({ stdout: 'no peers\n' });
  });

  it('give the data as JSON, and take an id', async () => {
    const { id, url } = JSON.parse((await onA('connect', b.url, '--json')).stdout);
    expect(url).toBe(b.url);
    const { stdout } = await onA('disconnect', id, '--json');
    expect(JSON.parse(stdout)).toEqual({ id, url });
  });

  it('say why it could not be', async () => {
    expect(await onA('connect', a.url)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: cannot connect to http:\S+: .* \(self-connection\)\n$/),
    });
    expect(await onA('connect', 'http://x')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: URL http://x: the port is missing; use http://host:port\n',
    });
    expect(await onA('disconnect', '77')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: the node has no peer "77"; it has none\n',
    });
  });
});

describe('forklore invalidate and reconsider', () => {
  const tipOf = async () => JSON.parse((await onA('tip', '--json')).stdout);

  it('move the node off a block and back, by hash and by height', async () => {
    await onA('mine', '3');
    const { hash, header } = await tipOf();
    const invalidated = await onA('invalidate', hash.toUpperCase());
    expect(invalidated).toEqual({
      code: 0,
      stdout: `invalidated ${hash}\nthe tip is now at height 2, ${header.prevHash}\n`,
      stderr: '',
    });
    const { stdout } = await onA('reconsider', '3', '--json');
    expect(JSON.parse(stdout)).toEqual({ hash, tip: { hash, height: 3 } });
    expect(JSON.parse((await onA('invalidate', '2', '--json')).stdout)).toEqual({
      hash: header.prevHash,
      tip: { hash: expect.any(String), height: 1 },
    });
    await onA('reconsider', header.prevHash);
    expect(await tipOf()).toMatchObject({ hash, height: 3 });
  });

  it('take a height only where it is clear which block is meant', async () => {
    expect(await onA('reconsider', '3')).toMatchObject({
      code: 1,
      stderr: 'error: the node knows no invalid block at height 3\n',
    });
    const marked: string[] = [];
    for (let count = 0; count < 2; count++) {
      marked.push((await tipOf()).hash);
      await onA('invalidate', '3');
      await onA('mine', '1', '--to', count === 0 ? 'Alice' : 'Bob');
    }
    const { code, stderr } = await onA('reconsider', '3');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: several blocks at height 3 are invalid; name one by its hash: /);
    for (const hash of marked) expect(stderr).toContain(hash);
  });

  it.each([
    ['invalidate', '99', 1, 'the node knows no block at height 99'],
    ['invalidate', 'x', 2, 'BLOCK must be a block hash (64 hex digits) or a height, not "x"'],
    ['reconsider', 'x', 2, 'BLOCK must be a block hash (64 hex digits) or a height, not "x"'],
  ])('%s refuses %s', async (command, block, code, message) => {
    expect(await onA(command, block)).toEqual({ code, stdout: '', stderr: `error: ${message}\n` });
  });

  it('hand on the reason of the node', async () => {
    const { code, stderr } = await onA('invalidate', '0');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: cannot invalidate the block: .* \(genesis-block\)\n$/);
  });
});

describe('forklore mining', () => {
  const minerOf = async (...args: string[]) => JSON.parse((await onA('mining', ...args, '--json')).stdout);

  it('starts, changes and stops the miner of the node', async () => {
    expect(await minerOf('start', 'interval:3600', '--address', 'Alice')).toMatchObject({
      mode: 'INTERVAL',
      intervalSeconds: 3600,
      address: expect.stringMatching(/1/),
    });
    expect(await minerOf('set', '--hashrate-limit', '500k', '--interval', '86400')).toMatchObject({
      mode: 'INTERVAL',
      intervalSeconds: 86_400,
      hashrateLimit: 500_000,
    });
    expect(await minerOf('stop')).toMatchObject({ mode: 'OFF', hashrateLimit: 500_000 });
    expect(await minerOf('set', '--hashrate-limit', '0', '--threads', '1')).toMatchObject({
      mode: 'OFF',
      hashrateLimit: null,
      threads: 1,
    });
  });

  it('shows people the settings', async () => {
    await onA('mining', 'start', 'interval:3600');
    const { stdout } = await onA('mining', 'show');
    expect(stdout).toMatch(
      /^mode {6}interval\nnow {7}at rest\ninterval {2}3600 s\nthreads {3}1 of \d+\nlimit {5}none\n/,
    );
    await onA('mining', 'stop');
  });

  it('shows where mining programs connect, if they can', async () => {
    const onB = await forklore(['mining', 'show', '--node', b.url]);
    expect(onB.stdout).toContain(`Stratum  ${b.node.stratumListens}, for mining programs\n`);
    expect((await onA('mining', 'show')).stdout).not.toContain('Stratum');
  });

  it.each([
    [['set'], 'nothing to set: give --mode, --threads, --hashrate-limit, --interval or --address'],
    [['set', '--mode', 'x'], '--mode must be continuous, on-transaction, interval:SECONDS or off, not "x"'],
    [['start', 'x'], 'MODE must be continuous, on-transaction, interval:SECONDS or off, not "x"'],
    [['set', '--interval', '0'], '--interval must be a number from 0.1 to 86400 (seconds), not "0"'],
    [['set', '--threads', '0'], '--threads must be a whole number from 1 to 1024, not "0"'],
    [
      ['set', '--mode', 'interval:5', '--interval', '6'],
      '--mode interval:SECONDS and --interval exclude each other: give one of them',
    ],
  ])('refuses %j', async (args, message) => {
    expect(await onA('mining', ...args)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  });
});

describe('forklore watch', () => {
  it('refuses an event that there is not', async () => {
    expect(await onA('watch', 'blocks')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: EVENT must be block, reorg, mempool, contract, peers, sync or miner, not "blocks"\n',
    });
  });
});
