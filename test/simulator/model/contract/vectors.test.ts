import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../../../../consensus/hex.ts';
import { sha256 } from '../../../../consensus/sha256.ts';
import { decode, encode } from '../../../../simulator/model/contract/encoding.ts';
import { readSource } from '../../../../simulator/model/contract/read-source.ts';
import { Refusal } from '../../../../simulator/model/contract/refusal.ts';
import type { ValueType } from '../../../../simulator/model/contract/types.ts';
import { AddressOf, RecordOf, type Scalar, type Value } from '../../../../simulator/model/contract/value.ts';
import { ModelWorld } from '../../../../testing/model-world.ts';

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../../vectors/contracts/${file}`, import.meta.url), 'utf8'));

type PlainScalar = number | boolean | string | { readonly address: string };
type Plain = PlainScalar | readonly PlainScalar[] | { readonly record: readonly (readonly [string, PlainScalar])[] };

function scalarOf(plain: PlainScalar): Scalar {
  if (typeof plain === 'object') return new AddressOf(plain.address);
  return typeof plain === 'string' && /^-?[0-9]+n$/.test(plain) ? BigInt(plain.slice(0, -1)) : plain;
}

function plainValue(plain: Plain): Value {
  if (Array.isArray(plain)) return plain.map(scalarOf);
  if (typeof plain === 'object' && 'record' in plain) {
    return new RecordOf(new Map(plain.record.map(([name, value]) => [name, scalarOf(value)])));
  }
  return scalarOf(plain as PlainScalar);
}

function typeOf(value: Value): ValueType {
  if (Array.isArray(value)) {
    const [first = 0] = value;
    return { kind: 'array', elements: first instanceof AddressOf ? 'Address' : (typeof first as 'number') };
  }
  return { kind: 'scalar', scalar: value instanceof AddressOf ? 'Address' : (typeof value as 'number') };
}

interface ValueVector {
  readonly value: Plain;
  readonly encoded: string;
  readonly type?: string;
}

interface CallVector {
  readonly contract: string;
  readonly method: string;
  readonly caller: string;
  readonly value: string;
  readonly height: number;
  readonly gasLimit: number;
  readonly args: string;
  readonly outcome: {
    readonly ok: boolean;
    readonly gasUsed: number;
    readonly result: string | null;
    readonly events: readonly { readonly contract: string; readonly name: string; readonly values: readonly Plain[] }[];
    readonly payments: readonly { readonly from: string; readonly to: string; readonly amount: string }[];
    readonly writes: readonly {
      readonly contract: string;
      readonly path: string;
      readonly key: string;
      readonly value: string | null;
    }[];
  };
}

interface StoryVector {
  readonly name: string;
  readonly contracts: Readonly<Record<string, string>>;
  readonly balances: Readonly<Record<string, string>>;
  readonly calls: readonly CallVector[];
}

/** The outcome of a call as the vectors have it. */
function outcomeOf(world: ModelWorld, file: string, call: CallVector): unknown {
  const { contract, method, caller, gasLimit } = call;
  world.height = call.height;
  const entry = {
    contract,
    method,
    caller,
    value: BigInt(call.value.slice(0, -1)),
    args: hexToBytes(call.args),
    gasLimit,
  };
  const outcome = method === 'constructor' ? world.deploy(readSource(utf8ToBytes(file)), entry) : world.call(entry);
  if (!outcome.ok) return { ok: false, gasUsed: outcome.gasUsed };
  const { gasUsed, result, events, payments, writes } = outcome;
  return {
    ok: true,
    gasUsed,
    result: result ? bytesToHex(result) : null,
    events: events.map(({ contract, name, values }) => ({ contract, name, values: values.map(bytesToHex) })),
    payments: payments.map((payment) => ({ ...payment, amount: `${payment.amount}n` })),
    writes: [...writes].flatMap(([contract, slots]) =>
      [...slots].map(([path, value]) => ({
        contract,
        path,
        key: bytesToHex(sha256(hexToBytes(contract + path))),
        value: value ? bytesToHex(value) : null,
      })),
    ),
  };
}

function expected({ outcome }: CallVector): unknown {
  if (!outcome.ok) return outcome;
  const events = outcome.events.map(({ contract, name, values }) => ({
    contract,
    name,
    values: values.map(plainValue).map((value) => bytesToHex(encode(value, typeOf(value)))),
  }));
  return { ...outcome, events };
}

describe('the model of contracts, written from docs/contracts.md alone', () => {
  it.each(read('values.json') as ValueVector[])('encodes and decodes $value as the vectors say', (vector) => {
    const value = plainValue(vector.value);
    const source = `${vector.type ?? ''} export class C {}`;
    const type = vector.type ? readSource(utf8ToBytes(source)).records[0] : typeOf(value);
    if (type === undefined) throw new Error(`no type in ${source}`);
    const encoded = encode(value, type);
    expect(bytesToHex(encoded)).toBe(vector.encoded);
    expect(bytesToHex(encode((decode(encoded, [type]) as Value[])[0] as Value, type))).toBe(vector.encoded);
    expect(decode(Uint8Array.of(...encoded, 0), [type])).toBeUndefined();
  });

  it.each(read('source-errors.json') as { code: string; source?: string; sourceHex?: string }[])(
    'refuses the mistake $code, for the same reason',
    ({ code, source, sourceHex }) => {
      const bytes = source === undefined ? hexToBytes(sourceHex as string) : utf8ToBytes(source);
      expect(() => readSource(bytes)).toThrow(expect.objectContaining({ code }));
      expect(() => readSource(bytes)).toThrow(Refusal);
    },
  );

  it.each(read('calls.json') as StoryVector[])(
    'runs "$name" with the outcomes of the vectors, gas included',
    (story) => {
      const world = new ModelWorld();
      for (const [address, balance] of Object.entries(story.balances)) {
        world.balances.set(address, BigInt(balance.slice(0, -1)));
      }
      for (const call of story.calls) {
        expect(outcomeOf(world, story.contracts[call.contract] as string, call)).toEqual(expected(call));
      }
    },
  );
});
