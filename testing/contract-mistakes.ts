import type { SourceErrorCode } from '../consensus/contract/source-errors.ts';
import type { TrapCode } from '../consensus/contract/traps.ts';

/** A class with one method. */
function method(body: string, rest = ''): string {
  return `export class C { ${rest} run(): void { ${body} } }`;
}

/** A source with each mistake that there is a word for. Bytes where it is no text. */
export const SOURCE_MISTAKES: Readonly<Record<SourceErrorCode, string | Uint8Array>> = {
  'source-too-long': `${' '.repeat(16_384)}export class C {}`,
  'not-utf8': Uint8Array.of(0x65, 0xff),
  'carriage-return': 'export class C {\r\n}',
  'hidden-character': method("let a = 'abc\u202edef';"),
  'no-meaning': method('let größe = 1;'),
  'bad-name': method('let _a = 1;'),
  'name-too-long': method(`let ${'a'.repeat(65)} = 1;`),
  'reserved-name': method('let chain = 1;'),
  'left-out': method('let a = 1 == 1;'),
  'text-without-end': method("let a = 'abc;\n"),
  'text-too-long': method(`let a = '${'x'.repeat(4_097)}';`),
  'bad-escape': method("let a = 'C:\\dir';"),
  'comment-without-end': 'export class C {} /* the end',
  'bad-number': method('let a = 1__000;'),
  'leading-zero': method('let a = 007;'),
  'not-whole': method('let a = 1.5;'),
  'number-too-large': method('let a = 9007199254740992;'),
  'bigint-too-large': method(`let a = ${2n ** 255n}n;`),

  expected: method('let a = 1 let b = 2;'),
  'line-break': 'export class C { one(): number { return\n1; } }',
  'too-nested': method(`let a = ${'('.repeat(32)}1${')'.repeat(32)};`),
  'too-high': method(`let a = ${'1+'.repeat(64)}1;`),
  'step-in-expression': method('let a = 1; let b = a++;'),
  'misplaced-assignment': method('let a = 1; if (a = 2) { a = 3; }'),
  'compared-twice': method('let a = 1 < 2 < 3;'),
  'type-arguments': method('let a = 1; let b = [a < 2, a > (3)];'),
  'prefixed-power': method('let a = -2 ** 2;'),
  'not-callable': method('let a = (1)(2);'),
  'misplaced-new': method('let a = new Table<number, number>(0);'),
  'lonely-declaration': method('if (true) let a = 1;'),
  'constant-without-value': method('const a: number;'),
  'long-literal': method(`let a = [${'1,'.repeat(65)}];`),
  'too-many-properties': `interface R { ${Array.from({ length: 17 }, (_, i) => `p${i}: number;`).join(' ')} } ${method('')}`,
  'too-many-parameters': `export class C { run(${Array.from({ length: 17 }, (_, i) => `p${i}: number`).join(', ')}): void {} }`,
  'too-many-arguments': method(`chain.emit('E'${', 1'.repeat(17)});`),

  'no-import': `import { Token } from 'forklore/contract'; ${method('')}`,
  'other-module': `import { chain } from './chain.ts'; ${method('')}`,
  'class-not-exported': 'class C {}',
  'after-the-class': 'export class C {} const LATE = 1;',
  'declared-twice': method('let a = 1; { let a = 2; }'),
  'no-type': method('let a: Count = 1;'),
  'array-of-scalars': method('let a: number[][] = [];'),
  'array-in-container': method('', 'rows = new List<number[]>();'),
  'not-scalar': `interface R { list: number[]; } ${method('')}`,
  'mixed-interface': `interface R { size: number; grow(): void; } ${method('')}`,
  'no-interface': method("at<Token>(address('00')).stop();"),
  'no-method-in-interface': `interface Token { start(): void; } ${method('at<Token>(chain.caller).stop();')}`,
  'not-constant': method('', 'start = chain.height;'),
  'other-type': `const LIMIT: bigint = 5; ${method('')}`,
  'other-initial': method('', 'count: bigint = 0;'),
  'field-needs-type': method('', 'options = [];'),
  'table-needs-default': method('', 'votes = new Table<Address, number>();'),
  'other-container': method('', 'votes: Table<Address, number> = new Table<Address, bigint>(0n);'),
  'bad-address': method('', "owner = address('lore1');"),
  'parameter-needs-type': 'export class C { run(a): void {} }',
  'constructor-result': 'export class C { constructor(): number { return 1; } }',

  'no-name': method('let a = b;'),
  'this-missing': method('let a = count;', 'count = 0;'),
  'no-field': method('this.count = 1;'),
  'no-method': method('this.stop();'),
  'no-function': method('stop();'),
  'no-chain': method('let a = chain.sender;'),
  'no-property': method("let a = 'abc'.size;"),
  'no-record': method('let a = { x: 1 };'),
  'no-value-method': method("let a = 'abc'.trim();"),
  'not-called': method('let a = this.run;'),
  'argument-count': method('require(true);'),
  'impure-function': `function now(): number { return chain.height; } ${method('')}`,
  'bad-event-name': method("chain.emit('two words');"),

  'too-many-locals': method(Array.from({ length: 65 }, (_, i) => `let a${i} = 1;`).join(' ')),
  'void-value': method("let a = require(true, '');"),
  'unused-value': method('1 + 1;'),
  'not-a-division': method('let a = Math.floor(3);'),
  'not-assignable': method('1 = 2;'),
  constant: method('const a = 1; a = 2;'),
  'record-changed': `interface R { x: number; } ${method('let a = { x: 1 }; a.x = 2;')}`,
  'container-as-value': method('let a = this.votes;', 'votes = new Table<number, number>(0);'),
  'array-not-new': method('let a = [1]; this.list = a;', 'list: number[] = [];'),
  'no-loop': method('break;'),
  'return-with-value': method('return 1;'),
  'return-without-value': 'export class C { one(): number { return; } }',
  'missing-return': 'export class C { one(a: number): number { if (a > 0) return 1; } }',
};

/** How to make a call fail: the body of a method without parameters, with what stands before and in the class. */
export interface FailingCall {
  readonly body: string;
  readonly members?: string;
  readonly file?: string;
  /** Base units that come with the call. */
  readonly value?: bigint;
  readonly gas?: number;
  /** The method that is called, where it is not `run`. */
  readonly method?: string;
  /** Encoded arguments, as hex digits. */
  readonly args?: string;
}

const FILL = "let x = 'x'; for (let i = 0; i < 12; i++) { x = x + x; }";
const OTHER = 'interface Other { give(): number; take(): void; missing(): void; again(): void; }';
const AT_OTHER = "at<Other>(address('0707070707070707070707070707070707070707'))";

/** A call for each reason to fail. `07…` is the address of {@link OTHER_CONTRACT}. */
export const FAILING_CALLS: Readonly<Record<TrapCode, FailingCall>> = {
  required: { body: "require(1 > 2, 'one is not more than two');" },
  thrown: { body: "throw new Error('on purpose');" },
  'out-of-gas': { body: 'while (true) {}', gas: 10_000 },
  'wrong-types': { body: 'let a = 1 + 1n;' },
  'wrong-type': { body: "let a: number = 'x';" },
  'not-whole': { body: 'let a = 7 / 2;' },
  'number-too-large': { body: 'let a = 9007199254740991 + 1;' },
  'bigint-too-large': { body: 'let a = 2n ** 255n;' },
  'division-by-zero': { body: 'let a = 0; let b = 1 % a;' },
  'negative-exponent': { body: 'let a = 2 ** -1;' },
  'text-too-long': { body: `${FILL} let a = x + '.';` },
  'array-too-long': { body: 'let a: number[] = []; while (true) { a.push(1); }' },
  'cut-character': { body: "let a = '🍴'.slice(1);" },
  'no-element': { body: 'let a = [1, 2]; let b = a[2];' },
  'no-value-yet': { body: 'let a = this.owner;', members: 'owner: Address;' },
  'no-property': {
    body: 'let a = { x: 1 }; let b = a.y;',
    file: 'interface A { x: number; } interface B { y: number; }',
  },
  'bad-address': { body: "let a = address('00');" },
  'value-too-long': {
    body: `${FILL} this.list.push(x); this.list.push(x);`,
    members: 'list: string[] = [];',
  },
  'arguments-too-long': {
    body: `${FILL} at<Long>(chain.caller).take(x);`,
    file: 'interface Long { take(a: string): void; }',
  },
  'receipt-too-long': { body: `${FILL} chain.emit('E', x, x, x, x);` },
  'too-many-events': { body: "for (let i = 0; i < 65; i++) { chain.emit('E'); }" },
  'too-many-frames': { body: 'this.run();' },
  'too-many-contracts': { body: '', method: 'deep' },
  'bad-arguments': { body: '', args: '00' },
  'no-method': { body: '', method: 'stop' },
  'no-contract': { body: 'at<Other>(chain.caller).take();', file: OTHER },
  'takes-no-coins': { body: '', value: 1n },
  'not-enough-coins': { body: 'chain.pay(chain.caller, 1n);' },
  'negative-amount': { body: 'chain.pay(chain.caller, -1n);' },
  'already-entered': { body: `${AT_OTHER}.again();`, file: OTHER },
  'other-result': {
    body: "at<Wrong>(address('0707070707070707070707070707070707070707')).give();",
    file: 'interface Wrong { give(): void; }',
  },
  'no-block-hash': { body: 'let a = chain.hash(chain.height);' },
};

/** The source of a failing call. */
export function sourceOfFailure({ body, members = '', file = '' }: FailingCall): string {
  return `${file} export class C { ${members} run(): void { ${body} } }`;
}

/** The contract at `07…` that some of the failing calls use; it knows the address of the one that calls it. */
export const OTHER_CONTRACT = `interface Caller { run(): void; }
export class Other {
  give(): number { return 1; }
  take(): void {}
  again(): void { at<Caller>(chain.caller).run(); }
}
`;

/** One of a row of contracts, each of which calls the next. */
export const LINK_CONTRACT = `interface Next { deep(): void; }
export class Link {
  next: Address;
  constructor(next: Address) { this.next = next; }
  deep(): void { at<Next>(this.next).deep(); }
}
`;
