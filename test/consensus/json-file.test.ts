import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { hasFields, JsonFileError, mustBe, parseJsonFile } from '../../consensus/json-file.ts';

const FIELDS = {
  name: v.string(),
  isLong: v.exactOptional(v.boolean()),
  parts: v.exactOptional(v.array(v.strictObject({ size: v.number() }))),
  even: v.exactOptional(v.custom<number>((value) => Number(value) % 2 === 0, mustBe('an even number'))),
};
const SCHEMA = v.strictObject(FIELDS, hasFields(FIELDS));
const parse = (text: string) => parseJsonFile(text, (json, config) => v.safeParse(SCHEMA, json, config));

describe('a JSON file that somebody wrote', () => {
  it('is what the schema makes of it', () => {
    expect(parse('{ "name": "a", "parts": [{ "size": 1 }] }')).toEqual({ name: 'a', parts: [{ size: 1 }] });
  });

  it('has the last of several fields of one name, as JSON.parse says', () => {
    expect(parse('{ "name": "a", "name": "b" }')).toEqual({ name: 'b' });
  });

  it.each([
    ['{', 'is not JSON ('],
    ['[]', 'must be an object, not []'],
    ['null', 'must be an object, not null'],
    ['{}', 'name: is missing'],
    ['{ "name": 12345678901234567890 }', 'name: must be a string, not 12345678901234567000'],
    ['{ "name": ["a", 1] }', 'name: must be a string, not ["a",1]'],
    ['{ "name": [["a"]] }', 'name: must be a string, not a list'],
    ['{ "name": "a", "isLong": "yes" }', 'isLong: must be true or false, not "yes"'],
    ['{ "name": "a", "parts": {} }', 'parts: must be a list, not an object'],
    ['{ "name": "a", "parts": [{ "size": 1 }, { "size": "1" }] }', 'parts[1].size: must be a number, not "1"'],
    ['{ "name": "a", "parts": [{ "size": 1, "colour": "red" }] }', 'parts[0]: unknown field "colour"'],
    ['{ "name": "a", "even": 3 }', 'even: must be an even number, not 3'],
    ['{ "nam": "a" }', 'unknown field "nam"; there are name, isLong, parts, even'],
    ['{ "name": "a", "__proto__": 1 }', 'unknown field "__proto__"'],
    ['{ "name": "a", "constructor": 1 }', 'unknown field "constructor"'],
  ])('is refused with the place and the problem: %s', (text, message) => {
    expect(() => parse(text)).toThrow(JsonFileError);
    expect(() => parse(text)).toThrow(message);
  });

  it('is quoted without what it does to a terminal, and never at length', () => {
    const messageOf = (text: string): string => {
      try {
        return String(parse(text));
      } catch (error) {
        return error instanceof JsonFileError ? error.message : String(error);
      }
    };
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const texts = ['{ "\u009b31m": 1 }', '\u202e', `{ "name": [${'0,'.repeat(1_000)}0] }`, `{ "name": ${deep} }`];
    for (const text of texts) {
      expect(messageOf(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(messageOf(text).length).toBeLessThan(150);
    }
  });
});
