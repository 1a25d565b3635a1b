import { describe, expect, it } from 'vitest';
import { bytesToUtf8, utf8ToBytes } from '../../consensus/hex.ts';
import { decodeText } from '../../consensus/text.ts';

const utf16 = (text: string, mark: boolean, bigEndian = false): Uint8Array => {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
  return Uint8Array.from(bigEndian ? bytes.swap16() : bytes);
};

describe('the text of a file', () => {
  it.each(['', '{}', 'für dich', '가나다'])('%j is read as it was written, and over a byte order mark', (text) => {
    expect(decodeText(utf8ToBytes(text))).toBe(text);
    expect(decodeText(utf8ToBytes(`\ufeff${text}`))).toBe(text);
  });

  it('loses one byte order mark and no more', () => {
    expect(decodeText(utf8ToBytes('\ufeff\ufeffa'))).toBe('\ufeffa');
    expect(bytesToUtf8(utf8ToBytes('\ufeffa'))).toBe('\ufeffa');
  });

  it.each([
    ['UTF-16 as Windows writes it', utf16('{ }', true), 'is UTF-16 text; save it as UTF-8'],
    ['UTF-16, high bytes first', utf16('{ }', true, true), 'is UTF-16 text; save it as UTF-8'],
    ['UTF-16 without a mark', utf16('{ }', false), 'is UTF-16 text; save it as UTF-8'],
    ['UTF-16 without a mark, high bytes first', utf16('{ }', false, true), 'is UTF-16 text; save it as UTF-8'],
    ['UTF-32', Uint8Array.of(0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0), 'is UTF-32 text; save it as UTF-8'],
    ['Latin-1', Uint8Array.of(0x66, 0xfc, 0x72), 'is not UTF-8 text; save it as UTF-8'],
    ['half a character at the end', Uint8Array.of(0x61, 0xc3), 'is not UTF-8 text; save it as UTF-8'],
  ])('%s is named as such', (_, bytes, message) => {
    expect(() => decodeText(bytes)).toThrow(message);
  });
});
