import { MAX_ARRAY, MAX_EVENTS } from '../../consensus/contract/limits.ts';

/** One kind of operation: a contract that does nothing else in its loop. */
export interface Operation {
  readonly what: string;
  /** Statements of a round; `i` is its number. */
  readonly body: string;
  /** Statements before the loop. */
  readonly before?: string;
  /** Members of the class. */
  readonly members?: string;
  /** Declarations above the class. */
  readonly file?: string;
  /** How often the body stands in a round, so that the loop itself counts little. */
  readonly copies?: number;
  /** Rounds that a transaction can have, where something other than gas ends it. */
  readonly mostRounds?: number;
}

const COPIES = 10;
/** 4,096 bytes, the longest text that has as many bytes as units. */
const LONG = "let long = 'x'; for (let k = 0; k < 12; k++) { long = long + long; }";
/** 12,288 bytes in 4,096 units. */
const WIDE = "let wide = '한'; for (let k = 0; k < 12; k++) { wide = wide + wide; }";
/** 8,190 bytes: with its kind and length the longest key but one. */
const KEY = "let key = '한'; for (let k = 0; k < 11; k++) { key = key + key; } key = key + key.slice(0, 681);";
const BIG = `const big = ${2n ** 254n - 987_654_321n}n;`;
const HALF = `const half = ${2n ** 127n - 1n}n;`;
const NUMBERS = `let numbers: number[] = []; for (let k = 0; k < ${MAX_ARRAY}; k++) { numbers.push(k); }`;
const ADDRESSES = `const one: Address[] = []; for (let k = 0; k < ${MAX_ARRAY}; k++) { one.push(address('${'ab'.repeat(20)}')); }`;
const TEXTS = `const texts: string[] = []; for (let k = 0; k < ${MAX_ARRAY}; k++) { texts.push('${'x'.repeat(31)}y'); }`;
const PROPERTIES = Array.from({ length: 16 }, (_, k) => `p${'o'.repeat(60)}${k}`);
const RECORD = `interface R { ${PROPERTIES.map((name) => `${name}: number;`).join(' ')} }`;
/** In the opposite order, so that each property is looked for. */
const LITERAL = `{ ${PROPERTIES.toReversed()
  .map((name) => `${name}: 1`)
  .join(', ')} }`;
const PARAMETERS = PROPERTIES.map((name) => `${name}: number`).join(', ');
const ARGUMENTS = PROPERTIES.map(() => '1').join(', ');
/** Entries of the tables `stored` and `texts`, which are on the disk: a prime number of steps goes through all of them. */
const SCATTERED = 'i * 7919 % 20000';

/** Operators and values: they compute, and touch nothing that is kept. */
const COMPUTING: readonly Operation[] = [
  { what: 'a loop without a body', body: '', copies: 1 },
  { what: 'a + b, numbers', before: 'let a = 1;', body: 'a = a + 1;' },
  { what: 'a * b % c, numbers', before: 'let a = 3;', body: 'a = a * 3 % 1000;' },
  { what: 'Math.floor(a / b)', before: 'let a = 0;', body: 'a = Math.floor(i / 7);' },
  { what: 'a ** b, numbers', before: 'let a = 0;', body: 'a = 3 ** 33;' },
  { what: 'a ** b, bigints', before: 'let a = 0n;', body: 'a = 3n ** 160n;' },
  { what: 'a + b, bigints of 254 bits', before: `${BIG} let a = 0n;`, body: 'a = big + 3n;' },
  { what: 'a * b, bigints of 127 bits', before: `${HALF} let a = 0n;`, body: 'a = half * half;' },
  { what: 'a / b, bigints of 254 and 127 bits', before: `${BIG} ${HALF} let a = 0n;`, body: 'a = big / half;' },
  { what: 'a % b, bigints of 254 and 127 bits', before: `${BIG} ${HALF} let a = 0n;`, body: 'a = big % half;' },
  { what: 'a ^ b, bigints of 254 bits', before: `${BIG} let a = 0n;`, body: 'a = -big ^ 5n;' },
  { what: '-a, bigint of 254 bits', before: `${BIG} let a = 0n;`, body: 'a = -big;' },
  { what: 'a < b, bigints of 254 bits', before: `${BIG} let a = true;`, body: 'a = big < big;' },
  { what: 'a++, bigint of 254 bits', before: `let a = ${2n ** 254n}n;`, body: 'a++;' },
  { what: 'a < b, numbers', before: 'let a = true;', body: 'a = i < 5;' },
  { what: 'a && b || !c', before: 'let a = true;', body: 'a = a && true || !a;' },
  { what: 'a ? b : c', before: 'let a = 1;', body: 'a = true ? 1 : 2;' },
  { what: 'if', before: 'let a = 1;', body: 'if (a === 1) { a = 1; }' },
  { what: 'a variable with a type', before: '', body: '{ let a: number = 1; }' },
  { what: 'Math.max of 16', before: 'let a = 1;', body: `a = Math.max(${ARGUMENTS});` },
  { what: 'a === b, accounts', before: 'let a = true; const me = chain.caller;', body: 'a = me === me;' },
  {
    what: 'a === b, texts of 4,096 bytes',
    before: `${LONG} const b = long.slice(1) + 'y'; const c = long.slice(1) + 'z'; let a = true;`,
    body: 'a = b === c;',
  },
  { what: 'a + b, empty texts', before: "let a = '';", body: "a = '' + '';" },
  { what: 'a + b, short texts', before: "let a = '';", body: "a = 'ab' + 'cd';" },
  { what: 'a + b, texts of 4,095 bytes', before: `${LONG} const b = long.slice(1); let a = '';`, body: "a = b + 'y';" },
  {
    what: 'a + b, texts of 12,285 bytes',
    before: `${WIDE} const b = wide.slice(1); let a = '';`,
    body: "a = b + 'y';",
  },
  { what: 'a template with a number', before: "let a = '';", body: `a = \`\${i}\`;`, copies: 5 },
  { what: 'a template with a bigint of 254 bits', before: `${BIG} let a = '';`, body: `a = \`\${big}\`;`, copies: 5 },
  {
    what: 'a template with a text of 12,285 bytes',
    before: `${WIDE} const b = wide.slice(1); let a = '';`,
    body: `a = \`\${b}!\`;`,
  },
  { what: 'text[i], of 12,288 bytes', before: `${WIDE} let a = '';`, body: 'a = wide[4000];' },
  { what: 'text.slice, of 12,288 bytes', before: `${WIDE} let a = '';`, body: 'a = wide.slice(1);' },
  {
    what: 'text.indexOf, the worst texts',
    before: `${LONG} const b = long.slice(2048) + 'y'; let a = 0;`,
    body: 'a = long.indexOf(b);',
    copies: 1,
  },
  { what: 'text.indexOf, short texts', before: "const t = 'forklore'; let a = 0;", body: "a = t.indexOf('re');" },
  { what: 'text.startsWith, 4,096 bytes', before: `${LONG} let a = true;`, body: 'a = long.startsWith(long);' },
  { what: 'text.charCodeAt', before: 'let a = 0;', body: "a = 'fork'.charCodeAt(2);" },
  { what: 'BigInt(a)', before: 'let a = 0n;', body: 'a = BigInt(i);' },
  { what: 'Number(a)', before: 'let a = 0;', body: 'a = Number(77n);' },
  { what: 'address(a)', before: 'let a = chain.caller;', body: `a = address('${'ab'.repeat(20)}');` },
  { what: 'an array of 64', before: 'let a = [1];', body: `a = [${Array(64).fill('1').join(', ')}];`, copies: 2 },
  { what: 'an array of none', before: 'let a = [1];', body: 'a = [];' },
  { what: 'a record of 16', file: RECORD, before: `let a = ${LITERAL};`, body: `a = ${LITERAL};`, copies: 2 },
  {
    what: 'record.property, of 16',
    file: RECORD,
    before: `const r = ${LITERAL}; let a = 1;`,
    body: `a = r.${PROPERTIES[0]};`,
  },
  { what: 'a check of a record of 16', file: RECORD, before: `const r = ${LITERAL}; let a: R = r;`, body: 'a = r;' },
  { what: 'array[i]', before: 'const l = [1, 2, 3]; let a = 0;', body: 'a = l[1];' },
  { what: 'array[i] = a', before: 'const l = [1, 2, 3];', body: 'l[1] = 5;' },
  { what: 'array.push and .pop', before: 'const l = [1];', body: 'l.push(2); l.pop();' },
  { what: 'array.slice, 1,024 numbers', before: `${NUMBERS} let a = [1];`, body: 'a = numbers.slice();' },
  { what: 'array.indexOf, 1,024 numbers', before: `${NUMBERS} let a = 0;`, body: 'a = numbers.indexOf(-1);' },
  { what: 'array.indexOf, 1,024 accounts', before: `${ADDRESSES} let a = 0;`, body: 'a = one.indexOf(chain.caller);' },
  {
    what: 'array.indexOf, 1,024 texts of 32 bytes',
    before: `${TEXTS} const t = 'x' + '${'x'.repeat(31)}'; let a = 0;`,
    body: 'a = texts.indexOf(t);',
  },
  { what: 'a check of an array of 1,024', before: `${NUMBERS} let a: number[] = numbers;`, body: 'a = numbers;' },
  { what: 'for … of an array', before: NUMBERS, body: 'for (const a of numbers) {}', copies: 1 },
  { what: 'a method without parameters', members: 'f(): void {}', body: 'this.f();' },
  { what: 'a method with 16 parameters', members: `f(${PARAMETERS}): void {}`, body: `this.f(${ARGUMENTS});` },
  { what: 'a method with a result', members: 'f(a: number): number { return a; }', body: 'this.f(1);' },
];

/** What a contract asks of its host, and does through it. */
const HOSTED: readonly Operation[] = [
  { what: 'require', body: "require(true, 'x');" },
  { what: 'chain.caller', before: 'let a = chain.caller;', body: 'a = chain.caller;' },
  { what: 'chain.balance', before: 'let a = 0n;', body: 'a = chain.balance;' },
  { what: 'chain.hash', before: "let a = '';", body: 'a = chain.hash(chain.height - 1);' },
  { what: 'chain.pay', body: 'chain.pay(chain.caller, 1n);' },
  { what: 'chain.emit, without values', body: "chain.emit('E');", copies: 1, mostRounds: MAX_EVENTS },
  {
    what: 'chain.emit, an array of 96 numbers',
    before: 'const l: number[] = []; for (let k = 0; k < 96; k++) { l.push(k); }',
    body: "chain.emit('E', l);",
    copies: 1,
    mostRounds: 16,
  },
  { what: 'sha256, short', before: "let a = '';", body: "a = sha256('fork');" },
  { what: 'sha256, 12,288 bytes', before: `${WIDE} let a = '';`, body: 'a = sha256(wide);', copies: 1 },
  {
    what: 'verify',
    before: 'let a = true;',
    body: `a = verify('$KEY', 'm', '$SIGNATURE');`,
    copies: 1,
  },
];

/** What is kept: fields, tables and lists. */
const KEPT: readonly Operation[] = [
  { what: 'a field, read again', members: 'x = 1;', before: 'let a = 0;', body: 'a = this.x;' },
  { what: 'a field, written again', members: 'x = 1;', body: 'this.x = i;' },
  {
    what: 'a field of 8,190 bytes, written again',
    members: "x = '';",
    before: KEY,
    body: 'this.x = key;',
    copies: 1,
  },
  {
    what: 'an array field of 1,024 booleans, written again',
    members: 'x: boolean[] = [];',
    before: `const l: boolean[] = []; for (let k = 0; k < ${MAX_ARRAY}; k++) { l.push(true); }`,
    body: 'this.x = l.slice();',
    copies: 1,
  },
  {
    what: 'a record field of 16, written again',
    file: RECORD,
    members: 'x: R;',
    before: `const r = ${LITERAL};`,
    body: 'this.x = r;',
  },
  {
    what: 'table.get, again',
    members: 't = new Table<string, number>(0);',
    before: 'let a = 0;',
    body: "a = this.t.get('k');",
  },
  {
    what: 'table.get, a key of 8,193 bytes, again',
    members: 't = new Table<string, number>(0);',
    before: `${KEY} let a = 0;`,
    body: 'a = this.t.get(key);',
    copies: 1,
  },
  {
    what: 'table.get, a bigint of 254 bits, again',
    members: 't = new Table<bigint, number>(0);',
    before: `${BIG} let a = 0;`,
    body: 'a = this.t.get(big);',
  },
  {
    what: 'table.get, an account, again',
    members: 't = new Table<Address, bigint>(0n);',
    before: 'let a = 0n;',
    body: 'a = this.t.get(chain.caller);',
  },
  {
    what: 'table.get, the first time, absent',
    members: 't = new Table<number, number>(0);',
    before: 'let a = 0;',
    body: 'a = this.t.get(-1 - i);',
    copies: 1,
  },
  {
    what: 'table.get, the first time',
    members: 'stored = new Table<number, number>(0);',
    before: 'let a = 0;',
    body: `a = this.stored.get(${SCATTERED});`,
    copies: 1,
  },
  {
    what: 'table.get, the first time, texts of 900 bytes',
    members: "texts = new Table<number, string>('');",
    before: "let a = '';",
    body: `a = this.texts.get(${SCATTERED});`,
    copies: 1,
  },
  {
    what: 'table.set, an entry that is there',
    members: 'stored = new Table<number, number>(0);',
    body: `this.stored.set(${SCATTERED}, -i);`,
    copies: 1,
  },
  {
    what: 'table.set, a new entry',
    members: 't = new Table<number, number>(0);',
    body: 'this.t.set(-1 - i, i);',
    copies: 1,
  },
  {
    what: 'table.delete, an entry that is there',
    members: 'stored = new Table<number, number>(0);',
    body: `this.stored.delete(${SCATTERED});`,
    copies: 1,
  },
  { what: 'list.push', members: 'l = new List<number>();', body: 'this.l.push(i);', copies: 1 },
  {
    what: 'list.push and .pop, the same slot',
    members: 'l = new List<number>();',
    body: 'this.l.push(i); this.l.pop();',
  },
  {
    what: 'list.get, again',
    members: 'l = new List<number>();',
    before: 'this.l.push(1); let a = 0;',
    body: 'a = this.l.get(0);',
  },
  {
    what: 'for … of a list, again',
    members: 'l = new List<number>();',
    before: 'for (let k = 0; k < 64; k++) { this.l.push(k); }',
    body: 'for (const a of this.l) {}',
    copies: 1,
  },
];

/** Calls between contracts. `$OTHER` is replaced by the account of {@link OTHER}. */
const BETWEEN: readonly Operation[] = [
  {
    what: 'at, a contract that was entered before',
    file: 'interface Other { f(): void; }',
    before: "const other = address('$OTHER');",
    body: 'at<Other>(other).f();',
  },
  {
    what: 'at, with 16 arguments and a result',
    file: `interface Other { g(${PARAMETERS}): number; }`,
    before: "const other = address('$OTHER');",
    body: `at<Other>(other).g(${ARGUMENTS});`,
  },
  {
    what: 'at, an array of 1,024 booleans there and back',
    file: 'interface Other { same(a: boolean[]): boolean[]; }',
    before: `const other = address('$OTHER'); const l: boolean[] = []; for (let k = 0; k < ${MAX_ARRAY}; k++) { l.push(true); }`,
    body: 'at<Other>(other).same(l);',
    copies: 1,
  },
  {
    what: 'at, a bigint of 254 bits there and back',
    file: 'interface Other { big(a: bigint): bigint; }',
    before: `const other = address('$OTHER'); ${BIG}`,
    body: 'at<Other>(other).big(big);',
  },
];

/** What {@link OTHER} offers to the operations between contracts. */
export const OTHER = `export class Other {
  f(): void {}
  g(${PARAMETERS}): number { return ${PROPERTIES[0]}; }
  same(a: boolean[]): boolean[] { return a; }
  big(a: bigint): bigint { return a; }
}
`;

/** Kinds of operations, as `npm run bench -- contracts` prices them. */
export const OPERATIONS: readonly Operation[] = [...COMPUTING, ...HOSTED, ...KEPT, ...BETWEEN];

/** The source of an operation's contract; its method is `run(rounds: number)`. */
export function sourceOf({ body, before = '', members = '', file = '', copies = COPIES }: Operation): string {
  const round = Array<string>(copies).fill(body).join(' ');
  return `${file} export class Bench { ${members} run(rounds: number): void { ${before} for (let i = 0; i < rounds; i++) { ${round} } } }`;
}
