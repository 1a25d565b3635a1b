import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAX_CALL_GAS, MAX_SOURCE_BYTES } from '../../../../consensus/contract/limits.ts';
import type { TrapCode } from '../../../../consensus/contract/traps.ts';
import { hexToBytes, utf8ToBytes } from '../../../../consensus/hex.ts';
import {
  FAILING_CALLS,
  LINK_CONTRACT,
  OTHER_CONTRACT,
  sourceOfFailure,
} from '../../../../testing/contract-mistakes.ts';
import { ALICE, CONTRACT } from '../../../../testing/contract-world.ts';
import { HOSTILE_CALLS, HOSTILE_SOURCES, hostileContract } from '../../../../testing/hostile-contracts.ts';
import { compileTwice, TwinWorlds, twinContract } from '../../../../testing/twin-worlds.ts';

const OTHER = '07'.repeat(20);
const NO_ARGUMENTS = new Uint8Array();
const COINS = 1_000n;

function worldsWith(source: string, others: Readonly<Record<string, string>> = {}): TwinWorlds {
  const twins = new TwinWorlds();
  twins.setBalance(ALICE, COINS);
  const call = { args: NO_ARGUMENTS, caller: ALICE, value: 0n, gasLimit: MAX_CALL_GAS };
  for (const [contract, other] of Object.entries(others)) {
    expect(twins.deploy(twinContract(utf8ToBytes(other)), { ...call, contract })).toMatchObject({ ok: true });
  }
  expect(twins.deploy(twinContract(utf8ToBytes(source)), { ...call, contract: CONTRACT })).toMatchObject({ ok: true });
  return twins;
}

const RUN = { contract: CONTRACT, args: NO_ARGUMENTS, caller: ALICE, value: 0n, gasLimit: 200_000 };

/** Lines of edges.txt of one kind; ⏎ is a line feed. */
function edges(kind: string): string[] {
  const lines = readFileSync(new URL('edges.txt', import.meta.url), 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith(`${kind} `))
    .map((line) => line.slice(kind.length + 1).replaceAll('⏎', '\n'));
}

/** Whether sources compile, by source, with both of the same opinion. */
function compiled(sources: readonly string[]): { readonly accepted: number; readonly refused: number } {
  const accepted = sources.filter((source) => 'program' in compileTwice(utf8ToBytes(source))).length;
  return { accepted, refused: sources.length - accepted };
}

/** What stands around the edges of a kind. */
const AROUND: Readonly<Record<string, (edge: string) => string>> = {
  file: (edge) => edge,
  declaration: (edge) =>
    `${edge} export class C { n = 1; list: number[] = []; rows = new List<number>(); run(): void {} }`,
  member: (edge) =>
    `const B = 5; type Al = number[]; type Al2 = number; interface R { x: number; } interface R2 { x: number; }
     interface S { x: number; y: number; } interface T { go(): void; } type AlR = R; export class C { ${edge} run(): void {} }`,
  body: (edge) => `interface R { a: number; } export class C { run(): void { ${edge} } }`,
  statement: (edge) =>
    `interface R { x: number; y: number; } interface T { go(): void; give(): number; } type Al = number; type Arr = number[];
     const LIM = 5; const LIMTEXT = 'Xx'; function f(): number { return 1; } function g(x: number): number { return x; }
     export class C { n = 1; list: number[] = []; rows = new List<number>(); t = new Table<number, number>(0);
     private priv(): void {} run(): void { let a = 1; ${edge} } }`,
  list: (edge) =>
    `interface R { a: number; } interface T { go(): void; give(x: number): number; } function p(x: number): number { return x; }
     export class C { run(): void { let a = 1, b = 2, c = 3, d = 4; ${edge} } }`,
  result: (edge) => `const TRUE = true; export class C { run(a: boolean): number { ${edge} } }`,
};

const INTERFACES = `interface R { x: bigint; y: number; } interface R2 { y: number; x: bigint; } interface R3 { z: number; }
interface Other { give(): number; take(): void; again(): void; coins(): bigint; echo(t: string): string;
  arr(a: number[]): number[]; rec(r: R): R; big(): string; uni(): string; inc(): number; fail(): void; bal(): bigint;
  who(): Address; missing(): void; priv(): void; constructor2(): void; }
interface Bad { give(): bigint; take(): number; echo(t: number): string; echo2(t: string): string;
  arr(a: string[]): number[]; rec(r: R2): R2; inc(): void; bad(): string; give2(): number; pay(a: Address, n: bigint): void; }
const O = address('${OTHER}');`;
const CALLED = `interface Caller { run(): void; } interface R { y: number; x: bigint; }
export class Other {
  total = 0n; seen: string[] = []; kept = 5; count = 0;
  give(): number { return 1; }
  take(): void {}
  again(): void { at<Caller>(chain.caller).run(); }
  coins(): bigint { this.total += chain.value; return chain.balance; }
  echo(t: string): string { return t; }
  arr(a: number[]): number[] { a.push(9); return a; }
  rec(r: R): R { return { x: r.x + 1n, y: r.y + 1 }; }
  big(): string { let x = 'x'; for (let i = 0; i < 12; i++) x = x + x; return x; }
  uni(): string { let x = '한'; for (let i = 0; i < 12; i++) x = x + x; return x; }
  inc(): number { this.count++; this.seen.push('a'); return this.count; }
  fail(): void { require(false, 'no'); }
  bal(): bigint { return chain.balance; }
  who(): Address { return chain.caller; }
  bad(): number { return this.kept; }
  pay(a: Address, n: bigint): void { chain.pay(a, n); }
  private priv(): void {}
}`;

/** A contract with the fields that the edges use, and with methods `edge0` and so on. */
function contractWith(methods: readonly { readonly result: string; readonly body: string }[]): string {
  const written = methods.map(({ result, body }, i) => `edge${i}(): ${result} { ${body} }`);
  return `${INTERFACES}
    function twice(x: number): number { return x + x; } function noop(): void {} function push(a: number[]): void { a.push(5); }
    function deep(n: number): number { return n === 0 ? 0 : deep(n - 1) + 1; }
    export class C {
      n = 1; b = 2n; s = 't'; f = false; owner: Address; list: number[] = [1, 2]; names: string[] = []; later: number[];
      rec: R = { x: 1n, y: 2 }; lateRec: R; t = new Table<string, number>(7); tr = new Table<Address, R>({ x: 0n, y: 0 });
      tb = new Table<bigint, boolean>(true); q = new List<number>(); qr = new List<R>(); qs = new List<string>();
      run(): void { this.run(); }
      other(x: number): number { return x; }
      rdeep(n: number): number { if (n === 0) return 0; return this.rdeep(n - 1) + 1; }
      setN(): number { this.n = 5; return 1; }
      y2(): number { let q: string = 'a'; q = 'b'; return 1; }
      ${written.join('\n')}
    }`;
}

/** Edges whose methods fit into one source. */
const EDGES_AT_ONCE = 50;

/** Runs each method so often on a state of its own. */
function runEdges(methods: readonly { readonly result: string; readonly body: string }[], times: number): void {
  const called = twinContract(utf8ToBytes(CALLED));
  for (let first = 0; first < methods.length; first += EDGES_AT_ONCE) {
    const some = methods.slice(first, first + EDGES_AT_ONCE);
    const contract = twinContract(utf8ToBytes(contractWith(some)));
    for (const i of some.keys()) {
      const twins = new TwinWorlds();
      twins.deploy(called, { ...RUN, contract: OTHER });
      twins.deploy(contract, RUN);
      for (let left = times; left > 0; left--) twins.call(`edge${i}`, RUN);
    }
  }
}

/** Expressions, with a place for one that is a level deeper. */
const LEVELS = [
  ...[
    '(@)',
    '[@]',
    '-@',
    '!@',
    '`$'.concat('{@}`'),
    'BigInt(@)',
    'f(@)',
    '1 ** @',
    'true ? @ : 1',
    'true ? 1 : @',
    'a[@]',
    '{ a: @ }',
  ],
  ...['at<T>(chain.caller).give(@)', 'at<T>(chain.caller, @).give(1)', 'Math.floor(1 / @)', 'this.run(@)', '1 + (@)'],
  ...['a.indexOf(@)', 'this.rows.get(@)'],
];
/** Expressions, with a place for one that is higher by one. */
const HEIGHTS = ['@.slice()', '@[0]', '@.a', '@.length', '@ + 1', '@ && true', '@ === 1', '@.indexOf(1)'];

describe('the machine, and the model that was written from the page alone', () => {
  it.each(Object.keys(AROUND))('compile the same edges of a %s', (kind) => {
    const around = AROUND[kind] as (edge: string) => string;
    const { accepted, refused } = compiled(edges(kind).map(around));
    expect(accepted).toBeGreaterThan(5);
    expect(refused).toBeGreaterThan(5);
  });

  it('evaluate the edges of expressions alike, gas included', () => {
    const methods = edges('value').map((edge) => {
      const space = edge.indexOf(' ');
      return { result: edge.slice(0, space), body: `return ${edge.slice(space)};` };
    });
    runEdges(methods, 1);
  });

  it('run the edges of statements alike, gas included', () => {
    runEdges(
      edges('run').map((body) => ({ result: 'void', body })),
      2,
    );
  });

  it.each([
    { shapes: LEVELS, times: [28, 29, 30, 31] },
    { shapes: HEIGHTS, times: [61, 62, 63, 64] },
  ])('count levels and heights alike, of $shapes', ({ shapes, times }) => {
    const places = ['let b = @;', 'b = @;', 'a[@] = 1;', 'if (@) {}', 'for (; @;) {}', 'for (const x of @) {}'];
    const sources = shapes.flatMap((shape, i) =>
      ['1', 'f()', '[]', '{ a }'].flatMap((leaf, j) =>
        times.map((count, k) => {
          const [open, close] = shape.split('@') as [string, string];
          const expression = open.repeat(count) + leaf + close.repeat(count);
          const statement = (places[(i + j + k) % places.length] as string).replace('@', () => expression);
          return `interface R { a: number; } interface T { give(x: number): number; } function f(): number { return 1; }
            export class C { rows = new List<number>(); run(a: number): number { let b = 1; ${statement} return 1; } }`;
        }),
      ),
    );
    const { accepted, refused } = compiled(sources);
    expect(accepted).toBeGreaterThan(30);
    expect(refused).toBeGreaterThan(30);
  });

  it.each([
    ['{', '}'],
    ['while (true) ', ''],
    ['if (true) ', ''],
    ['if (true) {} else ', ''],
    ['if (true) { } else if (true) {', '}'],
    ['for (;;) { ', '}'],
  ])('count levels of statements within %s %s alike', (open, close) => {
    const sources = ['return;', 'this.run();', 'let a;', 'let a = 1;', 'break;', '{}'].flatMap((leaf) =>
      [30, 31, 32].map(
        (times) => `export class C { run(): void { ${open.repeat(times)}${leaf}${close.repeat(times)} } }`,
      ),
    );
    const { accepted, refused } = compiled(sources);
    expect(accepted).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });

  it.each(Object.keys(FAILING_CALLS) as TrapCode[])('fail for the same reason: %s', (code) => {
    const { method = 'run', value = 0n, gas = MAX_CALL_GAS, args = '', ...source } = FAILING_CALLS[code];
    const twins = worldsWith(sourceOfFailure(source), { [OTHER]: OTHER_CONTRACT });
    const link = twinContract(utf8ToBytes(LINK_CONTRACT));
    const call = { caller: ALICE, value: 0n, gasLimit: MAX_CALL_GAS };
    for (let i = 0; i < 9; i++) {
      const next = `06${`${i + 1}e`.repeat(20)}`;
      twins.deploy(link, { ...call, contract: `${i}e`.repeat(20), args: hexToBytes(next) });
    }
    const contract = code === 'too-many-contracts' ? '0e'.repeat(20) : CONTRACT;
    const outcome = twins.call(method, { contract, args: hexToBytes(args), caller: ALICE, value, gasLimit: gas });
    expect(outcome).toMatchObject({ ok: false, failure: { code } });
  });

  it.each(['constructor', 'priv', 'toString', ''])('let nobody call %j from outside', (method) => {
    const twins = worldsWith('export class C { constructor() {} private priv(): void {} }');
    expect(twins.call(method, RUN)).toMatchObject({ ok: false, failure: { code: 'no-method' } });
  });

  it('have the same opinion of every hostile source', () => {
    for (const source of Object.values(HOSTILE_SOURCES)) compileTwice(utf8ToBytes(source(MAX_SOURCE_BYTES)));
  });

  it.each(Object.keys(HOSTILE_CALLS))('end a hostile call of %s alike', (name) => {
    const twins = worldsWith(hostileContract(name));
    expect(twins.call('run', { ...RUN, gasLimit: 50_000 })).toMatchObject({ ok: false });
  });

  it('run 64 methods within each other, each below as many levels and as high as can be', () => {
    const sum = `this.deep(n - 1)${' + 1'.repeat(60)}`;
    const source = `export class C { run(): number { return this.deep(62); }
      deep(n: number): number { if (n === 0) return 0; ${'{'.repeat(26)} return ${sum}; ${'}'.repeat(26)} } }`;
    expect(worldsWith(source).call('run', { ...RUN, gasLimit: MAX_CALL_GAS })).toMatchObject({ ok: true });
  });
});
