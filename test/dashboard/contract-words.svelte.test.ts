// @vitest-environment happy-dom
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeValue } from '../../consensus/contract/encoding.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { contractNames } from '../../dashboard/app/session.svelte.ts';
import type { MinedTransaction } from '../../dashboard/model/fates.ts';
import ContractDeed from '../../dashboard/parts/ContractDeed.svelte';
import ContractValue from '../../dashboard/parts/ContractValue.svelte';
import Deed from '../../dashboard/parts/Deed.svelte';
import EventText from '../../dashboard/parts/EventText.svelte';
import Outcome from '../../dashboard/parts/Outcome.svelte';
import { ContractNames } from '../../dashboard/state/contract-names.svelte.ts';
import { i18n } from '../../dashboard/text/i18n.svelte.ts';
import { COUNTER } from '../../testing/contracts.ts';

const SENDER = 'rlore1sender00000alice';
const CONTRACT = 'rlore1contract00000a9n2';
const hexOf = (value: Parameters<typeof encodeValue>[0]): string => bytesToHex(encodeValue(value));
const call: MinedTransaction = {
  txid: 'ab'.repeat(32),
  sender: SENDER,
  recipient: CONTRACT,
  amount: '0',
  nonce: 0n,
  run: { kind: 'call', method: 'vote', args: hexOf(1) },
};
const receipt = { ok: true, gasUsed: 1, error: null, events: [], payments: [] };
const error = { message: 'the vote is closed', contract: CONTRACT, line: 20 };

const mounted: Record<string, unknown>[] = [];
function show(component: Parameters<typeof mount>[0], props: Record<string, unknown>): HTMLElement {
  const target = document.createElement('div');
  document.body.append(target);
  mounted.push(mount(component, { target, props }));
  flushSync();
  return target;
}
const textOf = (element: HTMLElement): string => (element.textContent ?? '').replace(/\s+/g, ' ').trim();
const told = (component: Parameters<typeof mount>[0], props: Record<string, unknown>) => textOf(show(component, props));

contractNames.learn(CONTRACT, 'Vote');
afterEach(async () => {
  for (const component of mounted.splice(0)) void unmount(component);
  document.body.replaceChildren();
  await i18n.use('en');
});

describe('a call', () => {
  const failed = { ...receipt, ok: false, error };

  it('is told by who called what of which contract', async () => {
    expect(told(ContractDeed, { transaction: call })).toBe('rlore1send…lice calls vote(1) of Vote …a9n2');
    expect(told(ContractDeed, { transaction: call, receipt })).toContain(' called vote(1) of ');
    expect(told(ContractDeed, { transaction: { ...call, amount: '1.5' }, receipt: failed })).toMatch(
      / tried to call vote\(1\) of Vote …a9n2 with 1.5 coins$/,
    );
    expect(told(Deed, { transaction: call })).toBe('rlore1send…lice calls vote(…) of Vote …a9n2');
    await i18n.use('ko');
    expect(told(ContractDeed, { transaction: call, receipt: failed })).toBe(
      'rlore1send…lice: Vote …a9n2의 vote(1) 호출 실패',
    );
  });

  it('that failed says why, and where the coins are', async () => {
    expect(told(Outcome, { transaction: call, receipt: failed })).toBe(
      'It failed: the vote is closed. Nothing changed; only the fee was paid.',
    );
    const paid = { transaction: { ...call, amount: '5' }, receipt: { ...failed, error: null } };
    expect(told(Outcome, paid)).toBe('It failed. The 5 coins stayed with rlore1send…lice; only the fee was paid.');
    await i18n.use('ko');
    expect(told(Outcome, paid)).toContain('5코인은 보낸 쪽(rlore1send…lice)에 그대로 남았고');
  });

  it('whose name and arguments are no text is told all the same', () => {
    const run = { kind: 'call', method: null, args: 'ff' } as const;
    expect(told(ContractDeed, { transaction: { ...call, run } })).toContain('calls ?(…) of Vote …a9n2');
  });

  it('tells the first events and payments, and the others when they are asked for', () => {
    const event = { contract: CONTRACT, name: 'Counted', values: hexOf(7) };
    const payment = { from: CONTRACT, to: SENDER, amount: '2' };
    const shown = show(Outcome, {
      transaction: call,
      receipt: { ...receipt, events: Array(6).fill(event), payments: [payment] },
    });
    expect(textOf(shown)).toMatch(/^Vote …a9n2 paid rlore1send…lice 2 Counted: 7 .* 2 more events$/);
    shown.querySelector('button')?.click();
    flushSync();
    expect(shown.querySelectorAll('li')).toHaveLength(7);
  });
});

describe('an event', () => {
  it('of another contract than the one that was called is told with its name', () => {
    const event = { contract: 'rlore1other', name: 'Ended', values: '' };
    expect(told(EventText, { event, of: CONTRACT })).toMatch(/: Ended$/);
    expect(told(EventText, { event, of: 'rlore1other' })).toBe('Ended');
  });
});

describe('a value', () => {
  it('that is long can be seen whole, and hides nothing', () => {
    const value = { kind: 'text', text: `\u202e${'x'.repeat(4_000)}` } as const;
    const shown = show(ContractValue, { value, isAlone: true });
    expect(textOf(shown)).toMatch(/^“\ufffdx+…” all 4,001 characters$/);
    shown.querySelector('button')?.click();
    flushSync();
    expect(shown.textContent).toContain('x'.repeat(4_000));
  });
});

describe('the names of contracts', () => {
  /** A node that knows nothing but the source of one deploy. */
  function asked(source: string | null) {
    const questions: unknown[] = [];
    const reader = {
      tip: { blockHash: 'first', height: 1 },
      link: {
        query: async (_: unknown, variables: object) => {
          questions.push(variables);
          return 'id' in variables ? { transaction: { source } } : { contract: null };
        },
      },
    };
    return { questions, reader, names: new ContractNames({ reader } as never) };
  }

  it('are asked for once at each tip, while there is no contract', async () => {
    const { names, reader, questions } = asked(null);
    await Promise.all([names.ask('c'), names.ask('c')]);
    expect([questions.length, names.nameOf('c')]).toEqual([1, null]);
    reader.tip = { blockHash: 'second', height: 2 };
    await names.ask('c');
    expect(questions).toHaveLength(2);
  });

  it('are those of the source before a deploy is mined', async () => {
    const { names } = asked(COUNTER);
    await names.ask('c', 'txid');
    expect(names.nameOf('c')).toBe('Counter');
    const none = asked('export class Broken {');
    await none.names.ask('c', 'txid');
    expect(none.names.nameOf('c')).toBeNull();
  });

  it('are not taken from a node that gives something else', () => {
    const { names } = asked(null);
    for (const name of ['', 'A b', '<b>', 'x'.repeat(65)]) names.learn('c', name);
    expect(names.nameOf('c')).toBeNull();
  });
});
