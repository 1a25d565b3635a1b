import type { SeededRandom } from '../../../simulator/seeded-random.ts';

/** What is put in the place of a token, besides other tokens of the source. */
const TOKENS = [
  ...[
    '0',
    '-1',
    '9007199254740991',
    '1n',
    "'한'",
    '`🍴`',
    `\`\${1}\``,
    'true',
    '[]',
    '[1, true]',
    '{ left: 1, right: "a" }',
  ],
  ...[
    '+',
    '-',
    '*',
    '/',
    '%',
    '**',
    '<',
    '>',
    '===',
    '!==',
    '&&',
    '||',
    '&',
    '|',
    '^',
    '!',
    '=',
    '+=',
    '++',
    '--',
    '?',
    ':',
  ],
  ...['(', ')', '{', '}', '[', ']', ';', ',', '.', '\n', ' ', '//', '/*', '*/', "'", '`', '${', '\\'],
  ...[
    'let',
    'const',
    'if',
    'else',
    'while',
    'for',
    'of',
    'break',
    'continue',
    'return',
    'throw',
    'new',
    'private',
    'readonly',
  ],
  ...[
    'number',
    'bigint',
    'boolean',
    'string',
    'Address',
    'Pair',
    'number[]',
    'void',
    'type',
    'interface',
    'constructor',
  ],
  ...[
    'this',
    'chain',
    'caller',
    'value',
    'balance',
    'length',
    'slice',
    'push',
    'pop',
    'get',
    'set',
    'has',
    'delete',
    'indexOf',
  ],
  ...[
    'Math.floor',
    'Math.min',
    'BigInt',
    'Number',
    'at<Helper>',
    'require',
    'sha256',
    'List',
    'Table',
    'x',
    'text',
    'items',
  ],
];

/** A source with one to three of its tokens removed, doubled, swapped or replaced. */
export function mutatedSource(source: string, random: SeededRandom): string {
  const upTo = (count: number) => random.u32() % count;
  const tokens = source.match(/[A-Za-z0-9_]+|[\s\S]/g) ?? [];
  for (let left = 1 + upTo(3); left > 0; left--) {
    const place = upTo(tokens.length);
    const other = upTo(tokens.length);
    const [token = '', otherToken = ''] = [tokens[place], tokens[other]];
    const changes = [
      () => tokens.splice(place, 1),
      () => tokens.splice(place, 0, token),
      () => tokens.splice(place, 1, otherToken),
      () => tokens.splice(place, 1, TOKENS[upTo(TOKENS.length)] as string),
      () => tokens.splice(place, 0, TOKENS[upTo(TOKENS.length)] as string),
      () => {
        tokens[place] = otherToken;
        tokens[other] = token;
      },
    ];
    changes[upTo(changes.length)]?.();
  }
  return tokens.join('');
}
