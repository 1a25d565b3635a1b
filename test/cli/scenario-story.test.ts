import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { type LogLine, simulateInSteps } from '../../simulator/run.ts';
import { parseScenario } from '../../simulator/scenario.ts';
import { eventually } from '../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { watch } from '../../testing/watch.ts';
import { forklore } from './stub-node.ts';

//                  ┌─ A1                    nodes 0, 1
// partition ───────┤
//                  └─ B1 ── B2 ── B3 …      nodes 2, 3: more work
const SCENARIO = {
  name: 'two halves, of which one mines more',
  seed: 3,
  nodes: 4,
  minutes: 0.2,
  spacingSeconds: 1,
  connections: [
    [0, 1],
    [1, 2],
    [2, 3],
  ],
  delayMs: [2, 10],
  hashShares: [1, 0, 0, 4],
  events: [
    {
      atSeconds: 1,
      partition: [
        [0, 1],
        [2, 3],
      ],
    },
    { atSeconds: 10, heal: true },
  ],
};
const HALVES = [
  [0, 1],
  [2, 3],
];

/** What a network went through, in the words that matter to who looks at it. */
interface Story {
  /** Nodes by the tip that they share, just before the network heals. */
  readonly sides: readonly (readonly number[])[];
  /** Nodes that changed to another branch after it was healed. */
  readonly reorged: readonly number[];
  /** The same as `sides`, in the end. */
  readonly together: readonly (readonly number[])[];
}

const folder = mkdtempSync(join(tmpdir(), 'forklore-story-'));
const nodes: LiveNode[] = [];
beforeAll(async () => {
  for (let i = 0; i < SCENARIO.nodes; i++) nodes.push(await startLiveNode());
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  rmSync(folder, { recursive: true });
});

/** The numbers of nodes that have the same tip, by the first of them. */
function groupsOf(tips: readonly unknown[]): number[][] {
  const groups = new Map<unknown, number[]>();
  tips.forEach((tip, node) => {
    groups.set(tip, [...(groups.get(tip) ?? []), node]);
  });
  return [...groups.values()];
}

function simulatedStory(): Story {
  const tips: unknown[] = Array.from({ length: SCENARIO.nodes }, () => null);
  let sides: number[][] = [];
  const reorged = new Set<number>();
  const onLog = ({ node, message, fields }: LogLine): void => {
    if (message === 'heal') sides = groupsOf(tips);
    if (node && message === 'connected') tips[node.index] = fields.block;
    if (node && message === 'reorg' && sides.length > 0) reorged.add(node.index);
  };
  const steps = simulateInSteps(parseScenario(JSON.stringify(SCENARIO)), nativeCrypto(), { onLog });
  let step = steps.next(true);
  while (!step.done) step = steps.next(true);
  expect(step.value.failure).toBeNull();
  return { sides, reorged: [...reorged].sort(), together: groupsOf(tips) };
}

async function liveStory(): Promise<Story> {
  const file = join(folder, 'scenario.json');
  writeFileSync(file, JSON.stringify(SCENARIO));
  const reorgs = await Promise.all(nodes.map((node) => watch(node, 'subscription { reorged { disconnected } }')));
  const reorged: number[] = [];
  reorgs.forEach(
    (each, node) =>
      void each.next().then(
        () => reorged.push(node),
        () => {},
      ),
  );
  const mine = async (node: number, count: number) =>
    await nodes[node]?.api.query('mutation ($count: Int!) { mine(count: $count) { __typename } }', { count });
  const tips = async () => await Promise.all(nodes.map(({ api }) => api.tip()));
  const ways = async () => {
    const all = nodes.map(({ api }) => api.query('{ peers { url } nodeInfo { weather { conditions { cut } } } }'));
    return (await Promise.all(all)).map(({ peers }) => peers.length);
  };

  const played = forklore(['scenario', file, ...nodes.flatMap(({ url }) => ['--node', url])]);
  // The middle one of the three connections is cut.
  await eventually(async () => expect(await ways()).toEqual([1, 1, 1, 1]));
  await Promise.all([mine(0, 1), mine(3, 3)]);
  let sides: number[][] = [];
  await eventually(async () => {
    sides = groupsOf(await tips());
    expect(sides).toEqual(HALVES);
  });
  expect(await played).toMatchObject({ code: 0, stderr: '' });
  await eventually(() => expect(reorged).toHaveLength(2));
  const story = { sides, reorged: reorged.sort(), together: groupsOf(await tips()) };
  await Promise.all(reorgs.map((each) => each.stop()));
  return story;
}

it('a scenario tells the same story in the simulator and on real nodes', async () => {
  const simulated = simulatedStory();
  expect(simulated).toEqual({ sides: HALVES, reorged: [0, 1], together: [[0, 1, 2, 3]] });
  expect(await liveStory()).toEqual(simulated);
});
