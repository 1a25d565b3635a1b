import fc from 'fast-check';

/** Pieces that parsers stumble over: signs, blanks, look-alikes, direction marks, half characters, names of prototypes. */
const PIECES = [
  '',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\u0000',
  '\u001b[2J',
  '\u0007',
  '\u0085',
  '\u00a0',
  '\u00ad',
  '\u200b',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\ud800',
  '\udc00',
  '０',
  '٣',
  '²',
  'ı',
  'İ',
  'ß',
  'K',
  'ﬀ',
  '한',
  '🍴',
  '-',
  '+',
  '.',
  ',',
  ';',
  ':',
  '/',
  '\\',
  '@',
  '#',
  '?',
  '%',
  '%00',
  '%2e',
  '"',
  "'",
  '`',
  '$',
  '_',
  '=',
  '*',
  '[',
  ']',
  '{',
  '}',
  '0',
  '00',
  '1',
  '9',
  '1e3',
  '-0',
  '0x10',
  '1_000',
  'NaN',
  'Infinity',
  'true',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '18446744073709551615',
  '18446744073709551616',
  '9007199254740993',
  '184467440737.09551616',
  '.00000001',
  '.000000001',
] as const;

/** Lengths of long texts: about the limits of the program, and far beyond them. */
const LONG = [64, 90, 91, 255, 256, 257, 1_024, 8_192, 8_193, 70_000];

const KINDS = [
  'insert',
  'put',
  'erase',
  'double',
  'cut',
  'upper',
  'lower',
  'turn',
  'stretch',
  'wrap',
  'splice',
] as const;

/** One change of a text; the numbers choose places, whatever its length. */
export interface TextMutation {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly to: number;
  readonly piece: string;
  readonly length: number;
}

const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
);

const textMutation: fc.Arbitrary<TextMutation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat(300),
  to: fc.nat(300),
  piece,
  length: fc.constantFrom(...LONG),
});

/** Texts that mean nothing in particular. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...PIECES),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ maxLength: 40 }),
  fc.tuple(piece, fc.constantFrom(...LONG)).map(([text, length]) => repeated(text, length)),
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
);

/** Texts that are right, or nearly: changed in a few places. */
export function nearly(valid: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const changed = fc
    .tuple(valid, valid, fc.array(textMutation, { maxLength: 4 }))
    .map(([text, donor, changes]) => changes.reduce((current, change) => applyTo(current, donor, change), text));
  return fc.oneof(
    { weight: 5, arbitrary: changed },
    { weight: 1, arbitrary: valid },
    { weight: 2, arbitrary: hostileText },
  );
}

function applyTo(text: string, donor: string, { kind, at, to, piece: put, length }: TextMutation): string {
  const size = text.length + 1;
  const [start, end] = [Math.min(at % size, to % size), Math.max(at % size, to % size)];
  const [before, middle, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
  switch (kind) {
    case 'insert':
      return before + put + middle + after;
    case 'put':
      return before + put + after;
    case 'erase':
      return before + after;
    case 'double':
      return before + middle + middle + after;
    case 'cut':
      return before + middle;
    case 'upper':
      return before + middle.toUpperCase() + after;
    case 'lower':
      return before + middle.toLowerCase() + after;
    case 'turn':
      return before + middle.normalize('NFKD') + after;
    case 'stretch':
      return before + repeated(put, length) + middle + after;
    case 'wrap':
      return put + text + put;
    case 'splice':
      return before + donor.slice(to % (donor.length + 1));
  }
}

function repeated(text: string, length: number): string {
  return text === '' ? '' : text.repeat(Math.ceil(length / text.length)).slice(0, length);
}

/** Values as JSON writes them, right ones and ones that only look so; as texts, for a value has lost what was written. */
export const jsonValue: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'false',
    '0',
    '-0',
    '1',
    '-1',
    '1.0',
    '1.5',
    '1e3',
    '1E400',
    '-1e400',
    '01',
    '0x10',
    '9007199254740993',
    '18446744073709551616',
    '4294967295',
    '4294967296',
    'NaN',
    '""',
    '"1"',
    '"__proto__"',
    '{}',
    '[]',
    '[[]]',
    '[null]',
    '{"__proto__":{}}',
    '{"length":1}',
    '{"toString":1}',
    '"\\u0000"',
    '"\\ud800"',
    '"\\u001b[2J"',
  ),
  hostileText.map((text) => JSON.stringify(text)),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
);

/** A change of a JSON object: a member set, left out, given twice, or named like something else. */
const memberChange = fc.record({
  kind: fc.constantFrom('set', 'set', 'set', 'drop', 'twice', 'rename', 'add'),
  at: fc.nat(40),
  value: jsonValue,
  name: fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '', ' name', 'Name', 'naⅿe', 'port\u0000'),
    hostileText,
  ),
});

/** Texts of JSON objects near a right one, given as its members' names with their values as written. */
export function nearlyJson(members: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.record(members), fc.array(memberChange, { maxLength: 3 }), fc.nat(12), hostileText)
    .map(([values, changes, damage, junk]) => {
      let list = Object.entries(values).map(([name, value]) => [JSON.stringify(name), value] as const);
      for (const { kind, at, value, name } of changes) {
        const place = at % Math.max(1, list.length);
        const [oldName = '"x"', oldValue = '1'] = list[place] ?? [];
        if (kind === 'set') list = list.toSpliced(place, 1, [oldName, value]);
        if (kind === 'drop') list = list.toSpliced(place, 1);
        if (kind === 'twice') list = [...list, [oldName, value]];
        if (kind === 'rename') list = list.toSpliced(place, 1, [JSON.stringify(name), oldValue]);
        if (kind === 'add') list = [...list, [JSON.stringify(name), value]];
      }
      const text = `{${list.map(([name, value]) => `${name}: ${value}`).join(', ')}}`;
      if (damage === 0) return text.slice(0, junk.length % (text.length + 1));
      if (damage === 1) return text + junk;
      return damage === 2 ? junk + text : text;
    });
}
