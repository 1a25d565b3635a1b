import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import {
  killPrograms,
  type NodeProcess,
  removeFolders,
  run,
  startNode,
  temporaryFolder,
} from '../../testing/processes.ts';
import { examineFolder } from '../../torture/compare.ts';

const SEND = `mutation ($from: String!) {
  sendFromDevAccount(from: $from, to: "Bob", amount: "1") { ... on TransactionAccepted { transaction { id } } }
}`;
const MINE = 'mutation ($count: Int!) { mine(count: $count) { __typename } }';
const TAKE = 'mutation { takeSnapshot { ... on SnapshotTaken { snapshot { id } } } }';
const REVERT = 'mutation ($id: ID!) { revertToSnapshot(id: $id) { __typename } }';
const STATE = '{ tip { hash height } mempool { transactions { edges { node { id } } } } }';

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

interface State {
  readonly tip: string;
  readonly height: number;
  readonly pending: readonly string[];
}

async function stateOf({ api }: NodeProcess): Promise<State> {
  const { tip, mempool } = await api.query(STATE);
  const pending = mempool.transactions.edges.map(({ node }: { node: { id: string } }) => node.id);
  return { tip: tip.hash, height: tip.height, pending: pending.sort() };
}

it.each([
  ['the first row is written', 'row-restored:1', 'left'],
  ['some rows are written', 'row-restored:20', 'left'],
  ['all rows are committed', 'state-restored', 'snapshot'],
] as const)(
  'a node that is killed in the middle of a revert, when %s, has one of the two states, whole',
  async (_, failpoint, expected) => {
    const folder = join(temporaryFolder(), 'node');
    const flags = ['--port', '0', '--network', 'regtest', '--no-discovery', '--data-dir', folder];
    const node = await startNode(flags, { FORKLORE_FAILPOINT: failpoint });
    await node.api.query(MINE, { count: 3 });
    await node.api.query(SEND, { from: 'Alice' });
    const { id } = (await node.api.query(TAKE)).takeSnapshot.snapshot;
    const snapshot = await stateOf(node);
    await node.api.query(SEND, { from: 'Carol' });
    await node.api.query(MINE, { count: 2 });
    await node.api.query(SEND, { from: 'Dave' });
    const left = await stateOf(node);
    await expect(node.api.query(REVERT, { id })).rejects.toThrow();
    await node.program.finished;
    expect(node.program.child.signalCode).toBe('SIGKILL');

    const states = { left, snapshot };
    const { tip, height, pending } = await examineFolder(folder, REGTEST);
    expect({ tip, height, pending }).toEqual(states[expected]);
    const again = await startNode(flags);
    expect(await stateOf(again)).toEqual(states[expected]);
    await again.api.query(MINE, { count: 1 });
    await again.program.signal('SIGTERM');
    expect((await run(['verify', '--network', 'regtest', '--data-dir', folder])).code).toBe(0);
  },
);
