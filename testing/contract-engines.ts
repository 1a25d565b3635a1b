import { compileContract } from '../consensus/contract/compile.ts';
import { encodeValue } from '../consensus/contract/encoding.ts';
import type { Outcome } from '../consensus/contract/execution.ts';
import { bytesToHex, utf8ToBytes } from '../consensus/hex.ts';
import { sha256 } from '../consensus/sha256.ts';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { HELPER, HELPER_ADDRESS, randomProgram } from '../test/fuzz/contracts/random-program.ts';
import { runStory, STORIES } from './contract-stories.ts';
import { ALICE, CONTRACT, ContractWorld } from './contract-world.ts';

/** Little, so that loops without an end take no minutes where an engine is slow; sources are paid for first. */
const GAS = 40_000;
const COINS = 100n;

/**
 * One hash, in hex, over all that the stories of the vectors and `programs` random programs of a seed do: gas, results, events,
 * payments, writes and reasons to fail. It is the same in every engine, and needs nothing that an engine of JavaScript alone
 * does not have.
 */
export function digestOfContracts(seed: number, programs: number): string {
  const lines = STORIES.flatMap((story) => runStory(story).map(({ outcome }) => lineOf(outcome)));
  const random = new SeededRandom(seed);
  for (let i = 0; i < programs; i++) lines.push(...linesOfProgram(random));
  return bytesToHex(sha256(utf8ToBytes(lines.join('\n'))));
}

function linesOfProgram(random: SeededRandom): string[] {
  const { source, calls } = randomProgram(random);
  const world = new ContractWorld();
  world.balances.set(ALICE, COINS);
  world.deploy(HELPER_ADDRESS, HELPER);
  const program = compileContract(utf8ToBytes(source));
  const deployed = world.deployProgram(CONTRACT, program, []);
  const outcomes = calls.map(({ method, x, text, list, value }) =>
    world.call(CONTRACT, method, [x, text, [...list]], { value, gas: GAS }),
  );
  return [deployed, ...outcomes].map(lineOf);
}

function lineOf(outcome: Outcome): string {
  if (!outcome.ok) {
    const { code, message, contract, position } = outcome.failure;
    return [outcome.gasUsed, code, message, contract, position?.line, position?.column].join(' ');
  }
  const { gasUsed, result, events, payments, writes } = outcome;
  return [
    gasUsed,
    hexOf(result),
    ...events.flatMap(({ contract, name, values }) => [
      contract,
      name,
      ...values.map((value) => hexOf(encodeValue(value))),
    ]),
    ...payments.map(({ from, to, amount }) => `${from}>${to}:${amount}`),
    ...[...writes].flatMap(([contract, slots]) => [
      contract,
      ...[...slots].map(([path, value]) => `${path}=${hexOf(value)}`),
    ]),
  ].join(' ');
}

function hexOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '-' : bytesToHex(bytes);
}
