import { expect, it } from 'vitest';
import { markedLine } from '../../cli/contract/marked-line.ts';

it('marks a place under its line', () => {
  expect(markedLine('a\nlet b = 1.5;\n', 2, 9)).toBe('2 | let b = 1.5;\n            ^');
});

it('keeps the mark under its place where characters are wide, tabs or not shown', () => {
  expect(markedLine('\t국수\u202e;', 1, 5)).toBe('1 |  국수\ufffd;\n     　　 ^');
});

it('shows of a long line what is around the place', () => {
  const [line = '', mark = ''] = markedLine(`${'x'.repeat(1_000)}?${'y'.repeat(1_000)}`, 1, 1_001)?.split('\n') ?? [];
  expect(line.length).toBeLessThan(120);
  expect(line[mark.indexOf('^')]).toBe('?');
});

it('has nothing to mark where the source has no such line', () => {
  expect(markedLine('a', 2, 1)).toBeUndefined();
});
