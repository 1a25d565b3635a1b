// `forklore/vitest`: tests that are given a node or a network. One is started for all tests of a worker, and taken back after
// each test to what it was at the start.

import { test as base, type TestAPI } from 'vitest';
import type { MiningSettings } from '../client/types.ts';
import { startNetwork, startNode } from './main.ts';
import type { NetworkSettings, NodeSettings, RunningNetwork, RunningNode } from './types.ts';

/** Lines of a log that a failed test shows. */
const MAX_SHOWN_LINES = 50;

/** What is started once, and what each test begins with. */
interface Shared<Running> {
  readonly running: Running;
  readonly snapshot: string;
  /** A snapshot does not hold how a node mines. */
  readonly mining: ReadonlyMap<RunningNode, MiningSettings>;
}

interface Revertible extends AsyncDisposable {
  snapshot(): Promise<string>;
  revert(id: string): Promise<void>;
}

/** Tests that are given a `node`: `const test = nodeTest({ mine: 'on-transaction' })`. They must not run at the same time. */
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
    node: async ({ sharedNode, onTestFailed }, use) => {
      onTestFailed(() => showLogs([sharedNode.running]));
      await use(sharedNode.running);
      await takeBack(sharedNode);
    },
  });
}

/** Tests that are given a `network`: `const test = networkTest({ nodes: 4 })`. They must not run at the same time. */
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
    network: async ({ sharedNetwork, onTestFailed }, use) => {
      onTestFailed(() => showLogs(sharedNetwork.running.nodes));
      await use(sharedNetwork.running);
      await takeBack(sharedNetwork);
    },
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
    const mining = new Map(await Promise.all(nodes.map(async (node) => [node, await miningOf(node)] as const)));
    await use({ running, snapshot: await running.snapshot(), mining });
  } finally {
    await running[Symbol.asyncDispose]();
  }
}

/** First how the nodes mine: a block between the two would be on top of what they go back to. */
async function takeBack<Running extends Revertible>({ running, snapshot, mining }: Shared<Running>): Promise<void> {
  await Promise.all([...mining].map(([{ client }, settings]) => client.setMining(settings)));
  await running.revert(snapshot);
}

async function miningOf({ client }: RunningNode): Promise<MiningSettings> {
  const { mode, threads, hashrateLimit, intervalSeconds, address } = await client.miner();
  return { mode, threads, hashrateLimit: hashrateLimit ?? 0, intervalSeconds, ...(address !== null && { address }) };
}

function showLogs(nodes: readonly RunningNode[]): void {
  for (const node of nodes) {
    console.error([`the log of ${node.name}:`, ...node.log().slice(-MAX_SHOWN_LINES)].join('\n'));
  }
}
