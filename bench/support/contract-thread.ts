import { parentPort, workerData } from 'node:worker_threads';
import { compileContract } from '../../consensus/contract/compile.ts';
import { encodeValue } from '../../consensus/contract/encoding.ts';
import { Execution } from '../../consensus/contract/execution.ts';
import { MAX_CALL_GAS } from '../../consensus/contract/limits.ts';
import type { World } from '../../consensus/contract/world.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { CONTRACT, ContractWorld } from '../../testing/contract-world.ts';
import { VOTING } from '../../testing/contracts.ts';
import { type Operation, sourceOf } from './contract-operations.ts';
import { BenchWorld, MEASURED, openSlots } from './contract-world.ts';

/** Operations to be priced. */
export interface OperationJob {
  readonly kind: 'operations';
  readonly operations: readonly Operation[];
  /** Folder of the slots. */
  readonly directory: string;
  /** How often each is measured, and before that runs without being measured. */
  readonly rounds: number;
  readonly roundsBefore: number;
  /** Whether programs and slots stay from one round to the next. */
  readonly keeps: boolean;
  /** Gas that a call shall use, about. */
  readonly gas: number;
}

/** What a thread is asked to measure. */
export type ContractJob =
  | OperationJob
  /** Votes of different accounts, each a transaction of its own. */
  | { readonly kind: 'votes'; readonly rounds: number; readonly votes: number }
  /** Sources to be compiled in turns. */
  | { readonly kind: 'sources'; readonly rounds: number; readonly sources: readonly string[] };

/**
 * For each operation nanoseconds for a gas, for each source nanoseconds for a byte, or for the votes nanoseconds for one: in
 * each round.
 */
export type ContractCosts = readonly (readonly number[])[];

const CALLER = 'aa'.repeat(20);
const ADDRESS_DIGITS = 40;
const NANOSECONDS_PER_MICROSECOND = 1_000;
/** Bytes that are compiled for one measurement at least: a short source is compiled several times. */
const COMPILED_BYTES = 32_768;

/** Processor time of this process, with what its collector and its compilers take, in nanoseconds. */
function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * NANOSECONDS_PER_MICROSECOND;
}

/** Costs of things that are measured in turns. `measure` gives those of one round, for one unit. */
function inRounds(count: number, rounds: number, roundsBefore: number, measure: (i: number) => number): ContractCosts {
  const costs = Array.from({ length: count }, (): number[] => []);
  for (let round = -roundsBefore; round < rounds; round++) {
    for (const [i, ofThis] of costs.entries()) {
      const cost = measure(i);
      if (round >= 0) ofThis.push(cost);
    }
  }
  return costs;
}

/** A call with so many rounds: the gas that it uses. The limit is one of the network: beyond 31 bits the engine computes in another way. */
function call(world: World, rounds: number): number {
  const transaction = { contract: MEASURED, method: 'run', args: encodeValue(rounds), caller: CALLER };
  const execution = new Execution(world, { ...transaction, value: 0n, gasLimit: MAX_CALL_GAS });
  const outcome = execution.advance(MAX_CALL_GAS);
  if (!outcome?.ok) throw new Error(`a benchmark failed: ${outcome?.failure.message}`);
  return outcome.gasUsed;
}

function priceOperations({ operations, directory, rounds, roundsBefore, keeps, gas }: OperationJob): ContractCosts {
  const slots = openSlots(directory, true);
  const made = operations.map((operation) => {
    const source = utf8ToBytes(sourceOf(operation));
    const make = (): World => new BenchWorld(slots, compileContract(source), keeps);
    const kept = make();
    const [one, two] = [call(kept, 1), call(kept, 2)];
    const fitting = Math.max(1, Math.floor((gas - one) / (two - one)));
    return { fresh: keeps ? () => kept : make, callRounds: Math.min(operation.mostRounds ?? fitting, fitting) };
  });
  return inRounds(operations.length, rounds, roundsBefore, (i) => {
    const { fresh, callRounds } = made[i] as (typeof made)[number];
    const world = fresh();
    const before = cpuNs();
    const used = call(world, callRounds);
    return (cpuNs() - before) / used;
  });
}

function countVotes(rounds: number, votes: number): ContractCosts {
  const world = new ContractWorld();
  world.deploy(CONTRACT, VOTING, ['Tea or coffee?', ['tea', 'coffee'], world.height]);
  let voter = 0;
  return inRounds(1, rounds, 1, () => {
    const before = cpuNs();
    for (let i = 0; i < votes; i++) {
      const from = (voter++).toString(16).padStart(ADDRESS_DIGITS, '0');
      if (!world.call(CONTRACT, 'vote', [voter % 2], { from }).ok) throw new Error('a vote failed');
    }
    return (cpuNs() - before) / votes;
  });
}

function compileSources(rounds: number, sources: readonly string[]): ContractCosts {
  const bytes = sources.map(utf8ToBytes);
  return inRounds(sources.length, rounds, rounds, (i) => {
    const source = bytes[i] as Uint8Array;
    const times = Math.ceil(COMPILED_BYTES / source.length);
    const before = cpuNs();
    for (let n = 0; n < times; n++) compileContract(source);
    return (cpuNs() - before) / (times * source.length);
  });
}

function measure(job: ContractJob): ContractCosts {
  if (job.kind === 'operations') return priceOperations(job);
  return job.kind === 'votes' ? countVotes(job.rounds, job.votes) : compileSources(job.rounds, job.sources);
}

parentPort?.postMessage(measure(workerData));
