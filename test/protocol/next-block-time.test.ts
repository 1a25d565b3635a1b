import { describe, expect, it } from 'vitest';
import { medianTimeOf } from '../../protocol/header-index.ts';
import type { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { ask, mineChosen, mineEvent } from '../../testing/asking.ts';
import { hurryNetwork } from '../../testing/networks.ts';
import { mine, oneNode, restart } from '../../testing/simulated.ts';

const HOUR_SECONDS = 3_600;

function nowOf(node: SimulatedNode): number {
  return Math.floor(node.clock.instant().wallMs / 1_000);
}

function timeAt(node: SimulatedNode, height: number): number {
  return node.core.chain.activeAt(height)?.record.header.time ?? 0;
}

/** Sets the time of the next block; `done`, or the code of the refusal. */
function setTime(network: SimulatedNetwork, node: SimulatedNode, timeSeconds: number): string {
  const reply = ask(network, node, (request) => ({ type: 'set-next-block-time', request, timeSeconds }));
  return reply.ok ? reply.value.kind : reply.code;
}

describe('the time that is set for the next block', () => {
  it('is exactly the time of the next block that is mined here, and of no other', () => {
    const { network, node } = oneNode();
    mine(network, node, 1);
    const set = nowOf(node) + HOUR_SECONDS;
    expect(setTime(network, node, set)).toBe('done');
    expect(node.core.template(nowOf(node)).header.time).toBe(set);
    network.runFor(60_000);
    mine(network, node, 2);
    expect(timeAt(node, 2)).toBe(set);
    expect(timeAt(node, 3)).toBeLessThanOrEqual(nowOf(node));
  });

  it('may lie behind the clock, and replaces the time of a block that is searched for already', () => {
    const { network, node } = oneNode();
    mine(network, node, 1);
    node.hashrate = 0;
    const id = node.request(mineEvent(1));
    network.runFor(5_000);
    const set = medianTimeOf(node.core.chain.tip) + 1;
    node.hashrate = 1_000;
    expect(setTime(network, node, set)).toBe('done');
    network.runUntil(() => node.replyTo(id) !== undefined);
    expect(timeAt(node, 2)).toBe(set);
    expect(set).toBeLessThan(nowOf(node));
  });

  it('is refused where no block could have it, and then none has', () => {
    const { network, node } = oneNode();
    mine(network, node, 20);
    expect(setTime(network, node, medianTimeOf(node.core.chain.tip))).toBe('time-too-old');
    const latest = nowOf(node) + network.params.futureLimitSeconds;
    expect(setTime(network, node, latest + 1)).toBe('time-too-new');
    mine(network, node, 1);
    expect(timeAt(node, 21)).toBeLessThan(latest);
    expect(setTime(network, node, latest)).toBe('done');
    mine(network, node, 1);
    expect(timeAt(node, 22)).toBe(latest);
  });

  //  genesis - 1 - 2 - 3      2 and 3 are an hour ahead
  it('ends a request to mine on a parent that is too late for it, and is forgotten then', () => {
    const { network, node } = oneNode();
    mine(network, node, 1);
    const late = nowOf(node) + HOUR_SECONDS;
    const [two, three] = [late, late + 1].map((time) => {
      expect(setTime(network, node, time)).toBe('done');
      return mineChosen(network, node, 1)[0] ?? '';
    });
    ask(network, node, (request) => ({ type: 'invalidate-block', request, blockHash: two ?? '' }));
    expect(setTime(network, node, late - 1)).toBe('done');
    ask(network, node, (request) => ({ type: 'reconsider-block', request, blockHash: two ?? '' }));
    const onThree = mineEvent(1, { parent: three ?? null });
    expect(ask(network, node, onThree)).toMatchObject({ ok: false, code: 'time-too-old' });
    expect(ask(network, node, onThree)).toMatchObject({ ok: true });
  });

  it('does not keep a node from mining where the chain has passed it', () => {
    const { network, node } = oneNode();
    const [one] = mineChosen(network, node, 1);
    mineChosen(network, node, 12);
    ask(network, node, (request) => ({ type: 'invalidate-block', request, blockHash: one ?? '' }));
    expect(setTime(network, node, network.params.genesis.header.time + 1)).toBe('done');
    ask(network, node, (request) => ({ type: 'reconsider-block', request, blockHash: one ?? '' }));
    const set = { type: 'set-mining', threads: null, intervalMs: null, hashrateLimit: null, recipient: null } as const;
    node.request((request) => ({ ...set, request, mode: 'continuous' }));
    network.runUntil(() => node.core.chain.tip.record.height > 14);
  });

  it('is waited for where the clock was set back, and requests are told why', () => {
    const { network, node } = oneNode();
    const set = nowOf(node) + HOUR_SECONDS;
    expect(setTime(network, node, set)).toBe('done');
    node.clock.skewMs -= 2 * HOUR_SECONDS * 1_000;
    expect(ask(network, node, mineEvent(1))).toMatchObject({ ok: false, code: 'time-too-new' });
    node.clock.skewMs += 2 * HOUR_SECONDS * 1_000;
    mine(network, node, 1);
    expect(timeAt(node, 1)).toBe(set);
  });

  it('does not outlive the node', () => {
    const { network, node } = oneNode();
    const set = nowOf(node) + HOUR_SECONDS;
    expect(setTime(network, node, set)).toBe('done');
    restart(network, node);
    mine(network, node, 1);
    expect(timeAt(node, 1)).toBeLessThan(set);
  });

  it('needs a network with development controls', () => {
    const { network, node } = oneNode({ params: hurryNetwork() });
    expect(setTime(network, node, nowOf(node) + 1)).toBe('controls-off');
  });
});
