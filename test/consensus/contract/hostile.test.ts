import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { compileContract } from '../../../consensus/contract/compile.ts';
import type { Execution } from '../../../consensus/contract/execution.ts';
import { MAX_CALL_GAS, MAX_SOURCE_BYTES } from '../../../consensus/contract/limits.ts';
import { GAS_VERIFY } from '../../../consensus/contract/prices.ts';
import type { SourceError } from '../../../consensus/contract/source-error.ts';
import { utf8ToBytes } from '../../../consensus/hex.ts';
import { ALICE, CONTRACT, ContractWorld } from '../../../testing/contract-world.ts';
import { loadCounted } from '../../../testing/counted-modules.ts';
import { HOSTILE_CALLS, HOSTILE_SOURCES, hostileContract } from '../../../testing/hostile-contracts.ts';

/** The language and the machine, counting. */
const { modules, countSteps } = loadCounted<{
  readonly compileContract: typeof compileContract;
  readonly Execution: typeof Execution;
  readonly SourceError: typeof SourceError;
}>(
  fileURLToPath(new URL('../../../consensus/contract', import.meta.url)),
  ["export * from './compile.ts';", "export * from './execution.ts';", "export * from './source-error.ts';"].join('\n'),
);

function compileOrRefuse(source: string): void {
  try {
    modules.compileContract(utf8ToBytes(source));
  } catch (error) {
    // Anything else, a full stack above all, would be a fault of the node.
    if (!(error instanceof modules.SourceError)) throw error;
  }
}

/** Steps for each byte of a source; ordinary contracts take about half of it. */
const MAX_STEPS_PER_BYTE = 60;

describe('a hostile source', () => {
  it.each(Object.keys(HOSTILE_SOURCES))('of %s takes steps in proportion to its length', (name) => {
    const source = HOSTILE_SOURCES[name]!;
    const [quarter, whole] = [MAX_SOURCE_BYTES / 4, MAX_SOURCE_BYTES].map((length) =>
      countSteps(() => compileOrRefuse(source(length))),
    ) as [number, number];
    expect(whole).toBeGreaterThan(0);
    expect(whole).toBeLessThan(MAX_STEPS_PER_BYTE * MAX_SOURCE_BYTES);
    expect(whole).toBeLessThan(4.2 * quarter + 1_000);
  });
});

/** Gas of a step of the node, here. */
const STEP_GAS = 10_000;
/** What one instruction can use at most: `verify`, or what its sizes cost. */
const MAX_INSTRUCTION_GAS = GAS_VERIFY + 300_000;
/** Steps for one gas: what is free must be little beside what is paid for. */
const MAX_STEPS_PER_GAS = 12;

describe('a hostile call', () => {
  it.each(Object.keys(HOSTILE_CALLS))('of %s ends when its gas does, in steps that are paid for', (name) => {
    const world = new ContractWorld();
    const program = modules.compileContract(utf8ToBytes(hostileContract(name)));
    expect(world.deployProgram(CONTRACT, program, []).ok).toBe(true);
    const transaction = {
      contract: CONTRACT,
      method: 'run',
      args: new Uint8Array(),
      caller: ALICE,
      value: 0n,
    };
    const execution = new modules.Execution(world, { ...transaction, gasLimit: MAX_CALL_GAS });
    let gasUsed = 0;
    const steps = countSteps(() => {
      for (;;) {
        const outcome = execution.advance(STEP_GAS);
        if (outcome === undefined) expect(execution.gasUsed - gasUsed).toBeLessThan(STEP_GAS + MAX_INSTRUCTION_GAS);
        gasUsed = execution.gasUsed;
        if (outcome !== undefined) break;
      }
    });
    expect(execution.outcome).toMatchObject({ ok: false, gasUsed: MAX_CALL_GAS });
    expect(steps).toBeLessThan(MAX_STEPS_PER_GAS * MAX_CALL_GAS);
  });

  it('that changes many slots ends in steps too', () => {
    const world = new ContractWorld();
    const source = [
      "import { List } from 'forklore/contract';",
      'export class Many { list = new List<number>(); run(): void { for (let i = 0; i < 150; i += 1) this.list.push(i); } }',
    ].join('\n');
    const program = modules.compileContract(utf8ToBytes(source));
    expect(world.deployProgram(CONTRACT, program, []).ok).toBe(true);
    const invocation = { contract: CONTRACT, method: 'run', args: new Uint8Array(), caller: ALICE, value: 0n };
    const execution = new modules.Execution(world, { ...invocation, gasLimit: MAX_CALL_GAS });
    const gasOfSteps: number[] = [];
    for (let gasUsed = 0; execution.advance(STEP_GAS) === undefined; gasUsed = execution.gasUsed)
      gasOfSteps.push(execution.gasUsed - gasUsed);
    expect(execution.outcome?.ok).toBe(true);
    // Each slot costs 8,000 gas and more in the end.
    expect(execution.gasUsed).toBeGreaterThan(150 * 8_000);
    expect(Math.max(...gasOfSteps)).toBeLessThan(2 * STEP_GAS);
  });
});
