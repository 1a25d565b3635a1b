import { describe, expect, it } from 'vitest';
import { printable, quotable, quotableLines } from '../../consensus/quotable.ts';

describe('a text of somebody else', () => {
  it('is shown as it is, in any language', () => {
    expect(printable('물건 값: 5 \u{1f600}')).toBe('물건 값: 5 \u{1f600}');
  });

  it.each([
    ['a control character', '\u0000'],
    ['an escape sequence', '\u001b'],
    ['a line feed', '\n'],
    ['the delete character', '\u007f'],
    ['a control character of eight bits', '\u009b'],
    ['an override of the direction', '\u202e'],
    ['an isolate of a direction', '\u2066'],
    ['an invisible space', '\u200b'],
    ['a byte order mark', '\ufeff'],
    ['a separator of lines', '\u2028'],
    ['a separator of paragraphs', '\u2029'],
    ['half a character', '\ud800'],
  ])('has %s replaced', (_, character) => {
    expect(printable(`a${character}b`)).toBe('a\ufffdb');
    expect(quotable(`a${character}b`)).toBe('a\ufffdb');
  });

  it('keeps its lines where it is quoted whole', () => {
    expect(quotableLines('a\u001b\nb\u202e')).toBe('a\ufffd\nb\ufffd');
  });

  it('lacks its middle where it is long, and half a character that is left by that', () => {
    expect(quotable('0123456789', 8)).toBe('01234…89');
    expect(quotable('0123\u{1f600}456789', 8)).toBe('0123\ufffd…89');
  });
});
