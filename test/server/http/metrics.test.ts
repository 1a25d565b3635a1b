import { register } from 'prom-client';
import { expect, it } from 'vitest';
import { ChainTotals } from '../../../server/node/chain-totals.ts';
import { createMetrics } from '../../../server/node/metrics.ts';

function snapshot(height: number, hashesDone: number) {
  return {
    height,
    checkpoints: [{ slot: 0, height: 0, fingerprint: 2 ** 48 - 1 }],
    targetHeight: height,
    stalledBy: height > 1 ? ('bodies' as const) : null,
    stalls: height,
    peersInbound: 0,
    peersOutbound: 0,
    mempoolSize: 0,
    mempoolBytes: 0,
    hashrate: 0,
    hashesDone,
    totals: { ...new ChainTotals(), contractTransactions: height, gasUsed: 100 * height, addBlock: () => {} },
    subscriptions: 0,
    loopDelayP99Ms: 250,
    resources: [{ what: 'addresses', count: 3 * height, limit: 1_000 }],
    stratum: null,
  };
}

it('shows what each node is now, and nothing in the registry that all share', async () => {
  let reads = 0;
  let current = snapshot(1, 10);
  const a = createMetrics(() => {
    reads++;
    return current;
  });
  const b = createMetrics(() => snapshot(5, 50));
  expect(await a.render()).toContain('\nforklore_hashes_total 10\n');
  current = snapshot(2, 30);
  const text = await a.render();
  expect(text).toContain('\nforklore_height 2\n');
  expect(text).toContain('\nforklore_checkpoint_height{slot="0"} 0\n');
  expect(text).toContain('\nforklore_checkpoint_fingerprint{slot="0"} 281474976710655\n');
  expect(text).toContain('\nforklore_hashes_total 30\n');
  expect(text).toContain('\nforklore_sync_stalled{reason="bodies"} 1\n');
  expect(text).toContain('\nforklore_sync_stalled{reason="clock"} 0\n');
  expect(text).toContain('\nforklore_sync_stalls_total 2\n');
  expect(text).toContain('\nforklore_contract_transactions_total 2\n');
  expect(text).toContain('\nforklore_gas_used_total 200\n');
  expect(text).toContain('\nforklore_loop_delay_p99_seconds 0.25\n');
  expect(text).toContain('\nforklore_held{what="addresses"} 6\n');
  expect(text).toContain('\nforklore_held_limit{what="addresses"} 1000\n');
  expect(text).toContain('\nprocess_cpu_user_seconds_total ');
  expect(text).toMatch(/\nforklore_process_listeners [1-9]/);
  expect(await b.render()).toContain('\nforklore_height 5\n');
  expect(reads).toBe(2);
  expect(await register.metrics()).toBe('\n');
});
