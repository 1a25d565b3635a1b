import type { PlainValue } from './contract-world.ts';

/** What somebody writes on their first day: parts of a file, so that a snippet is short. */
interface Parts {
  readonly name: string;
  /** Above the class. */
  readonly file?: string;
  /** In the class, before `run`. */
  readonly members?: string;
  /** Of the method `run`. */
  readonly body?: string;
}

/** A snippet that does what it says. */
export interface WorkingSnippet extends Parts {
  /** What `run` gives; its type is that of the method. */
  readonly gives: PlainValue;
  /** Base units that come with the call. */
  readonly value?: bigint;
  /** Why `tsc --strict` refuses it all the same. */
  readonly tscRefuses?: string;
}

/** A snippet that does not compile, or whose call fails. */
export interface FailingSnippet extends Parts {
  /** The whole source, where it is no method of a class. */
  readonly source?: string;
  /** Words that tell what to write instead. */
  readonly hint: string;
  /** What the source has at the place that the error names. */
  readonly at: string;
}

/** The source of a snippet. */
export function sourceOfSnippet({ file = '', members = '', body = '' }: Parts, result: string): string {
  const lines = [
    file,
    'export class Day {',
    indented(members, 1),
    `  run(): ${result} {`,
    indented(body, 2),
    '  }',
    '}',
    '',
  ];
  return lines.filter((line, i) => line !== '' || i === lines.length - 1).join('\n');
}

/** The source of one that works. */
export function sourceOfWorking(snippet: WorkingSnippet): string {
  return sourceOfSnippet(snippet, typeof snippet.gives);
}

/** The source of one that fails. */
export function sourceOfFailing(snippet: FailingSnippet): string {
  return snippet.source ?? sourceOfSnippet(snippet, 'void');
}

function indented(text: string, levels: number): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : '  '.repeat(levels) + line))
    .join('\n');
}

/** Ordinary things, which work. */
export const WORKING: readonly WorkingSnippet[] = [
  { name: 'a counter', members: 'count = 0;', body: 'this.count++;\nthis.count += 2;\nreturn this.count;', gives: 3 },
  {
    name: 'an owner',
    members: 'owner: Address;\nconstructor() {\n  this.owner = chain.caller;\n}',
    body: "require(chain.caller === this.owner, 'only the owner may do this');\nreturn true;",
    gives: true,
  },
  {
    name: 'a modifier, as a private method',
    members:
      "owner: Address;\nconstructor() {\n  this.owner = chain.caller;\n}\nprivate onlyOwner(): void {\n  require(chain.caller === this.owner, 'not the owner');\n}",
    body: 'this.onlyOwner();\nreturn 1;',
    gives: 1,
  },
  {
    name: 'balances by account',
    members: 'balances = new Table<Address, bigint>(0n);',
    body: 'this.balances.set(chain.caller, this.balances.get(chain.caller) + 10n);\nreturn this.balances.get(chain.caller);',
    gives: 10n,
  },
  {
    name: 'a mapping of mappings, as one key',
    members: 'allowances = new Table<string, bigint>(0n);',
    body: `const spender = address('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb');\nconst key = \`\${chain.caller}:\${spender}\`;\nthis.allowances.set(key, 5n);\nreturn this.allowances.get(key);`,
    gives: 5n,
  },
  {
    name: 'a deposit',
    members: 'deposits = new Table<Address, bigint>(0n);',
    body: 'const sum = this.deposits.get(chain.caller) + chain.value;\nthis.deposits.set(chain.caller, sum);\nreturn sum;',
    value: 7n,
    gives: 7n,
  },
  {
    name: 'a payment to the caller',
    body: "require(chain.value > 0n, 'send some coins');\nchain.pay(chain.caller, chain.value);\nreturn chain.balance;",
    value: 7n,
    gives: 0n,
  },
  {
    name: 'a private method that takes the coins',
    members: 'private taken(): bigint {\n  return chain.value;\n}',
    body: 'return this.taken();',
    value: 7n,
    gives: 7n,
  },
  { name: 'an event', body: "chain.emit('Done', chain.caller, 1, 2n, 'x');\nreturn true;", gives: true },
  {
    name: 'a deadline by height',
    members: 'closesAt = 200;',
    body: "require(chain.height <= this.closesAt, 'it is over');\nreturn this.closesAt - chain.height;",
    gives: 100,
  },
  {
    name: 'a deadline by time',
    file: 'const DAY = 86_400;',
    members: 'startedAt = 1_600_000_000;',
    body: 'return chain.time > this.startedAt + 7 * DAY;',
    gives: true,
  },
  {
    name: 'constants above the class',
    file: "const MAX = 10;\nconst NAME = 'fork';",
    body: `return \`\${NAME}\${MAX}\`;`,
    gives: 'fork10',
  },
  {
    name: 'constants in place of an enum',
    file: 'const OPEN = 0;\nconst CLOSED = 1;',
    members: 'state = OPEN;',
    body: "require(this.state === OPEN, 'it is not open');\nthis.state = CLOSED;\nreturn this.state;",
    gives: 1,
  },
  {
    name: 'a struct in a list',
    file: 'interface Proposal {\n  title: string;\n  votes: number;\n}',
    members: 'proposals = new List<Proposal>();',
    body: `this.proposals.push({ title: 'tea', votes: 3 });\nconst first = this.proposals.get(0);\nreturn \`\${first.title}: \${first.votes}\`;`,
    gives: 'tea: 3',
  },
  {
    name: 'a struct that changes, as a new one',
    file: 'interface Proposal {\n  title: string;\n  votes: number;\n}',
    members: "proposals = new Table<number, Proposal>({ title: '', votes: 0 });",
    body: 'const old = this.proposals.get(1);\nthis.proposals.set(1, { title: old.title, votes: old.votes + 1 });\nreturn this.proposals.get(1).votes;',
    gives: 1,
  },
  {
    name: 'a record from variables of the same names',
    file: 'interface Point {\n  x: number;\n  y: number;\n}',
    body: 'const x = 3;\nconst y = 4;\nconst point = { x, y };\nreturn point.x * point.y;',
    gives: 12,
  },
  {
    name: 'a record as a parameter and a result',
    file: 'interface Point {\n  x: number;\n  y: number;\n}',
    members: 'private moved(point: Point, by: number): Point {\n  return { x: point.x + by, y: point.y };\n}',
    body: 'return this.moved({ x: 1, y: 2 }, 5).x;',
    gives: 6,
  },
  {
    name: 'a type alias',
    file: 'type Amount = bigint;',
    members: 'total: Amount = 5n;',
    body: 'return this.total * 2n;',
    gives: 10n,
  },
  {
    name: 'a function above the class',
    file: 'function half(amount: bigint): bigint {\n  return amount / 2n;\n}',
    body: 'return half(9n);',
    gives: 4n,
  },
  {
    name: 'a function that calls itself',
    file: 'function factorial(n: bigint): bigint {\n  return n <= 1n ? 1n : n * factorial(n - 1n);\n}',
    body: 'return factorial(20n);',
    gives: 2432902008176640000n,
  },
  { name: 'a for loop', body: 'let sum = 0;\nfor (let i = 1; i <= 10; i++) {\n  sum += i;\n}\nreturn sum;', gives: 55 },
  {
    name: 'a while loop',
    body: 'let n = 27;\nlet steps = 0;\nwhile (n !== 1) {\n  n = n % 2 === 0 ? n / 2 : 3 * n + 1;\n  steps++;\n}\nreturn steps;',
    gives: 111,
  },
  {
    name: 'break and continue',
    body: 'let sum = 0;\nfor (let i = 0; ; i++) {\n  if (i === 5) break;\n  if (i % 2 === 0) continue;\n  sum += i;\n}\nreturn sum;',
    gives: 4,
  },
  {
    name: 'loops within loops',
    body: 'let pairs = 0;\nfor (let i = 0; i < 4; i++) {\n  for (let j = i + 1; j < 4; j++) {\n    pairs++;\n  }\n}\nreturn pairs;',
    gives: 6,
  },
  {
    name: 'for … of an array',
    body: 'let sum = 0;\nfor (const n of [1, 2, 3]) {\n  sum += n;\n}\nreturn sum;',
    gives: 6,
  },
  {
    name: 'for … of a list',
    members: 'names = new List<string>();',
    body: "this.names.push('a');\nthis.names.push('b');\nlet all = '';\nfor (const name of this.names) {\n  all += name;\n}\nreturn all;",
    gives: 'ab',
  },
  {
    name: 'the largest element',
    body: 'const votes = [3, 9, 4];\nlet best = 0;\nfor (let i = 1; i < votes.length; i++) {\n  if (votes[i] > votes[best]) best = i;\n}\nreturn best;',
    gives: 1,
  },
  {
    name: 'an array that grows',
    body: 'const list: number[] = [];\nlist.push(1);\nlist.push(2);\nlist[0] = 5;\nreturn list[0] + list.length;',
    gives: 7,
  },
  { name: 'the last element', body: 'const list = [1, 2, 3];\nreturn list[list.length - 1];', gives: 3 },
  {
    name: 'pop of an array',
    body: 'const list = [1, 2, 3];\nconst last = list.pop();\nreturn last + list.length;',
    gives: 5,
    tscRefuses: 'an array can be empty, and pop gives undefined then; here the call fails',
  },
  {
    name: 'includes and indexOf',
    body: "const names = ['a', 'b'];\nreturn names.includes('b') ? names.indexOf('b') : -1;",
    gives: 1,
  },
  { name: 'a part of an array', body: 'return [1, 2, 3, 4].slice(1, 3).length;', gives: 2 },
  {
    name: 'an array field',
    members: "options: string[] = ['tea', 'coffee'];",
    body: "this.options.push('water');\nreturn this.options.length;",
    gives: 3,
  },
  {
    name: 'a set of accounts',
    members: 'members = new Table<Address, boolean>(false);',
    body: "require(!this.members.get(chain.caller), 'already a member');\nthis.members.set(chain.caller, true);\nreturn this.members.has(chain.caller);",
    gives: true,
  },
  {
    name: 'an entry that is removed',
    members: 'names = new Table<number, string>("nobody");',
    body: "this.names.set(1, 'alice');\nthis.names.delete(1);\nreturn this.names.get(1);",
    gives: 'nobody',
  },
  {
    name: 'texts that are joined',
    body: "const name = 'fork' + 'lore';\nreturn 'Hello, ' + name + '!';",
    gives: 'Hello, forklore!',
  },
  {
    name: 'a template text',
    body: `const n = 3;\nreturn \`\${n} of \${2n ** 64n}: \${n > 2}\`;`,
    gives: '3 of 18446744073709551616: true',
  },
  {
    name: 'texts that are compared',
    body: "const name = 'tea';\nreturn name === 'tea' && name !== 'coffee';",
    gives: true,
    tscRefuses: 'TypeScript knows what a constant holds, and so what the comparison gives',
  },
  { name: 'an empty text', body: "const name = '';\nreturn name.length === 0;", gives: true },
  {
    name: 'the beginning of a text',
    body: "const url = 'https://example.org';\nreturn url.startsWith('https://') && !url.endsWith('/');",
    gives: true,
  },
  {
    name: 'letters of a text',
    body: "const word = 'fork';\nlet sum = 0;\nfor (let i = 0; i < word.length; i++) {\n  if (word[i] === 'o') sum += word.charCodeAt(i);\n}\nreturn sum;",
    gives: 111,
  },
  { name: 'a condition in a value', body: 'const n = 7;\nreturn n % 2 === 0 ? "even" : "odd";', gives: 'odd' },
  {
    name: 'else if',
    body: "const n = 50;\nif (n < 10) return 'low';\nelse if (n < 100) return 'middle';\nelse return 'high';",
    gives: 'middle',
  },
  {
    name: 'an early return',
    members: 'private note(n: number): void {\n  if (n === 0) return;\n  chain.emit("Note", n);\n}',
    body: 'this.note(0);\nreturn 1;',
    gives: 1,
  },
  {
    name: 'an error that is thrown',
    body: "const n = 1;\nif (n > 2) throw new Error('too many');\nreturn n;",
    gives: 1,
  },
  { name: 'a percentage', body: 'const amount = 1_000n;\nreturn amount * 25n / 1000n;', gives: 25n },
  { name: 'a division that rounds down', body: 'return Math.floor(7 / 2);', gives: 3 },
  { name: 'a division that rounds up', body: 'const n = 7;\nreturn Math.floor((n + 1) / 2);', gives: 4 },
  { name: 'a bound from below and above', body: 'return Math.max(0, Math.min(15, 10));', gives: 10 },
  { name: 'powers and hexadecimal', body: 'return 2 ** 10 + 0xff + 1e3;', gives: 2279 },
  {
    name: 'from number to bigint and back',
    body: 'const votes = 3;\nconst each = BigInt(votes) * 5n;\nreturn Number(each);',
    gives: 15,
  },
  {
    name: 'several variables at once',
    body: 'let a = 1, b = 1;\nfor (let i = 0; i < 8; i++) {\n  const c = a + b;\n  a = b;\n  b = c;\n}\nreturn b;',
    gives: 55,
  },
  {
    name: 'a variable with a later value',
    body: 'let best: number;\nif (chain.height > 50) best = 1;\nelse best = 2;\nreturn best;',
    gives: 1,
  },
  {
    name: 'bits of a bigint',
    body: 'const flags = 5n;\nreturn (flags & 4n) !== 0n && (flags | 2n) === 7n;',
    gives: true,
  },
  {
    name: 'a hash lock',
    members: `lock = '${'0'.repeat(64)}';`,
    body: "return sha256('secret') === this.lock;",
    gives: false,
  },
  {
    name: 'a number from a block hash',
    body: 'const hash = chain.hash(chain.height - 1);\nreturn hash.charCodeAt(63) % 2;',
    gives: 1,
  },
  {
    name: 'a signature that is checked',
    body: "return verify('00', 'I agree', '00');",
    gives: false,
  },
  {
    name: 'an auction',
    file: 'interface Bid {\n  who: Address;\n  amount: bigint;\n}',
    members: "best: Bid = { who: address('0000000000000000000000000000000000000000'), amount: 0n };",
    body: "require(chain.value > this.best.amount, 'bid more');\nif (this.best.amount > 0n) chain.pay(this.best.who, this.best.amount);\nthis.best = { who: chain.caller, amount: chain.value };\nreturn this.best.amount;",
    value: 7n,
    gives: 7n,
  },
  {
    name: 'comments of all kinds',
    members: '/** What is counted. */\ncount = 1; // so far',
    body: '/* nothing\n   more */\nreturn this.count; // 한글, 🍴',
    gives: 1,
  },
];
