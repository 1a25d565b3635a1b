import type { SeededRandom } from '../../../simulator/seeded-random.ts';

/** A call of a random program: all its methods take these arguments. */
export interface RandomCall {
  readonly method: string;
  readonly x: number;
  readonly text: string;
  readonly list: readonly number[];
  readonly value: bigint;
}

/** A contract that somebody could have written, and calls of it. */
export interface RandomProgram {
  readonly source: string;
  readonly calls: readonly RandomCall[];
}

/** Where {@link HELPER} is, in the text that every random program has as a constant. */
export const HELPER_ADDRESS = '0e'.repeat(20);

/** A contract that random programs call. */
export const HELPER = `interface Pair { left: number; right: string; }
export class Helper {
  total = 0n;
  seen: string[] = [];
  twice(x: number): number { return x + x; }
  keep(text: string, list: number[]): number[] { this.seen.push(text); list.push(this.seen.length); return list; }
  take(): bigint { this.total += chain.value; return chain.balance; }
  pair(pair: Pair): Pair { return { right: pair.right + '!', left: pair.left + 1 }; }
  fail(is: boolean): void { require(!is, 'the helper fails'); chain.emit('Helped', chain.caller); }
}
`;

type Type = 'number' | 'bigint' | 'boolean' | 'string' | 'Address' | 'number[]' | 'Pair';
const SCALARS = ['number', 'bigint', 'boolean', 'string'] as const;
const LOCAL_TYPES = [...SCALARS, ...SCALARS, 'Address', 'number[]', 'Pair'] as const;

interface Variable {
  readonly name: string;
  readonly type: Type;
  readonly mutable: boolean;
}

const MAX_DEPTH = 3;

/** Writes one program. Expressions have the types that TypeScript wants; whether a call traps is left to chance. */
class Writer {
  readonly #random: SeededRandom;
  #variables: Variable[] = [];
  #names = 0;
  #loops = 0;
  /** Methods and functions that can be called here, so that none calls itself. */
  readonly #methods: string[] = [];

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  program(): RandomProgram {
    const fold = this.#function();
    const first = this.#method('first');
    this.#methods.push('first');
    const second = this.#method('second');
    const source = `interface Pair { left: number; right: string; }
interface Helper {
  twice(x: number): number; keep(text: string, list: number[]): number[];
  take(): bigint; pair(pair: Pair): Pair; fail(is: boolean): void;
}
const BASE = 10;
const HELPER = address('${HELPER_ADDRESS}');
${fold}
export class F {
  n = 3;
  b = 5n;
  s = 'q';
  is = false;
  owner: Address;
  pair: Pair = { left: 0, right: 'r' };
  list: number[] = [1, 2];
  t = new Table<string, number>(0);
  u = new Table<number, Pair>({ left: -1, right: '' });
  who = new Table<Address, bigint>(0n);
  rows = new List<number>();
  pairs = new List<Pair>();
  constructor() { this.owner = chain.caller; this.list.push(4); this.rows.push(9); }
  private half(x: number): number { return Math.floor(x / 2); }
${first}
${second}
}
`;
    const calls = Array.from({ length: 2 }, () => this.#call());
    return { source, calls };
  }

  #call(): RandomCall {
    return {
      method: this.#pick(['first', 'second']),
      x: this.#pick([0, 1, 2, 5, -3, 1000]),
      text: this.#pick(['', 'a', 'q', '한글', '🍴fork']),
      list: this.#pick([[], [1], [3, 1, 2]]),
      value: this.#pick([0n, 0n, 0n, 7n]),
    };
  }

  #upTo(count: number): number {
    return this.#random.u32() % count;
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#upTo(choices.length)] as T;
  }

  #inScope(parameters: readonly Variable[], write: () => string): string {
    const before = this.#variables;
    this.#variables = [...before, ...parameters];
    const text = write();
    this.#variables = before;
    return text;
  }

  #function(): string {
    const parameters = [
      { name: 'x', type: 'number', mutable: true },
      { name: 'y', type: 'bigint', mutable: true },
    ] as const;
    const body = this.#inScope(parameters, () => `return ${this.#pure('number', 2)};`);
    return `function fold(x: number, y: bigint): number { ${body} }`;
  }

  #method(name: string): string {
    const parameters: Variable[] = [
      { name: 'x', type: 'number', mutable: true },
      { name: 'text', type: 'string', mutable: true },
      { name: 'items', type: 'number[]', mutable: true },
    ];
    this.#loops = 0;
    return this.#inScope(parameters, () => {
      const statements = Array.from({ length: 2 + this.#upTo(4) }, () => this.#statement(2)).join('\n    ');
      const value = this.#upTo(3) === 0 ? 'chain.value' : '0n';
      const result = `\`\${${this.#any('string', 2)}}|\${${this.#any('number', 2)}}|\${${value}}\``;
      return `  ${name}(x: number, text: string, items: number[]): string {\n    ${statements}\n    return ${result};\n  }`;
    });
  }

  /** An expression that a function of the file can have. */
  #pure(type: 'number' | 'bigint' | 'boolean', depth: number): string {
    if (depth === 0) return type === 'number' ? this.#pick(['x', '2', 'BASE']) : type === 'bigint' ? 'y' : 'true';
    const deeper = depth - 1;
    if (type === 'number') {
      return this.#pick([
        () => `(${this.#pure('number', deeper)} ${this.#pick(['+', '-', '*', '%'])} ${this.#pure('number', deeper)})`,
        () => `(${this.#pure('boolean', deeper)} ? ${this.#pure('number', deeper)} : ${this.#pure('number', deeper)})`,
        () => `Number(${this.#pure('bigint', deeper)})`,
      ])();
    }
    if (type === 'bigint') return `(${this.#pure('bigint', deeper)} + BigInt(${this.#pure('number', deeper)}))`;
    return `${this.#pure('number', deeper)} < ${this.#pure('number', deeper)}`;
  }

  /** An expression of a type. */
  #any(type: Type, depth: number): string {
    const own = this.#variables.filter((variable) => variable.type === type);
    if (own.length > 0 && (depth <= 0 || this.#upTo(3) === 0)) return this.#pick(own).name;
    if (depth <= 0) return this.#literal(type);
    const deeper = depth - 1;
    if (this.#upTo(9) === 0) {
      return `(${this.#any('boolean', deeper)} ? ${this.#any(type, deeper)} : ${this.#any(type, deeper)})`;
    }
    switch (type) {
      case 'number':
        return this.#number(deeper);
      case 'bigint':
        return this.#bigint(deeper);
      case 'boolean':
        return this.#boolean(deeper);
      case 'string':
        return this.#string(deeper);
      case 'Address':
        return this.#pick([
          'chain.caller',
          'this.owner',
          'HELPER',
          "address('ababababababababababababababababababab00')",
        ]);
      case 'number[]':
        return this.#array(deeper);
      case 'Pair':
        return this.#pair(deeper);
    }
  }

  #literal(type: Type): string {
    switch (type) {
      case 'number':
        return this.#pick(['0', '1', '2', '3', '7', 'BASE', '1e3', '0xff', '1_000', '-1', '9007199254740991']);
      case 'bigint':
        return this.#pick(['0n', '1n', '3n', '-2n', '0xffn', '18446744073709551615n', '1_000n']);
      case 'boolean':
        return this.#pick(['true', 'false']);
      case 'string':
        return this.#pick(["''", "'a'", '"한글"', "'x\\\\y\\n'", "'\\u{1f374}'", '`q`', "'it\\'s'"]);
      case 'Address':
        return 'chain.caller';
      case 'number[]':
        return this.#pick(['[]', '[1]', '[3, 1, 2]']);
      case 'Pair':
        return "{ left: 1, right: 'p' }";
    }
  }

  #number(depth: number): string {
    const number = () => this.#any('number', depth);
    const method = this.#pick(this.#methods.length > 0 ? [`this.first(${number()}, 'z', [1]).length`, '0'] : ['1']);
    return this.#pick([
      () => `(${number()} ${this.#pick(['+', '-', '*', '+', '-'])} ${number()})`,
      () => `(${number()} % ${this.#pick(['2', '7', number()])})`,
      () => `(${number()} / ${this.#pick(['1', '-1', number()])})`,
      () => `Math.${this.#pick(['floor', 'trunc'])}(${number()} / ${this.#pick(['2', '3', '-7', number()])})`,
      () => `Math.${this.#pick(['min', 'max'])}(${number()}, ${number()}, ${number()})`,
      () => `(${number()}) ** ${this.#pick(['0', '1', '2', '3', number()])}`,
      () => `(-${this.#any('number', 0)})`.replace('--', '- -'),
      () => `Number(${this.#any('bigint', depth)})`,
      () => `${this.#any('string', depth)}.${this.#pick(['length', `indexOf(${this.#any('string', 0)})`])}`,
      () => `'fork'.charCodeAt(${this.#pick(['0', '3', number()])})`,
      () => `${this.#any('number[]', depth)}.length`,
      () => `${this.#any('number[]', depth)}[${this.#pick(['0', '0', '1', number()])}]`,
      () => `${this.#any('number[]', depth)}.indexOf(${number()})`,
      () => `${this.#any('Pair', depth)}.left`,
      () => 'this.n',
      () => `this.t.get(${this.#any('string', 0)})`,
      () => `this.list[${this.#pick(['0', '1', number()])}]`,
      () => `this.list.length`,
      () => `this.rows.get(${this.#pick(['0', '0', number()])})`,
      () => 'this.rows.length',
      () => `this.half(${number()})`,
      () => `fold(${number()}, ${this.#any('bigint', depth)})`,
      () => `at<Helper>(HELPER).twice(${number()})`,
      () => this.#pick(['chain.height', 'chain.time']),
      () => method,
    ])();
  }

  #bigint(depth: number): string {
    const bigint = () => this.#any('bigint', depth);
    return this.#pick([
      () => `(${bigint()} ${this.#pick(['+', '-', '*', '&', '|', '^'])} ${bigint()})`,
      () => `(${bigint()} ${this.#pick(['/', '%'])} ${this.#pick(['2n', '-3n', bigint()])})`,
      () => `(${bigint()}) ** ${this.#pick(['0n', '2n', '5n', bigint()])}`,
      () => `(- ${this.#any('bigint', 0)})`,
      () => `BigInt(${this.#any('number', depth)})`,
      () => 'this.b',
      () => `this.who.get(${this.#any('Address', depth)})`,
      () => 'chain.balance',
      () => `at<Helper>(HELPER, ${this.#pick(['0n', '1n', 'chain.balance'])}).take()`,
    ])();
  }

  #boolean(depth: number): string {
    return this.#pick([
      () => {
        const type = this.#pick(['number', 'bigint'] as const);
        const sign = this.#pick(['<', '<=', '>', '>=', '===', '!==']);
        return `(${this.#any(type, depth)} ${sign} ${this.#any(type, depth)})`;
      },
      () => `(${this.#any('boolean', depth)} ${this.#pick(['&&', '||', '===', '!=='])} ${this.#any('boolean', depth)})`,
      () => `!${this.#any('boolean', 0)}`,
      () => `(${this.#any('string', depth)} ${this.#pick(['===', '!=='])} ${this.#any('string', depth)})`,
      () => `(${this.#any('Address', depth)} === ${this.#any('Address', depth)})`,
      () =>
        `${this.#any('string', depth)}.${this.#pick(['includes', 'startsWith', 'endsWith'])}(${this.#any('string', 0)})`,
      () => `${this.#any('number[]', depth)}.includes(${this.#any('number', depth)})`,
      () => `this.t.has(${this.#any('string', 0)})`,
      () => 'this.is',
    ])();
  }

  #string(depth: number): string {
    const text = () => this.#any('string', depth);
    return this.#pick([
      () => `(${text()} + ${text()})`,
      () => `\`<\${${this.#any(this.#pick(SCALARS), depth)}}-\${${this.#any('Address', depth)}}>\``,
      () => `${text()}.slice(${this.#pick(['0', '1', '0, 1', '-1', this.#any('number', depth)])})`,
      () => `'fork'[${this.#pick(['0', '3', this.#any('number', depth)])}]`,
      () => 'this.s',
      () => `${this.#any('Pair', depth)}.right`,
      () => `sha256(${text()})`,
      () => `chain.hash(${this.#pick(['99', 'chain.height - 1'])})`,
    ])();
  }

  #array(depth: number): string {
    return this.#pick([
      () => `[${this.#any('number', depth)}, ${this.#any('number', depth)}]`,
      () => `${this.#any('number[]', depth)}.slice(${this.#pick(['', '1', '0, -1', this.#any('number', depth)])})`,
      () => 'this.list',
      () => `at<Helper>(HELPER).keep(${this.#any('string', depth)}, ${this.#any('number[]', depth)})`,
    ])();
  }

  #pair(depth: number): string {
    return this.#pick([
      () => `{ left: ${this.#any('number', depth)}, right: ${this.#any('string', depth)} }`,
      () => `{ right: ${this.#any('string', depth)}, left: ${this.#any('number', depth)} }`,
      () => 'this.pair',
      () => `this.u.get(${this.#any('number', depth)})`,
      () => `this.pairs.get(${this.#pick(['0', 'this.pairs.length - 1'])})`,
      () => `at<Helper>(HELPER).pair(${this.#any('Pair', 0)})`,
    ])();
  }

  #block(count: number, depth: number): string {
    return this.#inScope([], () => `{ ${Array.from({ length: count }, () => this.#statement(depth)).join(' ')} }`);
  }

  #statement(depth: number): string {
    const number = () => this.#any('number', 2);
    return this.#pick([
      () => this.#declaration(),
      () => this.#declaration(),
      () => this.#assignment(),
      () => this.#assignment(),
      () => `this.n ${this.#pick(['=', '+=', '-='])} ${number()};`,
      () => `this.b ${this.#pick(['=', '+=', '%='])} ${this.#any('bigint', 2)};`,
      () => `this.s ${this.#pick(['=', '+='])} ${this.#any('string', 2)};`,
      () => `this.is = ${this.#any('boolean', 2)};`,
      () => `this.pair = ${this.#any('Pair', 2)};`,
      () => `this.t.set(${this.#any('string', 1)}, ${number()});`,
      () => `this.t.delete(${this.#any('string', 1)});`,
      () => `this.u.set(${number()}, ${this.#any('Pair', 2)});`,
      () => `this.who.set(${this.#any('Address', 1)}, ${this.#any('bigint', 2)});`,
      () => `this.list.push(${number()});`,
      () => 'this.list.pop();',
      () => `this.list[${this.#pick(['0', '1', number()])}] ${this.#pick(['=', '+=', '*='])} ${number()};`,
      () => `this.list = ${this.#pick(['this.list', 'items'])}.slice();`,
      () => `this.rows.push(${number()});`,
      () => this.#pick(['this.rows.pop();', `this.rows.set(0, ${number()});`]),
      () => `this.pairs.push(${this.#any('Pair', 2)});`,
      () => `${this.#pick(['this.n', 'this.b', 'this.list[0]'])}${this.#pick(['++', '--'])};`,
      () => `chain.emit('E', ${number()}, ${this.#any('string', 1)}, ${this.#any('number[]', 1)});`,
      () => `chain.pay(${this.#any('Address', 1)}, ${this.#pick(['0n', '1n', this.#any('bigint', 1)])});`,
      () => `require(${this.#pick(['true', '1 < 2', this.#any('boolean', 2)])}, ${this.#any('string', 1)});`,
      () => `at<Helper>(HELPER).fail(${this.#pick(['false', this.#any('boolean', 1)])});`,
      () => this.#choice(depth),
      () => this.#loop(depth),
    ])();
  }

  #declare(type: Type, mutable: boolean): string {
    const name = `v${this.#names++}`;
    this.#variables = [...this.#variables, { name, type, mutable }];
    return name;
  }

  #declaration(): string {
    const type = this.#pick(LOCAL_TYPES);
    const value = this.#any(type, MAX_DEPTH);
    const mutable = this.#upTo(3) > 0;
    const later = mutable && this.#upTo(5) === 0;
    const name = this.#declare(type, mutable);
    if (later) return `let ${name}: ${type}; ${name} = ${value};`;
    return `${mutable ? 'let' : 'const'} ${name}${this.#upTo(2) === 0 || type === 'number[]' ? `: ${type}` : ''} = ${value};`;
  }

  #assignment(): string {
    const mutable = this.#variables.filter((variable) => variable.mutable);
    const { name, type } = this.#pick(mutable);
    if (type === 'number' || type === 'bigint') {
      const operator = this.#pick(['=', '+=', '-=', '*=', '/=', '%=', '**=']);
      return this.#upTo(5) === 0 ? `${name}${this.#pick(['++', '--'])};` : `${name} ${operator} ${this.#any(type, 2)};`;
    }
    if (type === 'number[]') {
      return this.#pick([`${name}.push(${this.#any('number', 2)});`, `${name} = ${this.#any(type, 2)};`]);
    }
    return `${name} ${type === 'string' ? this.#pick(['=', '+=']) : '='} ${this.#any(type, 2)};`;
  }

  #choice(depth: number): string {
    if (depth <= 0) return '';
    const test = () => this.#any('boolean', 2);
    const body = this.#block(2, depth - 1);
    return this.#pick([
      () => `if (${test()}) ${body} else ${this.#block(1, depth - 1)}`,
      () => `if (${test()}) ${body} else if (${test()}) ${this.#block(1, depth - 1)}`,
      () => `if (${test()}) throw new Error(${this.#any('string', 1)});`,
      () => `if (${test()}) return ${this.#any('string', 1)};`,
    ])();
  }

  #loop(depth: number): string {
    if (depth <= 0 || this.#loops++ > 3) return '';
    const name = `i${this.#names++}`;
    const variable: Variable = { name, type: 'number', mutable: false };
    const rounds = 1 + this.#upTo(4);
    const leave = this.#pick(['', '', `if (${this.#any('boolean', 1)}) ${this.#pick(['break', 'continue'])};`]);
    const body = this.#inScope([variable], () => this.#block(2, depth - 1).replace('{', `{ ${leave}`));
    return this.#pick([
      () => `for (let ${name} = 0; ${name} < ${rounds}; ${name}++) ${body}`,
      () => `for (const ${name} of ${this.#pick(['this.rows', 'this.list', 'items', '[1, 2, 3]'])}) ${body}`,
      () => `for (const ${name} of this.list.slice()) ${body}`,
      () => `{ let ${name} = ${rounds}; while (${name} > 0) { ${name}--; ${body} } }`,
    ])();
  }
}

/** The program and calls of a seed's next numbers. */
export function randomProgram(random: SeededRandom): RandomProgram {
  return new Writer(random).program();
}
