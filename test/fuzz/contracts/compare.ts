import assert from 'node:assert/strict';
import { ByteReader } from '../../../consensus/codec.ts';
import { compileContract } from '../../../consensus/contract/compile.ts';
import { decodeValue, encodeValue } from '../../../consensus/contract/encoding.ts';
import type { Program } from '../../../consensus/contract/program.ts';
import type { Field } from '../../../consensus/contract/syntax.ts';
import type { TrapCode } from '../../../consensus/contract/traps.ts';
import { describeType, type ValueType } from '../../../consensus/contract/types.ts';
import { AddressValue, RecordValue, type ScalarValue, type Value } from '../../../consensus/contract/value.ts';
import { bytesToHex, utf8ToBytes } from '../../../consensus/hex.ts';
import { quotable } from '../../../consensus/quotable.ts';
import { SeededRandom } from '../../../simulator/seeded-random.ts';
import { ALICE, CONTRACT, ContractWorld, resultOf } from '../../../testing/contract-world.ts';
import { NativeAddress, type NativeContract, NativeList, NativeTable, NativeWorld } from './native-world.ts';
import { HELPER, HELPER_ADDRESS, type RandomCall, type RandomProgram, randomProgram } from './random-program.ts';

/** Base units that the caller has before each program. */
const COINS = 100n;
/** Gas of a call: enough for all but loops without end, which chance writes too. */
const GAS = 85_000;
/** Programs of a seed, whose types are stripped together. */
export const PROGRAMS_OF_SEED = 250;

/** What became of the calls: by the code of the trap, or `same`. */
export type Tally = Map<TrapCode | 'same', number>;

/**
 * Runs random programs on the machine and as JavaScript, 250 of each seed from `seed` on. Throws for the first difference, with
 * seed, place and source.
 */
export function compareWithNative(seed: number, count: number): Tally {
  const tally: Tally = new Map();
  for (let done = 0; done < count; done += PROGRAMS_OF_SEED) {
    const batchSeed = seed + done / PROGRAMS_OF_SEED;
    const random = new SeededRandom(batchSeed);
    const programs = Array.from({ length: Math.min(PROGRAMS_OF_SEED, count - done) }, () => randomProgram(random));
    const helper = compileContract(utf8ToBytes(HELPER));
    const native = new NativeWorld([...programs.map(({ source }) => source), HELPER]);
    for (const [place, program] of programs.entries()) {
      try {
        compareProgram(native, program, place, programs.length, helper, tally);
      } catch (error) {
        throw new Error(`seed ${batchSeed}, program ${place}:\n${program.source}`, { cause: error });
      }
    }
  }
  return tally;
}

function compareProgram(
  native: NativeWorld,
  { source, calls }: RandomProgram,
  place: number,
  helperPlace: number,
  helper: Program,
  tally: Tally,
): void {
  const world = new ContractWorld();
  world.balances.set(ALICE, COINS);
  native.balances = new Map([[ALICE, COINS]]);
  native.height = world.height;
  native.time = world.time;
  world.deployProgram(HELPER_ADDRESS, helper, []);
  native.deploy(HELPER_ADDRESS, helperPlace, ALICE);
  const program = compileContract(utf8ToBytes(source));
  assert.equal(world.deployProgram(CONTRACT, program, []).ok, true);
  native.deploy(CONTRACT, place, ALICE);
  for (const call of calls) {
    const outcome = compareCall(world, native, program, call);
    tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
  }
}

function compareCall(world: ContractWorld, native: NativeWorld, program: Program, call: RandomCall): TrapCode | 'same' {
  const { method, x, text, list, value } = call;
  const outcome = world.call(CONTRACT, method, [x, text, [...list]], { value, gas: GAS });
  // JavaScript goes on where a bound or a type ends a call here, perhaps for ever.
  if (!outcome.ok && outcome.failure.code !== 'required' && outcome.failure.code !== 'thrown')
    return outcome.failure.code;
  let result: unknown;
  let thrown: unknown;
  try {
    result = native.call(CONTRACT, method, [x, text, list], ALICE, value);
  } catch (error) {
    thrown = error;
  }
  if (outcome.ok) {
    if (thrown !== undefined) throw thrown;
    assert.deepEqual(resultOf(outcome, program, method), result);
    assert.deepEqual(
      outcome.events.map((event) => ({ ...event, values: event.values.map(plain) })),
      native.events.map((event) => ({ ...event, values: event.values.map(nativePlain) })),
    );
  } else {
    assert.ok(thrown instanceof Error, `the machine fails: ${outcome.failure.message}`);
    assert.equal(outcome.failure.message, quotable(thrown.message));
  }
  compareState(world, native);
  return outcome.ok ? 'same' : outcome.failure.code;
}

function compareState(world: ContractWorld, native: NativeWorld): void {
  for (const [address, contract] of native.contracts) {
    const program = world.program(address) as Program;
    let slots = 0;
    for (const [i, field] of program.fields.entries()) {
      slots += compareField(world, address, field, program.fieldPaths[i] as string, contract);
    }
    assert.equal(world.slots.get(address)?.size ?? 0, slots, 'as many slots as there are values');
  }
  for (const [address, balance] of native.balances) assert.equal(world.balance(address), balance);
}

/** Compares what a field holds, and tells how many slots it has. */
function compareField(
  world: ContractWorld,
  address: string,
  field: Field,
  path: string,
  contract: NativeContract,
): number {
  const stored = (at: string, type: ValueType): unknown => {
    const bytes = world.slot(address, at);
    return bytes === undefined ? undefined : plain(decodeValue(new ByteReader(bytes), type));
  };
  const held = contract[field.name];
  if (held instanceof NativeTable) {
    for (const [key, value] of held.entries) {
      const encoded = encodeValue(
        key instanceof NativeAddress ? new AddressValue(key.hex) : (zeroed(key) as ScalarValue),
      );
      assert.deepEqual(
        stored(path + bytesToHex(encoded), field.kind === 'table' ? field.type : never()),
        nativePlain(value),
      );
    }
    return held.entries.size;
  }
  if (held instanceof NativeList) {
    assert.deepEqual(stored(path, NUMBER) ?? 0, held.length);
    for (const [i, value] of held.elements.entries()) {
      assert.deepEqual(
        stored(path + bytesToHex(encodeValue(i)), field.kind === 'list' ? field.type : never()),
        nativePlain(value),
      );
    }
    return held.length + (world.slot(address, path) === undefined ? 0 : 1);
  }
  if (field.kind !== 'value') return never();
  const initial = field.initial === undefined ? undefined : plain(field.initial);
  assert.deepEqual(
    stored(path, field.type) ?? initial,
    nativePlain(held),
    `${field.name}: ${describeType(field.type)}`,
  );
  return world.slot(address, path) === undefined ? 0 : 1;
}

const NUMBER: ValueType = { kind: 'scalar', scalar: 'number' };

function never(): never {
  throw new Error('the native field is of another kind');
}

function zeroed(value: unknown): unknown {
  return typeof value === 'number' ? value + 0 : value;
}

/** A value of the machine in a form that both sides share. */
function plain(value: Value): unknown {
  if (value instanceof AddressValue) return value.address;
  if (value instanceof RecordValue) {
    return Object.fromEntries(value.names.map((name, i) => [name, plain(value.values[i] as ScalarValue)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

function nativePlain(value: unknown): unknown {
  if (value instanceof NativeAddress) return value.hex;
  if (Array.isArray(value)) return value.map(nativePlain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, nativePlain(part)]));
  }
  return zeroed(value);
}
