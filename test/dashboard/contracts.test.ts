import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../consensus/address.ts';
import { compileContract } from '../../consensus/contract/compile.ts';
import { encodeValue } from '../../consensus/contract/encoding.ts';
import type { Parameter } from '../../consensus/contract/types.ts';
import { AddressValue, type Value } from '../../consensus/contract/value.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { changeOf } from '../../dashboard/model/account-change.ts';
import { checkArguments, emptyDraft } from '../../dashboard/model/argument-draft.ts';
import { shownResult, shownStored } from '../../dashboard/model/contract-state.ts';
import { shownValues, valueText } from '../../dashboard/model/contract-value.ts';
import { highlightedLines } from '../../dashboard/model/highlight.ts';
import { eventWords, filled, piecesOf } from '../../dashboard/model/told.ts';
import { VOTING } from '../../testing/contracts.ts';

const PREFIX = 'rlore';
const ALICE = 'ab'.repeat(20);
const alice = formatAddress(ALICE, PREFIX);
const hexOf = (...values: Value[]): string => values.map((value) => bytesToHex(encodeValue(value))).join('');
const textsOf = (hex: string): string[] | undefined =>
  shownValues(hex, PREFIX)?.map((value) => valueText(value, (address) => (address === alice ? 'Alice' : address)));

describe('what a contract tells', () => {
  it('is read from its bytes, and an account is told apart from a text with the same letters', () => {
    expect(textsOf(hexOf(new AddressValue(ALICE), 'Alice', 5, -7n, true, [1, 2]))).toEqual([
      'Alice',
      '“Alice”',
      '5',
      '-7',
      'true',
      '[1, 2]',
    ]);
  });

  it('is shortened in a sentence, and moves nothing in it', () => {
    const [text = '', list] = textsOf(hexOf(`\u202e${'x'.repeat(4_000)}`, [1, 2, 3, 4, 5])) ?? [];
    expect(text).toMatch(/^“\ufffdx+…x+”$/);
    expect(text.length).toBeLessThan(50);
    expect(list).toBe('[1, 2, 3, 4, …]');
  });

  it.each(['ff', '02', '0400ff61'])('is nothing where its bytes are none: %s', (hex) => {
    expect(shownValues(hex, PREFIX)).toBeNull();
  });

  it.each([
    ['Voted', 'voted'],
    ['BidPlaced', 'bid placed'],
    ['paid_out', 'paid out'],
    ['NFTMinted', 'nft minted'],
  ])('as %s is a verb: %s', (name, words) => {
    expect(eventWords(name)).toBe(words);
  });

  it('has its places in a sentence', () => {
    expect(piecesOf('{who} called {call}.')).toEqual([
      { slot: 'who' },
      { text: ' called ' },
      { slot: 'call' },
      { text: '.' },
    ]);
    expect(filled('{who} called {call}.', { who: 'Alice', call: 'vote(1)' })).toBe('Alice called vote(1).');
  });
});

describe('what a contract stores', () => {
  it('is read by the type that its source declares', () => {
    const record = { kind: 'record', name: 'Bid', properties: [{ name: 'who', type: 'Address' }] } as const;
    expect(shownStored(JSON.stringify({ who: alice }), record)).toEqual({
      kind: 'record',
      properties: [{ name: 'who', value: { kind: 'account', address: alice } }],
    });
    expect(shownStored(JSON.stringify(['5']), { kind: 'array', of: 'bigint' })).toEqual({
      kind: 'list',
      items: [{ kind: 'plain', text: '5' }],
    });
    expect(() => shownStored('{}', { kind: 'scalar', scalar: 'string' })).toThrow('a node gives no string');
    expect(() => shownStored('5', { kind: 'array', of: 'number' })).toThrow('a node gives no list');
  });

  it('and what a method gives, the same way', () => {
    const scalar = { kind: 'scalar', scalar: 'number' } as const;
    expect(shownResult(hexOf(5), scalar, PREFIX)).toEqual({ kind: 'plain', text: '5' });
    expect(shownResult(null, undefined, PREFIX)).toBeNull();
    expect(() => shownResult(hexOf('5'), scalar, PREFIX)).toThrow('number is wanted');
  });
});

describe('the form of a method', () => {
  const parameters: Parameter[] = [
    { name: 'count', type: { kind: 'scalar', scalar: 'number' } },
    { name: 'coins', type: { kind: 'scalar', scalar: 'bigint' } },
    { name: 'really', type: { kind: 'scalar', scalar: 'boolean' } },
    { name: 'note', type: { kind: 'scalar', scalar: 'string' } },
    { name: 'to', type: { kind: 'scalar', scalar: 'Address' } },
    { name: 'tags', type: { kind: 'array', of: 'string' } },
    { name: 'bid', type: { kind: 'record', name: 'Bid', properties: [{ name: 'amount', type: 'bigint' }] } },
  ];
  const accounts = { addressPrefix: PREFIX, named: [{ name: 'Alice', address: alice }] };
  const check = (...drafts: string[][]) => checkArguments(parameters, drafts, accounts);
  const RIGHT = [['5'], ['-7'], ['true'], [''], ['alice'], ['a', ''], ['9']];

  it('is incomplete at first, and nothing is wrong', () => {
    const { args, problems, problem } = check(...parameters.map(({ type }) => [...emptyDraft(type)]));
    expect([args, problem, problems.flat().every((each) => each === null)]).toEqual([null, null, true]);
  });

  it('gives the arguments as a transaction holds them', () => {
    const bid = encodeValue(9n);
    const expected = `${hexOf(5, -7n, true, '', new AddressValue(ALICE), ['a', ''])}0701${bytesToHex(bid)}`;
    expect(bytesToHex(check(...RIGHT).args ?? new Uint8Array())).toBe(expected);
  });

  it.each([
    [0, '5.5', 'not-whole'],
    [0, '9007199254740992', 'number-too-large'],
    [0, '1'.repeat(500), 'number-too-large'],
    [1, String(2n ** 255n), 'bigint-too-large'],
    [3, 'x'.repeat(4_097), 'text-too-long'],
    [3, 'half \ud800', 'half-character'],
    [4, 'Bobo', 'not-an-address'],
    [4, formatAddress(ALICE, 'lore'), 'other-network'],
    [6, 'x', 'not-whole'],
  ] as const)('says what is wrong with argument %i', (index, text, problem) => {
    const drafts = RIGHT.map((draft, at) => (at === index ? [text] : draft));
    const { args, problems } = check(...drafts);
    expect([args, problems[index]]).toEqual([null, [problem]]);
  });

  it('has limits for all arguments together', () => {
    const texts = (count: number, text: string) =>
      RIGHT.map((draft, at) => (at === 5 ? Array(count).fill(text) : draft));
    expect(check(...texts(1_025, ''))).toMatchObject({ args: null, problem: 'list-too-long' });
    expect(check(...texts(2, 'x'.repeat(2_048)))).toMatchObject({ args: null, problem: 'arguments-too-long' });
  });
});

describe('a source', () => {
  it('keeps every character in its line', () => {
    const sources = [VOTING, '/* a\nb', "'never closed\nconst x = `a\nb` // c", ''];
    for (const source of sources) {
      const lines = highlightedLines(source).map((pieces) => pieces.map(({ text }) => text).join(''));
      expect(lines.join('\n')).toBe(source);
    }
    expect(() => compileContract(utf8ToBytes(VOTING))).not.toThrow();
  });

  it('is in colours that follow its meaning', () => {
    const [first = [], second = []] = highlightedLines("const a = 1n; /* class\n5 */ let b: number = 'if';");
    const kinds = (pieces: typeof first) =>
      pieces.filter(({ kind }) => kind).map(({ text, kind }) => `${kind} ${text}`);
    expect(kinds(first)).toEqual(['keyword const', 'number 1n', 'comment /* class']);
    expect(kinds(second)).toEqual(['comment 5 */', 'keyword let', 'type number', "text 'if'"]);
  });
});

describe('what an account gained by a transaction', () => {
  const call = { sender: 'alice', recipient: 'bank', amount: '5' };
  const payments = [{ from: 'bank', to: 'carol', amount: '2' }];

  it('is its amount and what contracts paid, and nothing of one that failed', () => {
    const receipt = { ok: true, payments };
    const changes = ['alice', 'bank', 'carol', 'dave'].map((account) => changeOf({ ...call, receipt }, account));
    expect(changes).toEqual([-500_000_000n, 300_000_000n, 200_000_000n, 0n]);
    expect(changeOf({ ...call, receipt: { ok: false, payments: [] } }, 'alice')).toBe(0n);
    expect(changeOf({ ...call, recipient: 'alice' }, 'alice')).toBe(0n);
  });
});
