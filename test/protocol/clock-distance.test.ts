import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import type { Reply } from '../../protocol/effects.ts';
import type { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { ask, mineEvent } from '../../testing/asking.ts';
import { mine, oneNode, restart } from '../../testing/simulated.ts';

const DAY_MS = 86_400_000;
const LIMIT_SECONDS = REGTEST.futureLimitSeconds;

/** What the node says when it is asked to mine so many blocks. */
function mineUntilRefused(
  network: SimulatedNetwork,
  node: SimulatedNode,
  count: number,
): Extract<Reply, { ok: false }> {
  const reply = ask(network, node, mineEvent(count));
  if (reply.ok) throw new Error('the node mines');
  return reply;
}

function warningsOf(node: SimulatedNode): { message: string; fields: object }[] {
  return node.logs.flatMap(({ message, fields }) => (message.includes('probably wrong') ? [{ message, fields }] : []));
}

describe('a clock that stands before the chain', () => {
  it('is told of at the start, with the distance to the genesis block', () => {
    const { network, node } = oneNode();
    expect(warningsOf(node)).toEqual([]);
    const nowSeconds = Math.floor(network.clock.instant().wallMs / 1_000);
    const behindSeconds = 402 * 86_400;
    node.clock.skewMs = (REGTEST.genesis.header.time - nowSeconds - behindSeconds) * 1_000;
    restart(network, node);
    const [warning] = warningsOf(node);
    expect(warning?.message).toMatch(
      /^this machine's clock is 347\d{5} s \(402 days\) behind the genesis block of the chain, and is probably wrong$/,
    );
    expect(warning?.fields).toEqual({ behindSeconds: expect.closeTo(behindSeconds, -2) });
  });

  it('is told of at the start when it stands far before the last block, and not when it stands a little before it', () => {
    const { network, node } = oneNode();
    network.runFor(10 * DAY_MS);
    mine(network, node, 3);
    node.clock.skewMs = -60_000;
    restart(network, node);
    expect(warningsOf(node)).toEqual([]);
    node.clock.skewMs = -3 * DAY_MS;
    restart(network, node);
    expect(warningsOf(node)[0]?.message).toMatch(
      /^this machine's clock is 259\d{3} s \(3 days\) behind the last block/,
    );
  });

  it('is why a node does not mine, which says by how much and not that one should wait', () => {
    const { network, node } = oneNode();
    network.runFor(10 * DAY_MS);
    mine(network, node, 20);
    node.clock.skewMs = -5 * DAY_MS;
    const { code, message } = mineUntilRefused(network, node, 1);
    expect(code).toBe('time-too-new');
    expect(message).toMatch(
      /^this node's clock is 43\d{4} s \(5 days\) behind its chain, and is probably wrong: correct it$/,
    );
  });
});

describe('a chain that was mined faster than time passes', () => {
  it('is mined on until the limit; the refusal says the true distance, how long to wait, and what was mined', () => {
    const { network, node } = oneNode();
    network.runFor(10 * DAY_MS);
    mine(network, node, 20);
    // As if it had been mined in no time: a few seconds of the limit are left.
    const { time } = node.core.chain.tip.record.header;
    const nowSeconds = Math.floor(network.clock.instant().wallMs / 1_000);
    node.clock.skewMs = (time - nowSeconds - LIMIT_SECONDS) * 1_000;
    const { message, blockHashes = [] } = mineUntilRefused(network, node, 1_000);
    expect(blockHashes.length).toBeGreaterThan(0);
    expect(blockHashes.at(-1)).toBe(node.core.chain.tip.record.hash);
    const [, mined, ahead, wait] =
      /^mined (\d+) of 1000 blocks; then the next block would be (\d+) s \(2 hours\) ahead of this node's clock, and at most 7200 s are allowed: mine again in (\d+) s$/.exec(
        message,
      ) ?? [];
    expect(Number(mined)).toBe(blockHashes.length);
    expect(Number(ahead) - LIMIT_SECONDS).toBe(Number(wait));
    expect(Number(wait)).toBeGreaterThan(0);
  });
});
