// `forklore/vitest`: tests that are given a node or a network. One is started for all tests of a worker, and taken back after
// each test to what it was at the start.
import { test as base, type TestAPI } from 'vitest';
import { startNetwork, startNode } from './main.ts';
import type { NetworkSettings, NodeSettings, RunningNetwork, RunningNode } from './types.ts';

/** Lines of a log that a failed test shows. */
const MAX_SHOWN_LINES = 50;

/** What is started once, and the snapshot that each test begins with. */
interface Shared<Running> {
  readonly running: Running;
  readonly snapshot: string;
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
      async ({}, use) => sharing(await startNode(settings), use),
      { scope: 'worker' },
    ],
    node: async ({ sharedNode, onTestFailed }, use) => {
      onTestFailed(() => showLogs([sharedNode.running]));
      await use(sharedNode.running);
      await sharedNode.running.revert(sharedNode.snapshot);
    },
  });
}

/** Tests that are given a `network`: `const test = networkTest({ nodes: 4 })`. They must not run at the same time. */
export function networkTest(settings: NetworkSettings = {}): TestAPI<{ network: RunningNetwork }> {
  return base.extend<{ sharedNetwork: Shared<RunningNetwork>; network: RunningNetwork }>({
    sharedNetwork: [
      // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which fixtures are needed.
      async ({}, use) => sharing(await startNetwork(settings), use),
      { scope: 'worker' },
    ],
    network: async ({ sharedNetwork, onTestFailed }, use) => {
      onTestFailed(() => showLogs(sharedNetwork.running.nodes));
      await use(sharedNetwork.running);
      await sharedNetwork.running.revert(sharedNetwork.snapshot);
    },
  });
}

/** Tests that are given a `node` of the network `regtest`. */
export const test: TestAPI<{ node: RunningNode }> = nodeTest();

async function sharing<Running extends Revertible>(
  running: Running,
  use: (shared: Shared<Running>) => Promise<void>,
): Promise<void> {
  try {
    await use({ running, snapshot: await running.snapshot() });
  } finally {
    await running[Symbol.asyncDispose]();
  }
}

function showLogs(nodes: readonly RunningNode[]): void {
  for (const node of nodes) {
    console.error([`the log of ${node.name}:`, ...node.log().slice(-MAX_SHOWN_LINES)].join('\n'));
  }
}
