/** What somebody could hope to hold a node with: sources for its compiler, and calls for its machine. */

/** A text made by repetition, as close to a length as it gets. */
function filled(length: number, head: string, unit: (i: number) => string, tail: string): string {
  const parts = [head];
  let room = length - head.length - tail.length;
  for (let i = 0; ; i++) {
    const part = unit(i);
    if (part.length > room) break;
    room -= part.length;
    parts.push(part);
  }
  return parts.join('') + tail;
}

const RUN = 'export class C { run(): void { ';
const END = ' } }';

/** Sources of any length by which somebody could hope to keep a compiler busy. */
export const HOSTILE_SOURCES: Readonly<Record<string, (length: number) => string>> = {
  spaces: (length) => filled(length, '', () => ' ', 'export class C {}'),
  'a comment': (length) => filled(length, '/*', () => '*', '*/ export class C {}'),
  'comments without an end': (length) => filled(length, '', () => '/*', ''),
  'many comments': (length) => filled(length, '', () => '/**/', 'export class C {}'),
  'a text': (length) => filled(Math.min(length, 4_000), `${RUN}let a = '`, () => 'x', `';${END}`),
  'many texts': (length) => filled(length, `${RUN}let a = 'b';`, (i) => ` a = '${i}';`, END),
  'escapes without an end': (length) => filled(length, `${RUN}let a = '`, () => '\\u{1f374}', ''),
  quotes: (length) => filled(length, '', () => "'", ''),
  digits: (length) => filled(length, `${RUN}let a = `, () => '9', `;${END}`),
  'hex digits': (length) => filled(length, `${RUN}let a = 0x`, () => 'f', `n;${END}`),
  'a name': (length) => filled(length, RUN, () => 'a', END),
  'many names': (length) => filled(length, RUN, (i) => `{ let a${i} = 1; }`, END),
  'many constants': (length) => filled(length, `${RUN}let a = 1;`, (i) => ` a = ${i};`, END),
  'a sum': (length) => filled(length, `${RUN}let a = 1`, () => ' + 1', `;${END}`),
  'many sums': (length) => filled(length, `${RUN}let a = 1;`, () => ' a = 1 + 2 + 3 + 4;', END),
  prefixes: (length) => filled(length, `${RUN}let a = `, () => '- ', `1;${END}`),
  powers: (length) => filled(length, `${RUN}let a = 1`, () => '**1', `;${END}`),
  parentheses: (length) => filled(length, `${RUN}let a = `, () => '(', '1'),
  'parentheses without an end': (length) => filled(length, '', () => '(', ''),
  braces: (length) => filled(length, RUN, () => '{', ''),
  'many blocks': (length) => filled(length, RUN, () => '{}', END),
  brackets: (length) => filled(length, `${RUN}let a = `, () => '[', ''),
  templates: (length) => filled(length, `${RUN}let a = `, () => '`${', ''),
  'pieces of a template': (length) => filled(length, `${RUN}let a = \``, () => '$' + '{1}', `\`;${END}`),
  'an index of an index': (length) => filled(length, `${RUN}let a = b`, () => '[0]', `;${END}`),
  'a member of a member': (length) => filled(length, `${RUN}let a = b`, () => '.length', `;${END}`),
  'a call of a call': (length) => filled(length, `${RUN}let a = b`, () => '.slice()', `;${END}`),
  conditionals: (length) => filled(length, `${RUN}let a = 1`, () => ' ? 1 : 1', `;${END}`),
  'if within if': (length) => filled(length, RUN, () => 'if (true) ', END),
  'else if': (length) => filled(length, `${RUN}if (true) {}`, () => ' else if (true) {}', END),
  loops: (length) => filled(length, RUN, () => 'for (;;) {} ', END),
  'breaks of one loop': (length) => filled(length, `${RUN}while (true) { `, () => 'break;', `}${END}`),
  fields: (length) => filled(length, 'export class C { ', (i) => `f${i} = 1; `, '}'),
  tables: (length) => filled(length, 'export class C { ', (i) => `f${i} = new Table<string, number>(0); `, '}'),
  methods: (length) => filled(length, 'export class C { ', (i) => `f${i}(): void {} `, '}'),
  'methods that call each other': (length) =>
    filled(
      length,
      'export class C { run(): void {} ',
      (i) => `f${i}(): void { this.${i === 0 ? 'run' : `f${i - 1}`}(); } `,
      '}',
    ),
  'functions above the class': (length) => filled(length, '', (i) => `function f${i}(): void {} `, 'export class C {}'),
  interfaces: (length) => filled(length, '', (i) => `interface I${i} { a: number; } `, 'export class C {}'),
  'one interface of methods': (length) =>
    filled(length, 'interface I { ', (i) => `m${i}(): void; `, '} export class C {}'),
  aliases: (length) => filled(length, 'type T0 = number; ', (i) => `type T${i + 1} = T${i}; `, 'export class C {}'),
  imports: (length) => filled(length, '', () => "import { chain } from 'forklore/contract'; ", 'export class C {}'),
  'imported names': (length) => filled(length, 'import { ', () => 'chain, ', "} from 'forklore/contract';"),
  types: (length) => filled(length, 'export class C { run(a: ', () => 'A<', ''),
  'events with their values': (length) => filled(length, RUN, () => "chain.emit('E', 1, 2, 3); ", END),
  semicolons: (length) => filled(length, RUN, () => ';', END),
  'signs that are left out': (length) => filled(length, RUN, () => '>>>=', END),
};

const BIG = "let big = 'x'; for (let i = 0; i < 12; i++) { big = big + big; }";

/** Methods by which somebody could hope to hold a node for longer than the gas says. */
export const HOSTILE_CALLS: Readonly<Record<string, string>> = {
  'an empty loop': 'while (true) {}',
  'a loop without a test': 'for (;;) {}',
  'a loop of continues': 'while (true) { continue; }',
  recursion: 'this.run();',
  'an array that grows': 'let a: number[] = []; while (true) { a.push(1); if (a.length === 1000) { a = []; } }',
  'an array that is copied': `let a: number[] = []; for (let i = 0; i < 1024; i++) { a.push(i); } while (true) { a = a.slice(); }`,
  'an array that is checked': `let a: number[] = []; for (let i = 0; i < 1024; i++) { a.push(i); } while (true) { let b: number[] = a; }`,
  'an array that is searched': `let a: number[] = []; for (let i = 0; i < 1024; i++) { a.push(i); } while (true) { a.indexOf(-1); }`,
  'texts that are searched in an array': `${BIG} let a: string[] = []; for (let i = 0; i < 1024; i++) { a.push(big); } const c = big.slice(1) + 'y'; while (true) { a.indexOf(c); }`,
  'a text that is joined': `${BIG} let b = big.slice(1); while (true) { let c = b + 'x'; }`,
  'a text that is compared': `${BIG} const b = big.slice(1) + 'y'; while (true) { let c = big === b; }`,
  'a text that is searched': `${BIG} const b = 'y' + big.slice(0, 2048); while (true) { big.indexOf(b); }`,
  'a text that is hashed': `${BIG} while (true) { sha256(big); }`,
  'a text as a key': `${BIG} while (true) { this.texts.has(big); }`,
  'a text in a template': `${BIG} const b = big.slice(1); while (true) { let c = \`\${b}\`; }`,
  'a bigint that is multiplied': 'const a = 2n ** 127n; while (true) { let b = a * a; }',
  'a bigint that is raised': 'while (true) { let b = 3n ** 160n; }',
  'one that is raised for ever': 'const a = 2n ** 254n; while (true) { let b = 1n ** a; }',
  'a bigint in a template': 'const a = 2n ** 254n; while (true) { let b = `$' + '{a}`; }',
  'slots that are read': 'for (let i = 0; true; i++) { this.numbers.get(i); }',
  'slots that are written': 'for (let i = 0; true; i++) { this.numbers.set(i, i); }',
  'one slot that is written': `${BIG} const b = big.slice(1); while (true) { this.text = b; }`,
  'a list that grows in a loop over it': 'this.list.push(1); for (const a of this.list) { this.list.push(a); }',
  'an array that grows in a loop over it': 'let a = [1]; for (const b of a) { a.push(b); }',
  'an array field that is read': 'while (true) { let a = this.array; }',
  events: "while (true) { chain.emit('E'); }",
  payments: 'while (true) { chain.pay(chain.caller, 0n); }',
  'block hashes': 'while (true) { chain.hash(chain.height - 1); }',
  signatures: `const key = sha256(''); while (true) { verify(key, 'm', key + key); }`,
  'calls of a contract that is not there': 'at<I>(chain.caller).run();',
};

/** The contract whose method is one of {@link HOSTILE_CALLS}. */
export function hostileContract(name: string): string {
  return `interface I { run(): void; } export class C {
    text = ''; array: number[] = [1]; texts = new Table<string, boolean>(false); numbers = new Table<number, number>(0);
    list = new List<number>();
    run(): void { ${HOSTILE_CALLS[name]} }
  }`;
}
