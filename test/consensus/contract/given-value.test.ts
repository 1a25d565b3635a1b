import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../../consensus/codec.ts';
import { compileContract } from '../../../consensus/contract/compile.ts';
import { decodeValue } from '../../../consensus/contract/encoding.ts';
import { type Callee, encodeArguments, GivenValueError } from '../../../consensus/contract/given-value.ts';
import { AddressValue, RecordValue } from '../../../consensus/contract/value.ts';
import { utf8ToBytes } from '../../../consensus/hex.ts';

const PROGRAM = compileContract(
  utf8ToBytes(`interface Bid { who: Address; amount: bigint; }
export class Auction {
  constructor() {}
  none(): void {}
  count(n: number): void {}
  many(n: bigint): void {}
  flag(on: boolean): void {}
  label(text: string): void {}
  owner(who: Address): void {}
  list(names: string[], open: boolean): void {}
  bid(bid: Bid): void {}
}`),
);
const ALICE = '01'.repeat(20);

function callee(name: string): Callee {
  return PROGRAM.entries.get(name) as Callee;
}

function addressOf(text: string): string {
  if (text === 'alice') return ALICE;
  throw new GivenValueError(`"${text}" is nobody`);
}

function encode(method: string, ...given: unknown[]): Uint8Array {
  return encodeArguments(callee(method), given, addressOf);
}

/** What the machine gets. */
function roundTrip(method: string, ...given: unknown[]): unknown[] {
  const reader = new ByteReader(encode(method, ...given));
  const values = callee(method).parameters.map(({ type }) => decodeValue(reader, type));
  reader.end();
  return values;
}

it.each<[method: string, given: unknown[], expected: unknown[]]>([
  ['none', [], []],
  ['count', [-5], [-5]],
  ['count', [-0], [0]],
  ['many', [5], [5n]],
  ['many', ['-123456789012345678901234567890'], [-123456789012345678901234567890n]],
  ['many', [7n], [7n]],
  ['flag', [false], [false]],
  ['label', ['국수'], ['국수']],
  ['owner', ['alice'], [new AddressValue(ALICE)]],
  ['owner', [{ address: 'alice', secretKey: 'unread' }], [new AddressValue(ALICE)]],
  ['list', [['noodles', 'rice'], true], [['noodles', 'rice'], true]],
  ['bid', [{ amount: '9', who: 'alice' }], [new RecordValue(['who', 'amount'], [new AddressValue(ALICE), 9n])]],
])('%s takes %o', (method, given, expected) => {
  expect(roundTrip(method, ...given)).toEqual(expected);
});

describe('what is no value of the type is refused in words', () => {
  it.each<[method: string, given: unknown[], message: string]>([
    ['none', [1], 'none takes no arguments, not 1'],
    ['list', [[]], 'list takes 2 arguments (names: string[], open: boolean), not 1'],
    ['constructor', [1], 'the constructor takes no arguments, not 1'],
    ['count', ['5'], 'argument 1 of count (n: number) must be a whole number of at most 2^53 - 1, not the text "5"'],
    ['count', [1.5], 'argument 1 of count (n: number) must be a whole number of at most 2^53 - 1, not 1.5'],
    [
      'count',
      [2 ** 53],
      'argument 1 of count (n: number) must be a whole number of at most 2^53 - 1, not 9007199254740992',
    ],
    ['many', [0.5], 'argument 1 of many (n: bigint) must be a whole number, such as 5 or "5", not 0.5'],
    [
      'many',
      [2 ** 60],
      'argument 1 of many (n: bigint) must be a whole number, such as 5 or "5", in quotes, because it is large, not 1152921504606847000',
    ],
    ['many', [2n ** 255n], 'argument 1 of many (n: bigint) is beyond 2^255 - 1, the largest bigint'],
    ['flag', [null], 'argument 1 of flag (on: boolean) must be true or false, not null'],
    ['label', [['a']], 'argument 1 of label (text: string) must be a text, not a list'],
    ['label', ['a'.repeat(4097)], 'argument 1 of label (text: string) has 4097 UTF-16 units; a text has at most 4096'],
    ['label', ['\ud800'], 'argument 1 of label (text: string) holds half of a character that has two UTF-16 units'],
    ['owner', ['bob'], 'argument 1 of owner (who: Address): "bob" is nobody'],
    [
      'owner',
      [7],
      'argument 1 of owner (who: Address) must be an address, or the name of an account, as a text, not 7',
    ],
    ['list', ['x', true], 'argument 1 of list (names: string[]) must be a list of string values, not the text "x"'],
    ['list', [['x', 1], true], 'argument 1 of list (names: string[]), element [1] must be a text, not 1'],
    ['bid', [5], 'argument 1 of bid (bid: Bid) must be an object with who (Address), amount (bigint), not 5'],
    ['bid', [{ who: 'alice' }], 'argument 1 of bid (bid: Bid): its property amount (bigint) is missing'],
    [
      'bid',
      [{ who: 'alice', amount: 1, at: 2 }],
      'argument 1 of bid (bid: Bid) has no property "at": it is an object with who (Address), amount (bigint)',
    ],
    [
      'count',
      ['ab'.repeat(32)],
      'argument 1 of count (n: number) must be a whole number of at most 2^53 - 1, not a text that may be a key',
    ],
  ])('%s of %o', (method, given, message) => {
    expect(() => encode(method, ...given)).toThrow(new GivenValueError(message));
  });

  it('all arguments together are too long', () => {
    const names = Array.from({ length: 3 }, () => 'x'.repeat(2000));
    expect(() => encode('list', names, true)).toThrow(
      'the arguments have 6013 bytes when encoded; at most 4096 are allowed',
    );
  });
});
