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
/** Sources for each random program that differ from it by chance. */
const MUTANTS = 2;

/** How many sources were refused, how many calls went well, and by the code of the trap how many failed. */
export type ModelTally = Map<TrapCode | 'refused' | 'went well', number>;

/**
 * Runs the random programs of a seed, and sources that are like them, on the machine and in the model: both compile the same
 * ones, and outcomes are equal in each bit and each unit of gas. Throws for the first difference, with seed and source.
 */
export function compareWithModel(seed: number, count: number): ModelTally {
  const random = new SeededRandom(seed);
  const programs = Array.from({ length: count }, () => randomProgram(random));
  const comparison = new Comparison(random);
  for (const { source, calls } of programs) {
    const mutants = Array.from({ length: MUTANTS }, () => mutatedSource(source, random));
    for (const one of [source, ...mutants]) {
      try {
        comparison.compare(one, calls);
      } catch (error) {
        throw new Error(`seed ${seed}, machine and model:\n${one}`, { cause: error });
      }
    }
  }
  return comparison.tally;
}

class Comparison {
  readonly tally: ModelTally = new Map();
  readonly #random: SeededRandom;
  readonly #helper = twinContract(utf8ToBytes(HELPER));

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  compare(source: string, calls: readonly RandomCall[]): void {
    const contract = compileTwice(utf8ToBytes(source));
    if ('machineCode' in contract) this.#count('refused');
    else this.#compareCalls(contract, calls);
  }

  #compareCalls(contract: TwinContract, calls: readonly RandomCall[]): void {
    const twins = new TwinWorlds();
    twins.setBalance(ALICE, COINS);
    const deploy = { args: new Uint8Array(), caller: ALICE, value: 0n, gasLimit: GAS };
    twins.deploy(this.#helper, { ...deploy, contract: HELPER_ADDRESS });
    if (!twins.deploy(contract, { ...deploy, contract: CONTRACT }).ok) return;
    for (const { method, x, text, list, value } of calls) {
      const args = encodeArguments(contract.program, method, [x, text, [...list]]);
      // Sometimes too little, so that it runs out somewhere.
      const gasLimit = this.#random.u32() % 4 === 0 ? this.#random.u32() % GAS : GAS;
      const outcome = twins.call(method, { contract: CONTRACT, args, caller: ALICE, value, gasLimit });
      this.#count(outcome.ok ? 'went well' : outcome.failure.code);
    }
  }

  #count(what: TrapCode | 'refused' | 'went well'): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }
}
