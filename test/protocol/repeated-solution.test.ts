import { expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { COINBASE_EXTRA_NONCE_BYTES } from '../../consensus/transaction.ts';
import type { Effect } from '../../protocol/effects.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import { ForkloreNode } from '../../protocol/node.ts';
import { MemoryStore } from '../../simulator/memory-store.ts';
import { solveHeader } from '../../simulator/solve.ts';
import { mineEvent } from '../../testing/asking.ts';
import { coreConfig } from '../../testing/core-config.ts';

it('makes another block where a search that starts at zero finds a block that the node has', () => {
  const store = new MemoryStore(REGTEST);
  const now = { wallMs: (REGTEST.genesis.header.time + 1_000) * 1_000, monotonicMs: 0 };
  const node = new ForkloreNode(coreConfig(), store, store, { u32: () => 1 }, now);
  const mined: string[] = [];
  const handle = (event: NodeEvent): void => {
    const effects: Effect[] = node.handleEvent(event, now);
    for (const effect of effects) if (effect.type === 'persist') store.apply(effect.writes);
    for (const effect of effects) {
      if (effect.type === 'reply' && effect.reply.ok && effect.reply.value.kind === 'mined')
        mined.push(...effect.reply.value.blockHashes);
      if (effect.type !== 'start-mining') continue;
      const { job, template } = effect.job;
      const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
      handle({ type: 'mined', solution: { job, extraNonce, nonce: solveHeader(template.header) } });
    }
  };
  handle({ type: 'start' });
  // The clock stands still, so that time makes no difference.
  for (let request = 1; request <= 4; request++) handle(mineEvent(1, { parent: REGTEST.genesis.hash })(request));
  expect(new Set(mined).size).toBe(4);
  expect(node.chain.atHeight(1)).toHaveLength(4);
});
