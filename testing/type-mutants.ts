import type { SeededRandom } from '../simulator/seeded-random.ts';

/** A word of a type, or a literal. */
const CHANGED = /^(\d[\d_]*n?|true|false|'[^']*'|number|bigint|string|boolean|Address)$/;
const TYPES = ['number', 'bigint', 'string', 'boolean', 'Address'] as const;
const VALUES = ['1', '1n', "'x'", 'true', 'chain.caller', '[1]', 'chain.value', 'chain.height', "['a']"] as const;

/** A source with another type or value in one place: what somebody gets wrong who knows the grammar. */
export function typeMutant(source: string, random: SeededRandom): string {
  const tokens = source.match(/[A-Za-z0-9_]+|'[^'\n]*'|[\s\S]/gu) ?? [];
  const places = [...tokens.keys()].filter((place) => CHANGED.test(tokens[place] ?? ''));
  const place = places[random.u32() % places.length];
  if (place === undefined) return source;
  const isType = TYPES.some((type) => type === tokens[place]);
  const others = isType ? TYPES : VALUES;
  tokens[place] = others[random.u32() % others.length] as string;
  return tokens.join('');
}
