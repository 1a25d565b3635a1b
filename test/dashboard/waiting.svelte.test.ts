// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { TransactionRecord } from '../../dashboard/model/records.ts';
import type { Network } from '../../dashboard/state/network.svelte.ts';
import { Pool } from '../../dashboard/state/pool.svelte.ts';
import { Waiting } from '../../dashboard/state/waiting.svelte.ts';
import { eventually } from '../../testing/eventually.ts';

const at = (nonce: bigint, isQueued = false): TransactionRecord => ({
  txid: `n${nonce}`,
  sender: 's',
  recipient: 'r',
  amount: '1',
  fee: '1',
  nonce,
  memo: null,
  run: null,
  sizeBytes: 1,
  isQueued,
});

/** A node that says where its account stands, and counts how often it is asked. */
function nodeWith(url: string, pendingNonce: string, isNamed = true) {
  const asked: unknown[] = [];
  const query = (_: unknown, variables: unknown) => {
    asked.push(variables);
    return Promise.resolve({ account: { nonce: '0', pendingNonce } });
  };
  return { url, isNamed, isOnline: true, tip: null, link: { query }, asked };
}

describe('why listed transactions wait', () => {
  it('is asked of the named node that has most of the sender, and of nobody while none is queued', async () => {
    const [poor, rich] = [nodeWith('poor', '1'), nodeWith('rich', '3')];
    const heardOf = nodeWith('heard of', '4', false);
    const pool = new Pool();
    for (const url of ['poor', 'rich', 'heard of']) pool.add(at(0n), { url, isNamed: url !== 'heard of' });
    pool.publish();
    const network = {
      genesisHash: 'g',
      reader: poor,
      members: [poor, rich, heardOf],
      replica: { pool },
    } as unknown as Network;
    let waiting!: Waiting;
    const stop = $effect.root(() => {
      waiting = new Waiting(network, () => pool.pending());
    });
    flushSync();
    expect([...poor.asked, ...rich.asked]).toEqual([]);
    for (const nonce of [1n, 2n]) pool.add(at(nonce), { url: 'rich', isNamed: true });
    pool.add(at(5n, true), { url: 'rich', isNamed: true });
    for (const nonce of [1n, 2n, 5n, 6n]) pool.add(at(nonce), { url: 'heard of', isNamed: false });
    pool.publish();
    flushSync();
    await eventually(() => expect(waiting.reasonOf(at(5n, true))).toEqual({ kind: 'nonce', missing: 3n }));
    expect([...poor.asked, ...heardOf.asked]).toEqual([]);
    expect(rich.asked).toEqual([{ address: 's' }]);
    expect(waiting.reasonOf(at(2n))).toBeNull();
    stop();
  });
});
