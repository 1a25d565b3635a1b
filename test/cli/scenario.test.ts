import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { distancesOf } from '../../simulator/distances.ts';
import { simulate } from '../../simulator/run.ts';
import { parseScenario } from '../../simulator/scenario.ts';
import { eventually } from '../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { forklore } from './stub-node.ts';

const folder = mkdtempSync(join(tmpdir(), 'forklore-scenario-'));
const file = join(folder, 'scenario.json');
const MINE = 'mutation ($count: Int!) { mine(count: $count) { __typename } }';

let a: LiveNode;
let b: LiveNode;
beforeAll(async () => {
  b = await startLiveNode();
  a = await startLiveNode({ peers: [b.url] });
  await a.api.untilPeers(1);
});
afterEach(async () => {
  for (const node of [a, b]) await forklore(['weather', 'clear', '--node', node.url]);
});
afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
  rmSync(folder, { recursive: true });
});

function play(scenario: object, ...flags: string[]) {
  writeFileSync(file, JSON.stringify(scenario));
  return forklore(['scenario', file, ...flags]);
}
const onBoth = (scenario: object, ...flags: string[]) => play(scenario, '--node', a.url, '--node', b.url, ...flags);
const weatherOf = async (node: LiveNode) =>
  (await node.api.query('{ nodeInfo { weather { url conditions { delayMs loss cut } } } }')).nodeInfo.weather;

describe('forklore scenario', () => {
  it('parts running nodes, heals them, and waits until they have one tip', async () => {
    const events = [
      { atSeconds: 0, partition: [[0], [1]] },
      { atSeconds: 4, heal: true },
    ];
    const played = onBoth({ name: 'two parts', nodes: 2, minutes: 0.1, events });
    await eventually(async () => expect((await a.api.query('{ peers { id } }')).peers).toEqual([]));
    await Promise.all([a.api.query(MINE, { count: 1 }), b.api.query(MINE, { count: 2 })]);
    const { code, stdout, stderr } = await played;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/^ *[\d.]+ s {2}/, ''));
    expect(told).toEqual([
      'two parts: 2 nodes',
      `partition: ${new URL(a.url).port} | ${new URL(b.url).port}`,
      'heal: the partition ends',
      'ended: all conditions are cleared, and the nodes mine as before',
      `all nodes are at height 2, ${await b.api.tip()}`,
    ]);
    expect([...(await weatherOf(a)), ...(await weatherOf(b))]).toEqual([]);
  });

  it('gives links their conditions, and leaves what it did where nothing is to be healed', async () => {
    const { code } = await onBoth({
      nodes: 2,
      heals: false,
      links: [{ from: 0, to: 1, delayMs: [1, 2] }],
      events: [{ atSeconds: 0, links: [{ from: 1, to: 0, loss: 0.001 }] }],
    });
    expect(code).toBe(0);
    expect(await weatherOf(a)).toEqual([{ url: b.url, conditions: { delayMs: [1, 2], loss: 0, cut: false } }]);
    expect(await weatherOf(b)).toEqual([{ url: a.url, conditions: { delayMs: [0, 0], loss: 0.001, cut: false } }]);
  });

  it('connects the nodes as it says, and gives every link the distance that it has in the simulator', async () => {
    const apart = { nodes: 2, heals: false, connections: [] };
    expect(await onBoth(apart)).toMatchObject({ code: 0, stderr: '' });
    expect((await a.api.query('{ peers { id } }')).peers).toEqual([]);
    const far = { nodes: 2, heals: false, connections: [[0, 1]], delayMs: [20, 40], bytesPerSecond: 1_000_000 };
    expect(await onBoth(far)).toMatchObject({ code: 0, stderr: '' });
    expect((await a.api.query('{ peers { url } }')).peers).toEqual([{ url: b.url }]);
    const { delayMs } = distancesOf(parseScenario(JSON.stringify(far)))(0, 1);
    const conditions = { delayMs: delayMs.map(Math.round), loss: 0, cut: false };
    expect(await weatherOf(a)).toEqual([{ url: b.url, conditions }]);
    expect(await weatherOf(b)).toEqual([{ url: a.url, conditions }]);
  });

  it('lets a node stop mining and mine again', async () => {
    const miner = async (mode: string) =>
      await a.api.query('mutation ($mode: MiningMode!) { setMining(mode: $mode) { mode } }', { mode });
    await miner('OFF');
    await onBoth({ nodes: 2, heals: false, events: [{ atSeconds: 0, hashrate: 0, factor: 0 }] });
    expect((await a.api.query('{ miner { mode } }')).miner.mode).toBe('OFF');
    const { stderr } = await onBoth({ nodes: 2, heals: false, events: [{ atSeconds: 0, hashrate: 0, factor: 1 }] });
    expect(stderr).toContain('no node was mining when the scenario began');
  });

  it('runs the same file in the simulator', async () => {
    const scenario = {
      nodes: 2,
      minutes: 2,
      links: [{ from: 0, to: 1, delayMs: [500, 900] }],
      events: [{ atSeconds: 30, partition: [[0], [1]] }],
    };
    const { code, stdout } = await play(scenario, '--simulate', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).trace).toBe(simulate(parseScenario(JSON.stringify(scenario)), nativeCrypto()).trace);
    expect((await play(scenario, '--simulate')).stdout).toContain('✓ every check held');
  });

  it('writes what running nodes are, which can be simulated and played', async () => {
    await a.api.untilPeers(1);
    await forklore(['weather', 'set', b.url, '--delay', '5..9', '--node', a.url]);
    const { code, stdout, stderr } = await forklore(['scenario', 'export', '--node', a.url, '--node', b.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      name: 'regtest with 2 nodes',
      nodes: 2,
      spacingSeconds: 10,
      connections: [[0, 1]],
      hashShares: null,
      links: [{ from: 0, to: 1, delayMs: [5, 9], bytesPerSecond: null, loss: 0, cut: false }],
    });
    const exported = { ...JSON.parse(stdout), minutes: 1 };
    expect((await play(exported, '--simulate')).stdout).toContain('✓ every check held');
    expect((await onBoth({ ...exported, heals: false })).code).toBe(0);
  });

  it.each([
    [{ nodes: 3 }, 'the scenario has 3 nodes, and --node names 2: name one for each, in its order'],
    [{ nodes: 2, faults: { crash: 1 } }, 'faults: crash happens only in the simulator; use --simulate'],
    [{ nodes: 2, events: [{ atSeconds: 1, crash: 0 }] }, 'events[0]: crash happens only in the simulator'],
    [{ nodes: 2, links: [{ from: 0, to: 0 }] }, 'scenario.json: links[0]: is from node 0 to itself'],
    [{ nods: 2 }, 'scenario.json: unknown field "nods"; there are name,'],
  ])('refuses %j before it does anything', async (scenario, message) => {
    const { code, stderr } = await onBoth(scenario);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('needs nodes or the simulator, and not both', async () => {
    expect((await play({})).stderr).toContain('give --node for each node of the scenario, or --simulate');
    expect((await onBoth({}, '--simulate')).stderr).toContain('--simulate and --node exclude each other');
  });
});
