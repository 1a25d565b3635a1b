import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mineWithin } from '../../../cli/mcp/mine-within.ts';
import { connectNode } from '../../../client/node/main.ts';
import { LAB, REGTEST } from '../../../consensus/networks.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';

const { signal } = new AbortController();
/** Of a network whose times may be ten seconds ahead: after some sixty blocks at once they are. */
let easy: LiveNode;
/** Too slow to find a block while the test runs. */
let slow: LiveNode;
beforeAll(async () => {
  const network = { ...REGTEST, futureLimitSeconds: 10 };
  [easy, slow] = await Promise.all([startLiveNode({ network }), startLiveNode({ network: LAB, hashrateLimit: 1 })]);
});
afterAll(async () => {
  await Promise.all([easy.stop(), slow.stop()]);
});

describe('mining for a limited time', () => {
  it('gives all blocks where there is time for them', async () => {
    const { blocks, stopped } = await mineWithin(
      connectNode({ url: easy.url }),
      { count: 3, to: 'Alice' },
      { limitMs: 60_000, signal },
    );
    expect(blocks.map(({ height }) => height)).toEqual([1, 2, 3]);
    expect(stopped).toBeNull();
  });

  it('says at its end how many there are, and lets the node rest', async () => {
    const { blocks, stopped } = await mineWithin(
      connectNode({ url: slow.url }),
      { count: 2, to: 'Alice' },
      { limitMs: 300, signal },
    );
    expect(blocks).toEqual([]);
    expect(stopped).toBe('0 of 2 blocks in 0.3 s, as long as one call may take; call again for the others');
    await slow.api.until(
      'subscription { minerChanged { working } }',
      async () => (await slow.api.query('{ miner { working } }')).miner,
      ({ working }) => !working,
    );
  });

  it('gives what there is when the node refuses to go on, and why', async () => {
    const { blocks, stopped } = await mineWithin(
      connectNode({ url: easy.url }),
      { count: 1_000, to: 'Alice' },
      { limitMs: 60_000, signal },
    );
    expect(blocks.length).toBeGreaterThan(10);
    expect(stopped).toMatch(/^the node does not mine: .*\(time-too-new\)$/);
    await expect(
      mineWithin(connectNode({ url: easy.url }), { count: 1, to: 'Zed' }, { limitMs: 60_000, signal }),
    ).rejects.toThrow('Zed');
  });
});
