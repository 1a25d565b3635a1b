import type { OpenFile } from './open-file.ts';
import { Refusal } from './refusal.ts';
import { AddressOf, type Scalar } from './value.ts';

const ADDRESS = /^[0-9a-f]{40}$/;

/** A constant of the grammar: what is known before a contract runs. */
export function readConstant({ tokens, constants }: OpenFile): Scalar {
  const token = tokens.take();
  const { kind, text } = token;
  if (kind === 'number') return token.value;
  if (kind === 'text' || kind === 'template') return text;
  if (kind === 'sign' && text === '-') {
    const { value } = tokens.expectKind('number');
    return typeof value === 'bigint' ? -value : 0 - value;
  }
  if (kind === 'word' && (text === 'true' || text === 'false')) return text === 'true';
  if (kind === 'word' && text === 'address') {
    tokens.expect('(');
    const hex = tokens.expectKind('text');
    tokens.expect(')');
    if (!ADDRESS.test(hex.text)) throw new Refusal('bad-address', hex);
    return new AddressOf(hex.text);
  }
  const constant = kind === 'word' ? constants.get(text) : undefined;
  if (constant === undefined) throw new Refusal('not-constant', token);
  return constant.value;
}
