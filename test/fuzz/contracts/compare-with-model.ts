import type { TrapCode } from '../../../consensus/contract/traps.ts';
import { utf8ToBytes } from '../../../consensus/hex.ts';
import { SeededRandom } from '../../../simulator/seeded-random.ts';
import { ALICE, CONTRACT, encodeArguments } from '../../../testing/contract-world.ts';
import { compileTwice, type TwinContract, TwinWorlds, twinContract } from '../../../testing/twin-worlds.ts';
import { mutatedSource } from './mutated-source.ts';
import { HELPER, HELPER_ADDRESS, type RandomCall, randomProgram } from './random-program.ts';

/** Base units that the caller has before each program. */
const COINS = 100n;
/** Gas of most calls: enough for all but loops without end. */
const GAS = 100_000;
/** Sources that differ by chance from each random program. */
const MUTANTS = 2;

/** What became of sources and calls: how many were refused, went well, and failed by the code of the trap. */
export type ModelTally = Map<TrapCode | 'refused' | 'went well', number>;

/**
 * Runs random programs, and sources that are like them, on the machine and in the model: both compile the same ones, and
 * outcomes are equal in each bit and each unit of gas. Throws for the first difference, with the source.
 */
export function compareWithModel(seed: number, count: number): ModelTally {
  const random = new SeededRandom(seed);
  const tally: ModelTally = new Map();
  for (let place = 0; place < count; place++) {
    const { source, calls } = randomProgram(random);
    compareSource(source, calls, random, tally);
    for (let i = 0; i < MUTANTS; i++) compareSource(mutatedSource(source, random), calls, random, tally);
  }
  return tally;
}

function compareSource(source: string, calls: readonly RandomCall[], random: SeededRandom, tally: ModelTally): void {
  try {
    const contract = compileTwice(utf8ToBytes(source));
    if ('machineCode' in contract) count(tally, 'refused');
    else compareCalls(contract, calls, random, tally);
  } catch (error) {
    throw new Error(`a difference:\n${source}`, { cause: error });
  }
}

function compareCalls(
  contract: TwinContract,
  calls: readonly RandomCall[],
  random: SeededRandom,
  tally: ModelTally,
): void {
  const twins = new TwinWorlds();
  twins.setBalance(ALICE, COINS);
  const deploy = { args: new Uint8Array(), caller: ALICE, value: 0n, gasLimit: GAS };
  twins.deploy(helper, { ...deploy, contract: HELPER_ADDRESS });
  if (!twins.deploy(contract, { ...deploy, contract: CONTRACT }).ok) return;
  for (const { method, x, text, list, value } of calls) {
    const args = encodeArguments(contract.program, method, [x, text, [...list]]);
    // Sometimes too little, so that it runs out somewhere.
    const gasLimit = random.u32() % 4 === 0 ? random.u32() % GAS : GAS;
    const outcome = twins.call(method, { contract: CONTRACT, args, caller: ALICE, value, gasLimit });
    count(tally, outcome.ok ? 'went well' : outcome.failure.code);
  }
}

function count(tally: ModelTally, what: TrapCode | 'refused' | 'went well'): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

const helper = twinContract(utf8ToBytes(HELPER));
