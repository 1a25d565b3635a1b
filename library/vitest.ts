// `forklore/vitest`: tests that are given a node or a network. One is started for all tests of a worker, and taken back after
// each test to what it was at the start.

import { test as base, type TestAPI, type TestContext } from 'vitest';
import type { NodeClient } from '../client/node-client.ts';
import type { MiningSettings } from '../client/requests.ts';
import { startNetwork, startNode } from './main.ts';
import type { NetworkSettings, NodeSettings, RunningNetwork, RunningNode } from './types.ts';

/** Lines of a log that a failed test shows. */
const MAX_SHOWN_LINES = 50;

/** What is started once, and what each test begins with. */
interface Shared<Running> {
  readonly running: Running;
  readonly snapshot: string;
  readonly beginnings: ReadonlyMap<RunningNode, Beginning>;
  /** Name of the test that has it. */
  user: string | null;
}

/** What a snapshot does not hold of a node. */
interface Beginning {
  readonly mining: MiningSettings;
  /** Ids. */
  readonly snapshots: ReadonlySet<string>;
}

interface Revertible extends AsyncDisposable {
  snapshot(): Promise<string>;
  revert(id: string): Promise<void>;
}

/** Tests that are given a `node`: `const test = nodeTest({ mine: 'on-transaction' })`. One that begins while another runs fails. */
export function nodeTest(settings: NodeSettings = {}): TestAPI<{ node: RunningNode }> {
  return base.extend<{ sharedNode: Shared<RunningNode>; node: RunningNode }>({
    sharedNode: [
      // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures are needed.
      async ({}, use) => {
        const node = await startNode(settings);
        await sharing(node, [node], use);
      },
      { scope: 'worker' },
    ],
    node: ({ sharedNode, task, onTestFailed }, use) => lend('node', sharedNode, { task, onTestFailed }, use),
  });
}

/** Tests that are given a `network`: `const test = networkTest({ nodes: 4 })`. One that begins while another runs fails. */
export function networkTest(settings: NetworkSettings = {}): TestAPI<{ network: RunningNetwork }> {
  return base.extend<{ sharedNetwork: Shared<RunningNetwork>; network: RunningNetwork }>({
    sharedNetwork: [
      // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures are needed.
      async ({}, use) => {
        const network = await startNetwork(settings);
        await sharing(network, network.nodes, use);
      },
      { scope: 'worker' },
    ],
    network: ({ sharedNetwork, task, onTestFailed }, use) =>
      lend('network', sharedNetwork, { task, onTestFailed }, use),
  });
}

/** Tests that are given a `node` of the network `regtest`. */
export const test: TestAPI<{ node: RunningNode }> = nodeTest();

async function sharing<Running extends Revertible>(
  running: Running,
  nodes: readonly RunningNode[],
  use: (shared: Shared<Running>) => Promise<void>,
): Promise<void> {
  try {
    const snapshot = await running.snapshot();
    const beginnings = new Map(await Promise.all(nodes.map(async (node) => [node, await beginningOf(node)] as const)));
    await use({ running, snapshot, beginnings, user: null });
  } finally {
    await running[Symbol.asyncDispose]();
  }
}

/** Gives a test what is shared, and takes it back at its end. Throws where another test has it. */
async function lend<Running extends Revertible>(
  what: 'node' | 'network',
  shared: Shared<Running>,
  { task, onTestFailed }: Pick<TestContext, 'task' | 'onTestFailed'>,
  use: (running: Running) => Promise<void>,
): Promise<void> {
  if (shared.user !== null) {
    const remedy = `run them one after the other, or start a ${what} of its own in each`;
    throw new Error(`two tests use this ${what} at the same time: "${shared.user}" and "${task.name}"; ${remedy}`);
  }
  shared.user = task.name;
  // What was logged before is of other tests, and what comes after is ours.
  const begun = [...shared.beginnings.keys()].map((node) => ({ node, before: node.loggedLines }));
  const logs: string[] = [];
  onTestFailed(() => console.error(logs.join('\n')));
  try {
    await use(shared.running);
    for (const { node, before } of begun) {
      logs.push(`the log of ${node.name}:`, ...node.log(before).slice(-MAX_SHOWN_LINES));
    }
    await takeBack(shared);
  } finally {
    shared.user = null;
  }
}

/**
 * First how the nodes mine: a block between the two would be on top of what they go back to. Last the snapshots that the test
 * has taken: a node keeps only so many.
 */
async function takeBack<Running extends Revertible>({ running, snapshot, beginnings }: Shared<Running>): Promise<void> {
  const each = [...beginnings];
  await Promise.all(each.map(([{ client }, { mining }]) => client.setMining(mining)));
  await running.revert(snapshot);
  await Promise.all(each.map(([{ client }, { snapshots }]) => dropOthers(client, snapshots)));
}

async function dropOthers(client: NodeClient, kept: ReadonlySet<string>): Promise<void> {
  const taken = (await client.snapshots()).filter(({ id }) => !kept.has(id));
  await Promise.all(taken.map(({ id }) => client.dropSnapshot(id)));
}

async function beginningOf({ client }: RunningNode): Promise<Beginning> {
  const [miner, snapshots] = await Promise.all([client.miner(), client.snapshots()]);
  const { mode, threads, hashrateLimit, intervalSeconds, address } = miner;
  const mining = { mode, threads, hashrateLimit: hashrateLimit ?? 0, intervalSeconds };
  return {
    mining: address === null ? mining : { ...mining, address },
    snapshots: new Set(snapshots.map(({ id }) => id)),
  };
}
