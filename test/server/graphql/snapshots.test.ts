import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const TAKE = `mutation { takeSnapshot {
  ... on SnapshotTaken { snapshot { id takenAt height tipHash bytes } } ... on OperationFailed { code message }
} }`;
const REVERT = `mutation ($id: ID!) { revertToSnapshot(id: $id) {
  ... on Reverted { tip { hash height } } ... on OperationFailed { code message }
} }`;
const MINE =
  'mutation ($count: Int) { mine(count: $count) { ... on BlocksMined { blocks { hash } } ... on MiningFailed { code } } }';
const SEND = `mutation ($from: String!, $amount: Amount!) { sendFromDevAccount(from: $from, to: "Bob", amount: $amount) {
  ... on TransactionAccepted { transaction { id } } ... on TransactionRejected { code message }
} }`;
let live: LiveNode;
let query: LiveNode['api']['query'];

beforeEach(async () => {
  live = await startLiveNode();
  query = (text, variables) => live.api.query(text, variables);
});

afterEach(() => live.stop());

async function take(): Promise<{ id: string; height: number; tipHash: string; bytes: number }> {
  return (await query(TAKE)).takeSnapshot.snapshot;
}

describe('a snapshot', () => {
  it('is returned to, as often as asked, with chain, mempool and clock', async () => {
    await query(MINE, { count: 3 });
    await query(SEND, { from: 'Alice', amount: '1' });
    const { id, height, tipHash } = await take();
    const rows = live.node.store.copyRows();
    expect({ height, tipHash }).toEqual({ height: 3, tipHash: await live.api.tip() });
    for (let round = 0; round < 3; round++) {
      await query(SEND, { from: 'Carol', amount: '2' });
      await query(MINE, { count: 2 });
      await query('mutation { increaseTime(seconds: 1000) { __typename } }');
      expect((await query(REVERT, { id })).revertToSnapshot).toEqual({ tip: { hash: tipHash, height: 3 } });
      expect(live.node.store.copyRows().equals(rows)).toBe(true);
      expect((await query('{ mempool { size } }')).mempool.size).toBe(1);
    }
    expect((await query('{ snapshots { id } }')).snapshots).toEqual([{ id }]);
  });
});
