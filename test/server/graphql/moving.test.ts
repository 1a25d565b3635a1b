import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { findTransaction } from '../../../server/graphql/models.ts';
import type { NodeContext } from '../../../server/node/node-context.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

/** Blocks with a transaction each, more than a node leaves in one step. */
const BLOCKS = 40;

let live: LiveNode | undefined;

afterEach(() => live?.stop());

it('a transaction is known at every moment, also while its block is being left', { timeout: 120_000 }, async () => {
  live = await startLiveNode();
  const { api, node } = live;
  const ids: string[] = [];
  for (let i = 0; i < BLOCKS; i++) {
    const send =
      'mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") { ... on TransactionAccepted { transaction { id } } } }';
    ids.push((await api.query(send)).sendFromDevAccount.transaction.id);
    await api.query('mutation { mine { __typename } }');
  }
  const hash = node.store.hashAtHeight(1);
  const { store, core, controls } = node;
  const context = { store, view: core, controls } as unknown as NodeContext;
  const statuses = new Set<string | undefined>();
  let isDone = false;
  const left = api.query('mutation ($hash: Hash!) { invalidateBlock(hash: $hash) { __typename } }', { hash });
  const end = left.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    if (node.core.chain.isMoving) for (const id of ids) statuses.add(findTransaction(context, id)?.status);
    await setImmediate();
  }
  await end;
  expect([...statuses].sort()).toEqual(['CONFIRMED', 'QUEUED']);
  expect(ids.map((id) => findTransaction(context, id)?.status)).not.toContain(undefined);
});
