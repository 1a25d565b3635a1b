import { describe, expect, it } from 'vitest';
import { ByteReader, DecodeError } from '../../../consensus/codec.ts';
import { decodeValue, encodeValue } from '../../../consensus/contract/encoding.ts';
import { slotKey } from '../../../consensus/contract/slot-path.ts';
import { scalarOf, type ValueType } from '../../../consensus/contract/types.ts';
import { AddressValue, type ScalarValue } from '../../../consensus/contract/value.ts';
import { bytesToHex, hexToBytes } from '../../../consensus/hex.ts';
import { SOURCE_MISTAKES } from '../../../testing/contract-mistakes.ts';
import { runStory, STORIES } from '../../../testing/contract-stories.ts';
import calls from '../../vectors/contracts/calls.json' with { type: 'json' };
import sourceErrors from '../../vectors/contracts/source-errors.json' with { type: 'json' };
import values from '../../vectors/contracts/values.json' with { type: 'json' };

/** A scalar or array as values.json has it. */
function written(value: unknown): ScalarValue | ScalarValue[] {
  if (Array.isArray(value)) return value.map((element) => written(element) as ScalarValue);
  if (typeof value === 'string' && /^-?\d+n$/.test(value)) return BigInt(value.slice(0, -1));
  if (typeof value === 'object') return new AddressValue((value as { address: string }).address);
  return value as ScalarValue;
}

function typeOf(value: ScalarValue | ScalarValue[]): ValueType {
  if (Array.isArray(value)) return { kind: 'array', of: value[0] === undefined ? 'number' : scalarOf(value[0]) };
  return { kind: 'scalar', scalar: scalarOf(value) };
}

function decode(hex: string, type: ValueType): unknown {
  const reader = new ByteReader(hexToBytes(hex));
  const value = decodeValue(reader, type);
  reader.end();
  return value;
}

const NUMBER: ValueType = { kind: 'scalar', scalar: 'number' };
const BIGINT: ValueType = { kind: 'scalar', scalar: 'bigint' };
const TEXT: ValueType = { kind: 'scalar', scalar: 'string' };

describe('the encoding of values', () => {
  it.each(
    values
      .filter((vector) => !('type' in vector))
      .map(({ value, encoded }) => [JSON.stringify(value), value, encoded] as const),
  )('%s is that of the vectors, both ways', (_, plain, encoded) => {
    const value = written(plain);
    expect(bytesToHex(encodeValue(value))).toBe(encoded);
    expect(decode(encoded, typeOf(value))).toEqual(value);
  });

  it.each([
    ['a number beyond its bounds', '020000000000002000', NUMBER],
    ['a number that is cut', '0200', NUMBER],
    ['another kind', '00', NUMBER],
    ['a bigint with a zero in front', '03020100', BIGINT],
    ['a negative zero', '0380', BIGINT],
    ['a bigint beyond its bounds', `0320${'ff'.repeat(32)}`, BIGINT],
    ['a bigint of 33 bytes', `0321${'ff'.repeat(33)}`, BIGINT],
    ['half of a surrogate pair', '040300eda080', TEXT],
    ['a text that is no UTF-8', '040100ff', TEXT],
    ['more bytes than the value has', '020000000000000000ff', NUMBER],
    ['an array of another kind', '05010000', { kind: 'array', of: 'number' }],
  ] as const)('%s is no value', (_, hex, type) => {
    expect(() => decode(hex, type)).toThrow(DecodeError);
  });
});

describe('the vectors of sources', () => {
  it('have an example of every error, with what is refused now', () => {
    expect(sourceErrors.map(({ code }) => code)).toEqual(Object.keys(SOURCE_MISTAKES));
  });
});

describe('the vectors of calls', () => {
  it.each(calls.map((story, i) => [story.name, story, i] as const))(
    '%s: gas, results, events and slots',
    (_, story, i) => {
      const ran = runStory(STORIES[i]!);
      expect(ran).toHaveLength(story.calls.length);
      for (const [n, { args, outcome }] of ran.entries()) {
        const wanted = story.calls[n]!;
        expect(bytesToHex(args)).toBe(wanted.args);
        expect(outcome).toMatchObject({ ok: wanted.outcome.ok, gasUsed: wanted.outcome.gasUsed });
        if (!outcome.ok || !('writes' in wanted.outcome)) continue;
        expect(outcome.result === undefined ? null : bytesToHex(outcome.result)).toBe(wanted.outcome.result);
        const writes = [...outcome.writes].flatMap(([contract, slots]) =>
          [...slots].map(([path, value]) => [
            bytesToHex(slotKey(contract, path)),
            value === undefined ? null : bytesToHex(value),
          ]),
        );
        expect(writes).toEqual(wanted.outcome.writes?.map(({ key, value }) => [key, value]));
        expect(outcome.events.map(({ name }) => name)).toEqual(wanted.outcome.events?.map(({ name }) => name));
      }
    },
  );
});
