// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { ClientError } from '../../client/client-error.ts';
import type { Miner } from '../../client/documents.ts';
import { clock } from '../../dashboard/app/session.svelte.ts';
import { dissectHeader } from '../../dashboard/model/dissect.ts';
import Ago from '../../dashboard/parts/Ago.svelte';
import Problem from '../../dashboard/parts/Problem.svelte';
import { Action } from '../../dashboard/state/action.svelte.ts';
import { Question } from '../../dashboard/state/question.svelte.ts';
import RawBytes from '../../dashboard/views/explorer/RawBytes.svelte';
import MiningProgress from '../../dashboard/views/network/MiningProgress.svelte';
import { eventually } from '../../testing/eventually.ts';

const mounted: Record<string, unknown>[] = [];

function show(component: Parameters<typeof mount>[0], props: Record<string, unknown>): HTMLElement {
  const target = document.createElement('div');
  document.body.append(target);
  mounted.push(mount(component, { target, props }));
  flushSync();
  return target;
}

afterEach(() => {
  for (const component of mounted.splice(0)) void unmount(component);
  document.body.replaceChildren();
});

describe('a problem', () => {
  it('is told in words and with its code, to those who listen too', () => {
    const shown = show(Problem, { error: new ClientError('failed', 'the fee is too low', { code: 'fee-too-low' }) });
    expect(shown.querySelector('[role=alert]')?.textContent).toMatch(/the fee is too low\s+fee-too-low/);
  });

  it('that is known is told in the words of the page', () => {
    expect(show(Problem, { error: new ClientError('unreachable', 'x') }).textContent).toContain(
      'The node does not answer.',
    );
  });

  it('that is none shows nothing', () => {
    expect(show(Problem, { error: null }).textContent).toBe('');
  });
});

describe('a moment', () => {
  it('that is still to come is told as a clock that is ahead, with the reason', () => {
    const shown = show(Ago, { at: clock.nowMs + 6 * 60_000 });
    expect(shown.textContent).toBe('its clock is 6 min ahead');
    expect(shown.querySelector('time')?.title).toContain('later than the median of the eleven before it');
  });

  it('that has passed is told as how long ago that is', () => {
    const shown = show(Ago, { at: clock.nowMs - 6 * 60_000 });
    expect(shown.textContent).toBe('6 min. ago');
    expect(shown.querySelector('time')?.title).not.toContain('median');
  });
});

describe('the bytes of a header', () => {
  it('light up together with their explanation', () => {
    const shown = show(RawBytes, { fields: dissectHeader('00'.repeat(80)) });
    const rows = [...shown.querySelectorAll('li')];
    expect(rows.map((row) => row.querySelector('.name')?.firstChild?.textContent)).toEqual([
      'Version',
      'Previous hash',
      'Merkle root',
      'Time',
      'Bits',
      'Nonce',
    ]);
    rows[3]?.dispatchEvent(new Event('pointerenter'));
    flushSync();
    const lit = [...shown.querySelectorAll('.field')].map((field) => field.classList.contains('active'));
    expect(lit).toEqual([false, false, false, true, false, false]);
  });
});

describe('the progress of a search', () => {
  const miner = (hashesDone: number) =>
    ({ hashesDone: String(hashesDone), expectedHashes: '1000', expectedSeconds: 2, hashrate: 500 }) as Miner;
  const percentOf = (shown: HTMLElement) => shown.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow');

  it('is the share of such searches that have found a block, and starts again with each block', () => {
    const props = $state({ miner: miner(5_000), height: 7 });
    const shown = show(MiningProgress, props);
    expect(percentOf(shown)).toBe('0');
    props.miner = miner(6_000);
    flushSync();
    expect(percentOf(shown)).toBe('63');
    expect(shown.textContent).toContain('1K hashes tried, 1K expected · 2 sec a block');
    props.miner = miner(9_000);
    flushSync();
    expect(percentOf(shown)).toBe('98');
    props.height = 8;
    flushSync();
    expect(percentOf(shown)).toBe('0');
  });
});

describe('an action', () => {
  it('says that it runs, and what went wrong', async () => {
    const action = new Action();
    const running = action.run(() => Promise.reject(new ClientError('failed', 'it did not work', { code: 'no' })));
    expect(action.isRunning).toBe(true);
    expect(await running).toBeUndefined();
    expect(action.isRunning).toBe(false);
    expect(action.error).toMatchObject({ code: 'no', message: 'it did not work' });
    action.dismiss();
    expect(action.error).toBeNull();
  });

  it('runs once at a time', async () => {
    const action = new Action();
    const first = action.run(() => Promise.resolve(1));
    expect(await action.run(() => Promise.resolve(2))).toBeUndefined();
    expect(await first).toBe(1);
  });

  it('can be given up, which is no error', async () => {
    const action = new Action();
    const running = action.run(
      (signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new ClientError('aborted', 'given up'))),
        ),
    );
    action.cancel();
    await running;
    expect(action.error).toBeNull();
    expect(action.isRunning).toBe(false);
  });
});

describe('a question', () => {
  it('is asked again when what it depends on changes, and shows the last answer meanwhile', async () => {
    let tip = $state(1);
    let key = $state('a');
    const asked: string[] = [];
    let question!: Question<string>;
    const stop = $effect.root(() => {
      question = new Question({
        key: () => key,
        depends: () => tip,
        ask: () => {
          asked.push(`${key} ${tip}`);
          return Promise.resolve(`answer ${asked.length}`);
        },
      });
    });
    flushSync();
    await eventually(() => expect(question.data).toBe('answer 1'));
    tip = 2;
    flushSync();
    expect(question.data).toBe('answer 1');
    await eventually(() => expect(question.data).toBe('answer 2'));
    key = 'b';
    flushSync();
    expect(question.data).toBeNull();
    await eventually(() => expect(question.data).toBe('answer 3'));
    expect(asked).toEqual(['a 1', 'a 2', 'b 2']);
    stop();
  });

  it('about what changes all the time is answered, and asked only now and then', async () => {
    let tip = $state(0);
    const answers: ((answer: number) => void)[] = [];
    let question!: Question<number>;
    const stop = $effect.root(() => {
      question = new Question({
        key: () => '',
        depends: () => tip,
        ask: () => new Promise<number>((resolve) => answers.push(resolve)),
      });
    });
    for (let index = 0; index < 20; index++) {
      tip = index;
      flushSync();
    }
    expect(answers).toHaveLength(1);
    answers[0]?.(7);
    await eventually(() => expect(question.data).toBe(7));
    // What has changed meanwhile is asked for once.
    await eventually(() => expect(answers).toHaveLength(2));
    stop();
  });

  it('takes no answer to a question that is not asked any more', async () => {
    let key = $state('slow');
    const answers = new Map<string, (answer: string) => void>();
    let question!: Question<string>;
    const stop = $effect.root(() => {
      question = new Question({
        key: () => key,
        depends: () => null,
        ask: () => {
          const mine = key;
          return new Promise<string>((resolve) => answers.set(mine, resolve));
        },
      });
    });
    flushSync();
    key = 'quick';
    flushSync();
    answers.get('quick')?.('quick answer');
    await eventually(() => expect(question.data).toBe('quick answer'));
    answers.get('slow')?.('slow answer');
    await Promise.resolve();
    expect(question.data).toBe('quick answer');
    stop();
  });
});
