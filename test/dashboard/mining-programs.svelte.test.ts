// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClientError } from '../../client/client-error.ts';
import type { NodeInfo, StratumAnswer } from '../../client/documents.ts';
import { clock } from '../../dashboard/app/session.svelte.ts';
import { NodeState } from '../../dashboard/state/node.svelte.ts';
import type { NodeLink } from '../../dashboard/state/node-link.ts';
import MiningPrograms from '../../dashboard/views/network/MiningPrograms.svelte';
import { eventually } from '../../testing/eventually.ts';

type Stratum = NonNullable<StratumAnswer['miner']['stratum']>;

let component: Record<string, unknown>;

/** Shows the programs of a node that answers like this. */
function show(answer: () => Stratum | null) {
  const node = new NodeState('http://127.0.0.1:5001', 'served');
  const seen = { node, asked: 0, target: document.createElement('div') };
  node.linkState = { kind: 'online', sinceMs: 0 };
  const query = async (): Promise<StratumAnswer> => {
    seen.asked++;
    return { miner: { stratum: answer() } };
  };
  node.link = { query } as unknown as NodeLink;
  document.body.append(seen.target);
  component = mount(MiningPrograms, { target: seen.target, props: { node } });
  flushSync();
  return seen;
}

/** Lets the clock of the page go on until this holds. */
const ticking = (check: () => void): Promise<void> =>
  eventually(() => {
    clock.nowMs++;
    flushSync();
    check();
  });

function program(id: number, accepted = 66): Stratum['miners'][number] {
  const shares = { accepted, stale: 2, refused: 1 };
  return { id: `${id}`, user: `Alice.${id}`, program: 'cpuminer/2.5.1', hashrate: 1_260_000, blocks: 29, shares };
}

const rowsIn = (target: HTMLElement) =>
  [...target.querySelectorAll('li')].map(({ textContent }) => textContent?.replace(/\s+/g, ' ').trim());

afterEach(() => {
  vi.useRealTimers();
  void unmount(component);
  document.body.replaceChildren();
});

describe('the mining programs of a node', () => {
  it('are shown with where they connect, and followed', async () => {
    let accepted = 66;
    const { target } = show(() => ({ listens: '127.0.0.1:3333', miners: [program(1, accepted)] }));
    const row = (count: number) =>
      `Alice.1 cpuminer/2.5.1 1.26 MH/s Shares: ${count} accepted, 2 stale, 1 refused · 29 blocks`;
    await ticking(() => expect(rowsIn(target)).toEqual([row(66)]));
    expect(target.querySelector('code')?.textContent).toBe('127.0.0.1:3333');
    accepted = 67;
    await ticking(() => expect(rowsIn(target)).toEqual([row(67)]));
  });

  it('are told to be none, and the first twenty of many', async () => {
    let miners: Stratum['miners'] = [];
    const { target } = show(() => ({ listens: '127.0.0.1:3333', miners }));
    await ticking(() => expect(rowsIn(target)).toEqual(['No program mines here now.']));
    miners = Array.from({ length: 23 }, (_, index) => program(index));
    await ticking(() => expect(rowsIn(target)).toHaveLength(20));
    expect(target.textContent).toContain('and 3 more');
  });

  it.each([
    ['has no Stratum', () => null],
    [
      'does not know the question',
      () => {
        throw new ClientError('failed', 'Cannot query field "stratum"', { code: 'GRAPHQL_VALIDATION_FAILED' });
      },
    ],
  ])('are nothing where it %s, and asked for once until it starts again', async (_name, answer) => {
    vi.useFakeTimers();
    const seen = show(answer);
    const passMinute = async () => {
      for (let second = 0; second < 60; second++) {
        clock.nowMs += 1_000;
        flushSync();
        await vi.advanceTimersByTimeAsync(1_000);
      }
    };
    await passMinute();
    expect(seen.asked).toBe(1);
    expect(seen.target.textContent?.trim()).toBe('');
    seen.node.info = { startedAt: '2026-11-28T12:00:00.000Z' } as NodeInfo;
    await passMinute();
    expect(seen.asked).toBe(2);
  });

  it('that cannot be asked for are a problem, until they can', async () => {
    let isBroken = true;
    const { target } = show(() => {
      if (isBroken) throw new ClientError('failed', 'broken', { code: 'INTERNAL_SERVER_ERROR' });
      return { listens: '127.0.0.1:3333', miners: [] };
    });
    await ticking(() => expect(target.querySelector('[role=alert]')?.textContent).toContain('broken'));
    isBroken = false;
    await ticking(() => expect(target.querySelector('[role=alert]')).toBeNull());
    expect(rowsIn(target)).toHaveLength(1);
  });
});
