import { afterEach, describe, expect, it } from 'vitest';
import { DEVELOPMENT_ACCOUNTS } from '../../consensus/development-accounts.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { type NodeProcess, removeFolders, run, startNode, temporaryFolder } from '../support/processes.ts';

/** `FORKLORE_KILLS=100 npx vitest run test/process/crash.test.ts` for a longer run. */
const KILLS = Number(process.env.FORKLORE_KILLS ?? 12);
const LONGEST_LIFE_MS = 400;
const LIMIT_MS = 60_000 + KILLS * 5_000;
const SEND = `mutation ($from: String!) {
  sendFromDevAccount(from: $from, to: "Bob", amount: "0.00000001") {
    ... on TransactionAccepted { transaction { id } }
  }
}`;
const STATUS = 'query ($id: Hash!) { transaction(id: $id) { status } }';

let node: NodeProcess | undefined;

afterEach(async () => {
  await node?.program.signal('SIGKILL');
  removeFolders();
});

/** Submits one transaction after the other until the node is gone; records those that were acknowledged. */
async function submitUntilGone(target: NodeProcess, from: string, acknowledged: Set<string>): Promise<void> {
  try {
    for (;;) {
      const { sendFromDevAccount: result } = await target.api.query(SEND, { from });
      if (result.transaction) acknowledged.add(result.transaction.id);
      // A full queue empties with the next block.
      else await target.api.query('mutation { mine { __typename } }');
    }
  } catch {
    return;
  }
}

describe('a node that is killed at any moment', () => {
  it(`loses nothing that it acknowledged, and starts on a valid tip, ${KILLS} times`, {
    timeout: LIMIT_MS,
  }, async () => {
    const folder = temporaryFolder();
    const args = ['--port', '0', '--network', 'regtest', '--no-discovery', '--data-dir', folder];
    const miner = ['--mine', '--mining-threads', '1', '--hashrate-limit', '20'];
    const random = new SeededRandom(2026);
    const acknowledged = new Set<string>();
    let height = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      node = await startNode([...args, ...miner], { FORKLORE_RUNTIME_DIR: folder });
      const started = await node.api.height();
      expect(started).toBeGreaterThanOrEqual(height);
      const clients = DEVELOPMENT_ACCOUNTS.slice(0, 4).map(({ name }) =>
        submitUntilGone(node as NodeProcess, name, acknowledged),
      );
      // The moment of the kill is what this test varies; it waits for nothing.
      await new Promise((resolve) => setTimeout(resolve, random.fraction() * LONGEST_LIFE_MS));
      height = await node.api.height();
      await node.program.signal('SIGKILL');
      await Promise.all(clients);
    }
    node = await startNode(args, { FORKLORE_RUNTIME_DIR: folder });
    expect(acknowledged.size).toBeGreaterThan(KILLS);
    for (const id of acknowledged) {
      const { transaction } = await node.api.query(STATUS, { id });
      expect(['PENDING', 'QUEUED', 'CONFIRMED']).toContain(transaction?.status);
    }
    expect((await node.program.signal('SIGTERM')).code).toBe(0);
    const verified = await run(['verify', '--network', 'regtest', '--data-dir', folder]);
    expect(verified).toMatchObject({ code: 0 });
  });
});
