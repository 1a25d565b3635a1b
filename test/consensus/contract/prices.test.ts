import { expect, it } from 'vitest';
import { CONTRACT, ContractWorld } from '../../../testing/contract-world.ts';

const MEMBERS = `x = 1; who: Address; list: number[] = [1, 2]; t = new Table<string, bigint>(0n); rows = new List<number>();
  f(a: number): number { return a; } all(a: number[]): void {} `;
/** What a method without statements costs at its end, and the receipt of a call without a result and events. */
const END = 1;
const RECEIPT = 20 * 5;
/** First use of an absent slot, and of a slot that is written and was not there. */
const USE = 400;
const NEW_SLOT = 4_000 + 20 * 200;

// Computed by hand from the tables of docs/contracts.md.
const PRICES: readonly (readonly [body: string, gas: number])[] = [
  ['', 0],
  ['let a = 1;', 2],
  ['let a: number = 1;', 3],
  ['let a: number; a = 1;', 1 + 3],
  ['let a = -1;', 3],
  ['let a = 1 + 2 * 3;', 1 + 3 + 1 + 2],
  ['let a = 1n + 2n;', 1 + 2 + 1 + 4],
  ['let a = 2n ** 3n;', 1 + 2 + 60 + 4],
  ['let a = Math.floor(7 / 2);', 1 + 2 + 4],
  ['let a = Math.max(1, 2, 3);', 1 + 3 + 1 + 3],
  ["let a = 'forkfork' + 'é';", 1 + 2 + 1 + 5],
  ["let a = 'fork' === 'lore';", 1 + 2 + 1 + 4],
  ['let a = true && 1 < 2;', 1 + 1 + 1 + 3],
  ['let a = false && 1 < 2;', 1 + 1 + 1],
  ['let a = true ? 1 : 2 + 3;', 1 + 1 + 1 + 1],
  ['let a = [1, 2, 3];', 1 + 3 + 1 + 2 * 3],
  ['let a: number[] = [1, 2, 3];', 1 + 3 + 1 + 2 * 3 + 1 + 2 * 3],
  ['let a = `$' + '{1}-$' + '{true}`;', 1 + 2 + 1 + 40 + 3],
  ['let a = [5]; a[0] += 1;', 5 + (1 + 1 + 2 + 1 + 1 + 2)],
  ['let a = [5]; a.push(6); a.pop();', 5 + 4 + 3],
  ['let a = [5, 6]; let b = a.slice(1);', 8 + 1 + 2 + 1 + 2 * 2],
  ['let a = [5, 6]; let b = a.indexOf(6);', 8 + 1 + 2 + 1 + 2 * 2],
  ["let a = ['x']; let b = a.includes('fork');", 5 + 1 + 2 + 1 + 2 + 1],
  ["let a = 'forklore'.indexOf('lore');", 1 + 2 + 1 + 6 + 1],
  ["let a = 'forklore'[1];", 1 + 2 + 2 + 4],
  ['let a = BigInt(1);', 1 + 1 + 20],
  ["let a = sha256('fork');", 1 + 1 + 100 + 4],
  ['let a = chain.height;', 1 + 2],
  ['if (1 > 2) { let a = 1; } else if (true) { let a = 1; }', 3 + 1 + 1 + 1 + 2],
  ['let i = 0; while (i < 2) { i++; }', 2 + 3 * (2 + 3 + 1) + 2 * 3],
  ['for (let i = 0; i < 2; i++) {}', 2 + 3 * (2 + 3 + 1) + 2 * 3],
  ['for (;;) { break; }', 2],
  ['for (const a of [7, 8]) {}', 7 + 3 + 3 * 3 + 2 * 4],
  ["require(true, 'x');", 1 + 1 + 1],
  ['let a = this.f(1);', 1 + 1 + 12 + 1 + (1 + 1 + 1)],
  ['this.all([1, 2]);', 7 + 12 + 5 + 1],
  ['let a: P = { x: 1, y: 2 };', 1 + 2 + 1 + 2 * 2 + 1 + 2 * 2],
  ['return;', 0],
  ['let a = this.x;', 1 + 60 + USE],
  ['let a = this.x; let b = this.x;', 2 * (1 + 60) + USE],
  ['this.x = 2;', 1 + 60 + USE + 9 + NEW_SLOT + 20 * (2 + 9)],
  ['this.x += 2;', 60 + 1 + 1 + 60 + USE + 9 + NEW_SLOT + 20 * (2 + 9)],
  ['this.who = chain.caller;', 2 + 60 + USE + 21 + NEW_SLOT + 20 * (4 + 21)],
  // A list of two numbers has 21 encoded bytes.
  ['let a = this.list;', 1 + 60 + USE + 21 + (4 + 21)],
  ['this.list = [1, 2];', 7 + 60 + USE + 4 + 21 + (4 + 21) + NEW_SLOT + 20 * (5 + 21)],
  ["let a = this.t.get('k');", 1 + 1 + 60 + 4 + USE],
  ["this.t.set('k', 5n);", 2 + 60 + 4 + USE + 3 + NEW_SLOT + 20 * (6 + 3)],
  ["this.t.delete('k');", 1 + 60 + 4 + USE],
  ['let a = this.rows.length;', 1 + 60 + USE],
  ['this.rows.push(5);', 1 + 120 + 2 * USE + 9 + 9 + 9 + 2 * (NEW_SLOT + 20 * 9) + 20 * (5 + 14)],
  ['for (const a of this.rows) {}', 3 + 124 + USE],
  ["chain.emit('E', 1);", 1 + 400 + 20 * (22 + 1 + 9)],
  ['chain.pay(chain.caller, 0n);', 2 + 1 + 2_000],
  ['let a = chain.hash(99);', 1 + 1 + 400],
];

it.each(PRICES)('%j costs %i gas', (body, gas) => {
  const source = `interface P { x: number; y: number; } export class C { ${MEMBERS} run(): void { ${body} } }`;
  const world = new ContractWorld();
  world.deploy(CONTRACT, source);
  const overhead = new TextEncoder().encode(source).length * 12 + END + RECEIPT;
  expect(world.call(CONTRACT, 'run')).toMatchObject({ ok: true, gasUsed: overhead + gas });
});
