import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { compileContract } from '../../../consensus/contract/compile.ts';
import { AddressValue } from '../../../consensus/contract/value.ts';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../../../consensus/hex.ts';
import { ALICE, BOB, CONTRACT, ContractWorld, type PlainValue, resultOf } from '../../../testing/contract-world.ts';

const OTHER = '0b'.repeat(20);

function deployed(source: string, args: readonly PlainValue[] = []): ContractWorld {
  const world = new ContractWorld();
  world.balances.set(ALICE, 100n);
  expect(world.deploy(CONTRACT, source, args)).toMatchObject({ ok: true });
  return world;
}

function run(world: ContractWorld, method: string, args: readonly PlainValue[] = [], value = 0n): unknown {
  const outcome = world.call(CONTRACT, method, args, { value });
  return outcome.ok ? resultOf(outcome, world.program(CONTRACT)!, method) : outcome.failure.code;
}

/** The value of an expression. */
function valueOfExpression(expression: string, type: string): unknown {
  return run(deployed(`export class C { run(): ${type} { return ${expression}; } }`), 'run');
}

describe('an expression', () => {
  it.each([
    ['0 * -1', 'number', 0],
    ['Math.trunc(-1 / 2)', 'number', 0],
    ['Math.floor(-7 / 2)', 'number', -4],
    ['Math.floor(9007199254740991 / 2)', 'number', 4_503_599_627_370_495],
    ['-7 % 4', 'number', -3],
    ['2 ** 3 ** 2', 'number', 512],
    ['(-1) ** 3', 'number', -1],
    ['3 ** 33', 'number', 5_559_060_566_555_523],
    ['0 ** 0', 'number', 1],
    ['10 ** 100', 'number', 'number-too-large'],
    ['2 ** 1000', 'number', 'number-too-large'],
    ['[1].includes([1])', 'boolean', 'wrong-type'],
    ["'🍴'.slice(1, 1)", 'string', ''],
    ['9007199254740991 * 9007199254740991', 'number', 'number-too-large'],
    ['-(-9007199254740991)', 'number', 9_007_199_254_740_991],
    ['2n ** 254n + (2n ** 254n - 1n)', 'bigint', 2n ** 255n - 1n],
    ['-(2n ** 254n) - 2n ** 254n', 'bigint', 'bigint-too-large'],
    ['(-1n) ** (2n ** 200n + 1n)', 'bigint', -1n],
    ['-7n / 2n', 'bigint', -3n],
    ['(0xffn & -2n) ^ 1n | 0x100n', 'bigint', 0x1ffn],
    ['Number(2n ** 53n)', 'number', 'number-too-large'],
    ['1 + 2 === 3 && !(1 > 2)', 'boolean', true],
    ['true || 1', 'boolean', true],
    ['false || 1', 'boolean', 'wrong-type'],
    ['1 ? 2 : 3', 'number', 'wrong-type'],
    ["1 === '1'", 'boolean', 'wrong-types'],
    ['[1] === [1]', 'boolean', 'wrong-types'],
    ["'a' < 'b'", 'boolean', 'wrong-types'],
    ["'1' + 1", 'string', 'wrong-types'],
    ["'🍴'.length", 'number', 2],
    ["'a🍴b'.slice(1, 3)", 'string', '🍴'],
    ["'a🍴b'.slice(0, 2)", 'string', 'cut-character'],
    ["'a🍴b'[1]", 'string', 'cut-character'],
    ["'\\u{1f374}' === '🍴'", 'boolean', true],
    ["'\\ud83c'", 'string', 'refused'],
    ['[1, 2, 3].slice(-2)', 'number[]', [2, 3]],
    ['[1, 2].indexOf(2)', 'number', 1],
    ["[1, 2].includes(address('0000000000000000000000000000000000000000'))", 'boolean', false],
    ['1_000 + 0xff + 1e3', 'number', 2_255],
    ['Math.max([1 < 2].length, 3 > (2) ? 1 : 0)', 'number', 1],
    ['[(1 < 2), 3 > (2)].includes(false)', 'boolean', false],
    ["address('ab') === chain.caller", 'boolean', 'bad-address'],
  ])('%s as %s is %o', (expression, type, wanted) => {
    if (wanted === 'refused') {
      expect(() => valueOfExpression(expression, type)).toThrow(/line 1/);
    } else {
      expect(valueOfExpression(expression, type)).toEqual(wanted);
    }
  });
});

describe('a field', () => {
  it('has no slot before it is assigned, and is what it was declared to be', () => {
    const world = deployed('export class C { a = 5; list: string[] = []; get1(): number { return this.a; } }');
    expect(world.slots.get(CONTRACT)).toBeUndefined();
    expect(run(world, 'get1')).toBe(5);
  });

  it('with an array is written when the array has changed, and only then', () => {
    const world = deployed(`export class C { list: number[] = [1];
      look(): number { const a = this.list; a.push(1); return a.pop(); }
      grow(): number { const a = this.list; a.push(7); return this.list.length; } }`);
    run(world, 'look');
    expect(world.slots.get(CONTRACT)).toBeUndefined();
    expect([run(world, 'grow'), run(world, 'grow')]).toEqual([2, 3]);
    expect(world.slots.get(CONTRACT)?.size).toBe(1);
  });

  it('with an array does not take elements of another type', () => {
    const world = deployed("export class C { list: number[] = []; bad(): void { this.list.push('x'); } }");
    expect(run(world, 'bad')).toBe('wrong-type');
  });
});

describe('coins', () => {
  const SOURCE = `export class C {
    direct(): bigint { return chain.value; }
    through(): bigint { return this.inner(); }
    private inner(): bigint { return this.direct(); }
    none(): bigint { return chain.balance; }
  }`;

  it('are accepted by methods that use chain.value, themselves or through what they call', () => {
    const world = deployed(SOURCE);
    expect(['direct', 'through', 'none'].map((method) => run(world, method, [], 5n))).toEqual([
      5n,
      5n,
      'takes-no-coins',
    ]);
    expect(world.balance(CONTRACT)).toBe(10n);
    expect(run(world, 'none')).toBe(10n);
  });

  it('do not move for a call that fails', () => {
    const world = deployed("export class C { run(): void { require(chain.value === 1n, 'no'); } }");
    expect(run(world, 'run', [], 5n)).toBe('required');
    expect(world.balance(CONTRACT)).toBe(0n);
  });
});

describe('a call of another contract', () => {
  const CALLEE = `export class Callee {
    last: Address;
    sum = 0n;
    constructor() { this.last = chain.caller; }
    put(list: number[]): bigint { this.last = chain.caller; this.sum += chain.value; list.push(9); return this.sum; }
    who(): Address { return this.last; }
    stop(): void { throw new Error('stop'); }
  }`;
  const CALLER = `interface Callee { put(list: number[]): bigint; who(): Address; stop(): void; }
  export class Caller {
    mark = 0;
    other: Address;
    constructor(other: Address) { this.other = other; }
    run(): string {
      const list = [1, 2];
      const first = at<Callee>(this.other, chain.value - 2n).put(list);
      const second = at<Callee>(this.other, 2n).put(list);
      return \`\${first} \${second} \${list.length} \${at<Callee>(this.other).who()} \${chain.balance}\`;
    }
    fail(): void { this.mark = 1; at<Callee>(this.other).put([]); at<Callee>(this.other).stop(); }
  }`;

  it('passes coins and copies of values, keeps what earlier ones did, and names the calling contract', () => {
    const world = new ContractWorld();
    world.balances.set(ALICE, 100n);
    world.deploy(OTHER, CALLEE);
    world.deploy(CONTRACT, CALLER, [new AddressValue(OTHER)]);
    expect(run(world, 'run', [], 7n)).toBe(`5 7 2 ${CONTRACT} 0`);
    expect([world.balance(ALICE), world.balance(OTHER)]).toEqual([93n, 7n]);
  });

  it('that fails takes back everything, in both', () => {
    const world = new ContractWorld();
    world.deploy(OTHER, CALLEE, [], { from: BOB });
    world.deploy(CONTRACT, CALLER, [new AddressValue(OTHER)]);
    const before = structuredClone(world.slots);
    const outcome = world.call(CONTRACT, 'fail');
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'thrown', message: 'stop', contract: OTHER } });
    expect(world.slots).toEqual(before);
  });
});

describe('verify', () => {
  const SOURCE = `export class C { check(key: string, message: string, signature: string): boolean {
    return verify(key, message, signature);
  } }`;
  const secretKey = hexToBytes('11'.repeat(32));
  const key = bytesToHex(ed25519.getPublicKey(secretKey));
  const sign = (contract: string, message: string) => {
    const domain = utf8ToBytes('forklore/message/v1');
    const networkId = Uint8Array.of(1, 2, 3, 4);
    const bytes = concatBytes(domain, networkId, hexToBytes(contract), utf8ToBytes(message));
    return bytesToHex(ed25519.sign(bytes, secretKey));
  };

  it('accepts a signature of the message for this contract, and for no other', () => {
    const world = deployed(SOURCE);
    const given = [sign(CONTRACT, 'pay'), sign(OTHER, 'pay'), sign(CONTRACT, 'pay '), 'no signature'];
    expect(given.map((signature) => run(world, 'check', [key, 'pay', signature]))).toEqual([true, false, false, false]);
  });
});

describe('a source that would mean something else in JavaScript', () => {
  it.each([
    ['a value behind a return that ends its line', 'export class C { f(): number { return\n1; } }'],
    ['a name that hides another one', 'export class C { f(): void { let a = 1; { const b = a; let a = 2; } } }'],
    [
      'a call with a type argument',
      'export class C { f(a: number, b: number, c: number): boolean { return a < b > (c); } }',
    ],
    ['the same across a comma', 'export class C { f(a: number): void { chain.emit("E", a < a, a > (a)); } }'],
    ['an increment on the next line', 'export class C { f(): void { let a = 1; a\n++; } }'],
    ['a type on the next line', 'type\nA = number; export class C {}'],
    ['a byte order mark', '\ufeffexport class C {}'],
    ['a name of every object', 'export class C { toString(): string { return 1; } }'],
  ])('does not compile: %s', (_, source) => {
    expect(() => compileContract(utf8ToBytes(source))).toThrow(/line \d+, column \d+/);
  });
});
