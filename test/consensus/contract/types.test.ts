import { expect, it } from 'vitest';
import { hasType, namesOf, type ValueType } from '../../../consensus/contract/types.ts';
import { RecordValue } from '../../../consensus/contract/value.ts';

const POINT: ValueType = {
  kind: 'record',
  name: 'Point',
  properties: [
    { name: 'x', type: 'number' },
    { name: 'y', type: 'bigint' },
  ],
};

it.each([
  ['its properties', ['x', 'y'], [1, 2n], true],
  ['its properties in another order', ['y', 'x'], [2n, 1], true],
  ['a value of another type', ['x', 'y'], [1, 2], false],
  ['values in the order of the type, and names in another one', ['y', 'x'], [1, 2n], false],
  ['another property', ['x', 'z'], [1, 2n], false],
  ['a property too few', ['x'], [1], false],
  ['a property too many', ['x', 'y', 'z'], [1, 2n, 3], false],
])('a record with %s', (_, names, values, holds) => {
  expect(hasType(new RecordValue(names, values), POINT)).toBe(holds);
  expect(hasType(new RecordValue(names, values), POINT)).toBe(holds);
});

it('names of properties are compared once for each shape of a record and each type', () => {
  let searches = 0;
  const names = Object.assign(['y', 'x'], {
    indexOf(name: string) {
      searches++;
      return ['y', 'x'].indexOf(name);
    },
  });
  for (let i = 0; i < 100; i++) expect(hasType(new RecordValue(names, [BigInt(i), i]), POINT)).toBe(true);
  expect(searches).toBe(2);
});

it('records of one type that were decoded have one shape', () => {
  expect(namesOf(POINT.properties)).toBe(namesOf(POINT.properties));
  expect(namesOf(POINT.properties)).toEqual(['x', 'y']);
});
