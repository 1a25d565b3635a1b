/** A field that does not exist, with a name so long that a request of 128 KiB holds few of them. */
const LONG = 'x'.repeat(1_000);
const MANY = 100 * 1_024;

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ');

/** Operations that ask for too much, or are made to be expensive to refuse, and what must be said of them. */
export interface NastyDocument {
  readonly name: string;
  readonly query: string;
  readonly reason: RegExp;
}

const DEEP = /more than 8 levels deep/;
const REPEATED = /the same field is selected more than 20 times/;
const TOKENS = /more that 1000 tokens/;

export const NASTY_DOCUMENTS: readonly NastyDocument[] = [
  { name: 'deep', query: `{ tip ${'{ parent '.repeat(240)} { hash } ${'}'.repeat(240)} }`, reason: DEEP },
  { name: 'deep through fragments', query: `{ tip { ...F0 } } ${chain('parent { ...', '}')}`, reason: DEEP },
  { name: 'wide', query: `{ ${'tip { hash } '.repeat(240)} }`, reason: REPEATED },
  { name: 'wide with arguments', query: `{ ${'block(height: 1) { hash } '.repeat(100)} }`, reason: REPEATED },
  { name: 'wider than a document', query: `{ ${'__typename '.repeat(1_200)} }`, reason: TOKENS },
  { name: 'aliases', query: `{ ${times(100, (i) => `a${i}: tip { hash }`)} }`, reason: /more than 15 aliases/ },
  {
    name: 'fragments in a circle',
    query: `{ tip { ...F0 } } ${times(90, (i) => `fragment F${i} on Block { ...F${(i + 1) % 90} }`)}`,
    reason: /Cannot spread fragment/,
  },
  {
    name: 'fragments in every circle, with long names',
    query: `{ tip { ...${longName(0)} } } ${times(24, (i) => `fragment ${longName(i)} on Block { ${times(4, (j) => `...${longName((i + j + 1) % 24)}`)} }`)}`,
    reason: /Cannot spread fragment/,
  },
  {
    name: 'fragments that double, seventy times',
    query: `{ tip { ...F0 } } ${chain('... F', '', true)}`,
    reason: /asks for about 5\d{20} fields/,
  },
  {
    name: 'lists of lists',
    query: '{ blocks(first: 100) { edges { node { transactions(first: 100) { edges { node { id raw } } } } } } }',
    reason: /asks for about/,
  },
  {
    name: 'headers, again and again',
    query: `{ ${times(4, (i) => `a${i}: headers(fromHeight: 0, limit: 2000) { raw hash prevHash }`)} }`,
    reason: /asks for about/,
  },
  {
    name: 'a flood of directives',
    query: `{ tip { hash ${'@none '.repeat(450)} } }`,
    reason: /Unknown directive "@none"/,
  },
  {
    name: 'a thousand mistakes',
    query: `{ tip { ${times(980, (i) => `hasx${i}`)} } }`,
    reason: /Cannot query field "hasx0"/,
  },
  {
    name: 'mistakes with long names',
    query: `{ tip { ${times(90, (i) => `h${i}${LONG}`)} } }`,
    reason: /Cannot query field/,
  },
  { name: 'one name', query: `{ ${'x'.repeat(MANY)} }`, reason: /Cannot query field/ },
  {
    name: 'a long name that each mistake repeats',
    query: `query ${'N'.repeat(MANY)}(${times(190, (i) => `$v${i}: Int`)}) { tip { hash } }`,
    reason: /is never used in operation/,
  },
  { name: 'a giant number', query: `{ block(height: ${'9'.repeat(MANY)}) { hash } }`, reason: /Int cannot represent/ },
  {
    name: 'a giant text',
    query: `{ block(hash: "${'a'.repeat(MANY)}") { hash } }`,
    reason: /Expected value of type "Hash"/,
  },
  {
    name: 'lists within lists as an argument',
    query: `{ block(height: ${'['.repeat(480)}${']'.repeat(480)}) { hash } }`,
    reason: /Int cannot represent/,
  },
  {
    name: 'objects within objects as an argument',
    query: `{ block(height: ${'{a:'.repeat(240)}1${'}'.repeat(240)}) { hash } }`,
    reason: /Int cannot represent/,
  },
  {
    name: 'nothing but comments',
    query: `{ tip { hash } }${'#\n'.repeat(30_000)}`,
    reason: /more than 1000 tokens and comments/,
  },
  {
    name: 'a schema',
    query: times(100, (i) => `type T${i} { a: A }`),
    reason: /what operation to execute|is not executable/,
  },
  {
    name: 'many operations',
    query: times(100, () => '{ tip { hash } }'),
    reason: /what operation to execute|This anonymous operation must be the only/,
  },
  {
    name: 'the schema of the schema',
    query:
      '{ __schema { types { fields { type { fields { type { fields { type { fields { type { fields { name } } } } } } } } } } } }',
    reason: /introspection depth/,
  },
];

/** Seventy nested fragments, each of which spreads the next one once, or twice. */
function chain(open: string, close: string, doubled = false): string {
  const last = 69;
  return times(last + 1, (i) => {
    if (i === last) return `fragment F${i} on Block { hash }`;
    const next = `F${i + 1}`;
    return `fragment F${i} on Block { ${doubled ? `...${next} ...${next}` : `${open}${next} ${close}`} }`;
  });
}

function longName(index: number): string {
  return `${LONG}${index}`;
}
