import { describe, expect, it } from 'vitest';
import { misshapen, OR_NULL, type Shape } from '../../cli/asking/answer-shape.ts';

const SHAPE = {
  name: 'text',
  alias: 'text?',
  height: 'number',
  isOn: 'boolean',
  block: { ...OR_NULL, hash: 'text' },
  list: [{ node: { fee: 'number?' } }],
} as const satisfies Shape;
const RIGHT = { name: 'a', alias: null, height: 1, isOn: true, block: null, list: [{ node: { fee: 2 } }] };

describe('the shape of an answer', () => {
  it.each([
    ['all fields', RIGHT],
    ['fields that nobody asked for', { ...RIGHT, more: 1, block: { hash: 'x', height: 1 } }],
    ['an empty list', { ...RIGHT, list: [] }],
  ])('is right with %s', (_, answer) => expect(misshapen(answer, SHAPE, '')).toBeNull());

  it.each([
    ['name', { ...RIGHT, name: null }],
    ['name', { ...RIGHT, name: 1 }],
    ['alias', { ...RIGHT, alias: undefined }],
    ['height', { ...RIGHT, height: '1' }],
    ['isOn', { ...RIGHT, isOn: 0 }],
    ['block', { ...RIGHT, block: [] }],
    ['block.hash', { ...RIGHT, block: {} }],
    ['list', { ...RIGHT, list: {} }],
    ['list[1].node', { ...RIGHT, list: [RIGHT.list[0], { node: null }] }],
    ['list[0].node.fee', { ...RIGHT, list: [{ node: { fee: 'x' } }] }],
  ])('is wrong at %s', (path, answer) => expect(misshapen(answer, SHAPE, '')).toBe(path));

  it('takes no field from a prototype', () => {
    expect(misshapen(Object.create(RIGHT), SHAPE, '')).toBe('name');
  });
});
