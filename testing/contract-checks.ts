import { parentPort } from 'node:worker_threads';
import { compileContract } from '../consensus/contract/compile.ts';
import type { Outcome } from '../consensus/contract/execution.ts';
import type { Program } from '../consensus/contract/program.ts';
import { slotKey } from '../consensus/contract/slot-path.ts';
import { SourceError } from '../consensus/contract/source-error.ts';
import { bytesToHex, utf8ToBytes } from '../consensus/hex.ts';
import { compareWithNative } from '../test/fuzz/contracts/compare.ts';
import calls from '../test/vectors/contracts/calls.json' with { type: 'json' };
import { FAILING_CALLS, OTHER_CONTRACT, SOURCE_MISTAKES, sourceOfFailure } from './contract-mistakes.ts';
import { runStory, STORIES } from './contract-stories.ts';
import { ALICE, CONTRACT, ContractWorld, resultOf } from './contract-world.ts';
import { sourceOfWorking, WORKING } from './first-day.ts';

const PROGRAMS = 250;

/** The first check of contracts that fails, in words; null: none. What the tests of `rooms` check, as one program. */
function firstFailure(): string | null {
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      check();
    } catch (error) {
      return `${name}: ${(error as Error).message.slice(0, 200)}`;
    }
  }
  return null;
}

function expectEqual(found: unknown, wanted: unknown, what: string): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${what}: ${found}, not ${wanted}`);
}

const CHECKS: Readonly<Record<string, () => void>> = {
  vectors: () => {
    for (const [s, story] of STORIES.entries()) {
      for (const [i, { call, outcome }] of runStory(story).entries()) {
        const wanted = calls[s]?.calls[i]?.outcome as {
          gasUsed: number;
          result?: string;
          writes?: { key: string; value: string | null }[];
        };
        expectEqual(outcome.gasUsed, wanted.gasUsed, `gas of ${call.method}`);
        expectEqual(
          keysOf(outcome),
          wanted.writes?.map(({ key, value }) => [key, value]) ?? [],
          `writes of ${call.method}`,
        );
      }
    }
  },
  'reasons to fail': () => {
    for (const [code, { method = 'run', value = 0n, gas, args, ...parts }] of Object.entries(FAILING_CALLS)) {
      if (args !== undefined || code === 'too-many-contracts') continue;
      const world = new ContractWorld();
      world.balances.set(ALICE, 10n);
      world.deploy('07'.repeat(20), OTHER_CONTRACT);
      world.deploy(CONTRACT, sourceOfFailure(parts));
      const outcome = world.call(CONTRACT, method, [], { value, ...(gas === undefined ? {} : { gas }) });
      expectEqual(outcome.ok ? 'ok' : outcome.failure.code, code, code);
    }
  },
  'private methods': () => {
    const world = new ContractWorld();
    world.deploy(CONTRACT, 'export class C { private own(): void {} }');
    expectEqual(world.call(CONTRACT, 'own').ok, false, 'a private method');
  },
  'copies in events': () => {
    const world = new ContractWorld();
    world.deploy(CONTRACT, "export class C { run(): void { const a = [1]; chain.emit('E', a); a.push(2); } }");
    const outcome = world.call(CONTRACT, 'run');
    expectEqual(outcome.ok && outcome.events[0]?.values, [[1]], 'an event');
  },
  mistakes: () => {
    for (const [code, source] of Object.entries(SOURCE_MISTAKES)) expectEqual(codeOf(source), code, code);
  },
  'snippets of a first day': () => {
    for (const snippet of WORKING) {
      const world = new ContractWorld();
      world.balances.set(ALICE, 100n);
      world.deploy(CONTRACT, sourceOfWorking(snippet));
      const outcome = world.call(CONTRACT, 'run', [], { value: snippet.value ?? 0n });
      const result = resultOf(outcome, world.program(CONTRACT) as Program, 'run');
      expectEqual(String(result), String(snippet.gives), snippet.name);
    }
  },
  'random programs against JavaScript': () => void compareWithNative(1, PROGRAMS),
};

function keysOf(outcome: Outcome): unknown {
  if (!outcome.ok) return [];
  return [...outcome.writes].flatMap(([contract, slots]) =>
    [...slots].map(([path, value]) => [
      bytesToHex(slotKey(contract, path)),
      value === undefined ? null : bytesToHex(value),
    ]),
  );
}

function codeOf(source: string | Uint8Array): string {
  try {
    compileContract(typeof source === 'string' ? utf8ToBytes(source) : source);
  } catch (error) {
    return error instanceof SourceError ? error.code : String(error);
  }
  return 'it compiles';
}

// Bundled with each planted bug in it, and run in a thread.
parentPort?.postMessage(firstFailure());
