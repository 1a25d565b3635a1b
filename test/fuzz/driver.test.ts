import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, DecodeError } from '../../consensus/codec.ts';
import { mutated, mutations, partsOf } from './byte-mutations.ts';
import { foreignBytes, format } from './byte-targets.ts';
import { describeFailure, fuzz } from './driver.ts';
import { outcomeOf } from './judgement.ts';
import { target } from './target.ts';

/** `count u16 | count numbers u32`, with the mistakes that decoders make. */
interface Mistakes {
  readonly ignoresRest?: boolean;
  readonly crashesAt?: number;
}

function decodeList(bytes: Uint8Array, { ignoresRest, crashesAt }: Mistakes = {}): number[] {
  const reader = new ByteReader(bytes);
  const count = reader.u16();
  if (count === crashesAt) throw new TypeError('cannot read properties of undefined');
  const list = Array.from({ length: count }, () => reader.u32());
  if (!ignoresRest) reader.end();
  return list;
}

function encodeList(list: readonly number[]): Uint8Array {
  const writer = new ByteWriter(2 + 4 * list.length).u16(list.length);
  for (const each of list) writer.u32(each);
  return writer.finish();
}

const valid = fc.array(fc.nat(), { maxLength: 4 }).map(encodeList);
const listTarget = (mistakes: Mistakes) =>
  format('list', { decode: (bytes) => decodeList(bytes, mistakes), encode: encodeList, valid });

describe('fuzzing finds', () => {
  it.each([
    ['a decoder that leaves bytes over', { ignoresRest: true }, 'accepted bytes that are not the one encoding'],
    ['a decoder that throws what is not documented', { crashesAt: 0x8000 }, 'cannot read properties of undefined'],
  ])('%s, and its failure can be seen again', async (_, mistakes, message) => {
    const broken = listTarget(mistakes);
    const { failure } = await fuzz(broken, { seed: 1, runs: 2_000 });
    expect(failure?.error.message).toContain(message);
    const [, seed, path] = /--seed (\S+) --path (\S+)$/.exec(failure?.replay ?? '') ?? [];
    const again = await fuzz(broken, { seed: Number(seed), runs: 1, path: path ?? '' });
    expect(again.failure?.input).toEqual(failure?.input);
    expect(failure && describeFailure(broken, failure)).toContain(`npm run fuzz -- --only list --seed 1 --path`);
  });

  it('one that believes in a count before it has seen what is counted', () => {
    const decode = () => new Uint8Array(2 ** 28);
    expect(() => outcomeOf(6, [DecodeError], decode)).toThrow('6 bytes of input cost');
  });

  it.each([
    ['that is long', 'x'.repeat(501)],
    ['that moves the cursor', 'not \u001b[2J'],
    ['that ends in half a character', 'not 🍴'.slice(0, -1)],
  ])('an error with a message %s', (_, message) => {
    const decode = () => {
      throw new DecodeError(message);
    };
    expect(() => outcomeOf(1, [DecodeError], decode)).toThrow('a message');
  });

  it('nothing in a decoder that is right', async () => {
    expect(await fuzz(listTarget({}), { seed: 1, runs: 500 })).toEqual({ inputs: 500, failure: null });
  });
});

describe('a turn', () => {
  it('that is over before its first input has found nothing', async () => {
    expect(await fuzz(listTarget({}), { seed: 1, runs: 500, limitMs: 0 })).toEqual({ inputs: 0, failure: null });
  });
});

describe('inputs', () => {
  it('of one seed are the same in every run, and of another seed others', async () => {
    const inputsOf = async (seed: number): Promise<unknown[]> => {
      const inputs: unknown[] = [];
      const spy = target('spy', foreignBytes(valid, decodeList), (bytes) => void inputs.push(bytes), {
        notation: 'bytes',
      });
      await fuzz(spy, { seed, runs: 50 });
      return inputs;
    };
    expect(await inputsOf(1)).toEqual(await inputsOf(1));
    expect(await inputsOf(2)).not.toEqual(await inputsOf(1));
  });

  it('keep the structure often enough that many are accepted, and break it often enough that many are not', () => {
    let accepted = 0;
    const samples = fc.sample(foreignBytes(valid, decodeList), { numRuns: 1_000, seed: 1 });
    for (const bytes of samples) {
      try {
        decodeList(bytes);
        accepted++;
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }
    expect(accepted).toBeGreaterThan(100);
    expect(accepted).toBeLessThan(900);
  });

  it('are cut where their decoder reads', () => {
    const parts = partsOf(encodeList([1, 2]), decodeList);
    expect(parts).toEqual([Uint8Array.of(2, 0), Uint8Array.of(1, 0, 0, 0), Uint8Array.of(2, 0, 0, 0)]);
    expect(mutated(parts, [], [])).toEqual(encodeList([1, 2]));
    const changes = fc.sample(mutations, { numRuns: 500, seed: 1 });
    expect(new Set(changes.flat().map(({ kind }) => kind)).size).toBe(11);
  });
});
