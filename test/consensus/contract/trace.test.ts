import { describe, expect, it } from 'vitest';
import { Execution, type Outcome } from '../../../consensus/contract/execution.ts';
import { MAX_CALL_GAS } from '../../../consensus/contract/limits.ts';
import {
  MAX_TRACE_PAGE_BYTES,
  MAX_TRACE_PAGE_STEPS,
  type Trace,
  type TracedLocal,
  type TracedSlot,
  type TraceStep,
} from '../../../consensus/contract/trace.ts';
import { Tracer } from '../../../consensus/contract/tracer.ts';
import { AddressValue } from '../../../consensus/contract/value.ts';
import {
  ALICE,
  BOB,
  CONTRACT,
  ContractWorld,
  encodeArguments,
  type PlainValue,
} from '../../../testing/contract-world.ts';
import { VOTING } from '../../../testing/contracts.ts';

interface Page {
  readonly from?: number;
  readonly first?: number;
  readonly gas?: number;
  readonly stepGas?: number;
  readonly maxSteps?: number;
}

/** Traces a call, which changes nothing. */
function traced(world: ContractWorld, method: string, args: readonly PlainValue[] = [], page: Page = {}) {
  const { from = 0, first = MAX_TRACE_PAGE_STEPS, gas = MAX_CALL_GAS, stepGas = gas + 1, maxSteps = 5_000 } = page;
  const tracer = new Tracer({ gas, from, first, maxSteps, shownAddress: (address) => address.slice(0, 2) });
  const encoded = encodeArguments(world.program(CONTRACT), method, args);
  const call = { contract: CONTRACT, method, args: encoded, caller: ALICE, value: 0n, gasLimit: gas };
  const execution = new Execution(world, call, tracer);
  let outcome: Outcome | undefined;
  while (outcome === undefined) outcome = execution.advance(stepGas);
  // The same without anybody who watches.
  expect(outcome).toEqual(world.execute(call));
  return { ...tracer.trace, outcome };
}

function deployed(source: string, args: readonly PlainValue[] = []): ContractWorld {
  const world = new ContractWorld();
  expect(world.deploy(CONTRACT, source, args)).toMatchObject({ ok: true });
  return world;
}

const localText = ({ name, valueJson }: TracedLocal) => `${name}=${valueJson}`;
const slotText = ({ field, keyJson, valueJson }: TracedSlot) =>
  `${field}${keyJson === null ? '' : `[${keyJson}]`}=${valueJson}`;
/** Line, depth, gas, changes, reads, writes. */
const row = ({ position, depth, gas, changes, reads, writes }: TraceStep) =>
  `${position.line} ${depth} ${gas} | ${changes.map(localText)} | ${reads.map(slotText)} | ${writes.map(slotText)}`;

/** All gas is of the beginning, of a step, or of the end. */
function expectGasToAddUp({ steps, gasBefore, gasAtReturn }: Trace): void {
  let gasUsed = gasBefore;
  const bySteps = steps.reduce((sum, { gas }) => sum + gas, 0);
  expect(gasAtReturn).toBe((gasBefore ?? 0) + bySteps);
  for (const step of steps) {
    expect(step.gasUsed).toBeGreaterThanOrEqual(gasUsed ?? 0);
    gasUsed = step.gasUsed;
  }
}

describe('the trace of a call', () => {
  it('shows each statement of a vote with gas, slots and variables', () => {
    const world = deployed(VOTING, ['Why?', ['tea', 'soup'], 200]);
    const trace = traced(world, 'vote', [1]);
    // 474: 2 chain.height, 60 a field, 400 the slot, 9 its bytes, and a node each for <=, the text and require. And so on.
    expect(trace.steps.map(row)).toEqual([
      '19 1 474 |  | closesAt=200 | ',
      '20 1 486 |  | options=["tea","soup"] | ',
      '21 1 486 |  | voted["aa"]=null | ',
      '22 1 85 |  |  | voted["aa"]=true',
      '23 1 551 |  | votes[1]=null | votes[1]=1',
      '24 1 1544 |  |  | ',
    ]);
    expect(trace.steps.map(({ locals }) => locals.map(localText))).toEqual(Array(6).fill(['option=1']));
    expect(trace).toMatchObject({ total: 6, isComplete: true });
    expectGasToAddUp(trace);
  });

  it('shows rounds of loops, what comes into scope and what leaves it', () => {
    const world = deployed(`export class Sums {
  seen: number[] = [];
  add(numbers: number[]): number {
    let sum = 0;
    for (const each of numbers) {
      const twice = each * 2;
      sum += twice;
    }
    for (let i = 0; i < 2; i++) { this.seen.push(i); }
    if (sum > 100) { sum = 100; }
    else if (sum > 5) sum = 5;
    return sum;
  }
}`);
    const trace = traced(world, 'add', [[1, 2]]);
    const withoutGas = trace.steps.map((step) => row(step).replace(/ 1 \d+ \|/, ''));
    expect(withoutGas).toEqual([
      '4 sum=0 |  | ',
      '5  |  | ',
      '5 each=1 |  | ',
      '6 twice=2 |  | ',
      '7 sum=2 |  | ',
      '5 each=2 |  | ',
      '6 twice=4 |  | ',
      '7 sum=6 |  | ',
      '5  |  | ',
      '9 i=0 |  | ',
      '9  |  | ',
      '9  | seen=null | seen=[0]',
      '9 i=1 |  | ',
      '9  |  | ',
      '9  | seen=[0] | seen=[0,1]',
      '9 i=2 |  | ',
      '9  |  | ',
      '10  |  | ',
      '11  |  | ',
      '11 sum=5 |  | ',
      '12  |  | ',
    ]);
    expect(trace.steps.at(-1)?.locals.map(localText)).toEqual(['numbers=[1,2]', 'sum=5']);
    expectGasToAddUp(trace);
  });

  it('follows calls within the contract and into others, and comes back', () => {
    const other = `export class Other { count = 0; bump(by: number): number { this.count += by; return this.count; } }`;
    const world = deployed(`interface Other { bump(by: number): number; }
function twice(x: number): number {
  return x * 2;
}
export class Caller {
  last = 0;
  run(other: Address): void {
    const a = twice(3);
    this.last = at<Other>(other).bump(a) + twice(1);
  }
}`);
    expect(world.deploy(BOB, other)).toMatchObject({ ok: true });
    const trace = traced(world, 'run', [new AddressValue(BOB)]);
    const rows = trace.steps.map(({ contract, method, position, depth, changes, writes }) =>
      [
        contract === BOB ? 'other' : 'caller',
        method,
        position.line,
        depth,
        ...changes.map(localText),
        ...writes.map(slotText),
      ].join(' '),
    );
    expect(rows).toEqual([
      'caller run 8 1 a=6',
      'caller twice 3 2',
      'caller run 9 1 last=8',
      'other bump 1 2 count=6',
      'other bump 1 2',
      'caller twice 3 2',
    ]);
    expectGasToAddUp(trace);
  });

  it('that fails ends with the step that failed', () => {
    const world = deployed(VOTING, ['Why?', ['tea', 'soup'], 200]);
    const trace = traced(world, 'vote', [7]);
    expect(trace.steps.at(-1)).toMatchObject({ position: { line: 20 }, changes: [] });
    expect(trace).toMatchObject({
      gasAtReturn: null,
      outcome: { ok: false, failure: { code: 'required', position: { line: 20 } } },
    });
    const source = `export class Deep { run(a: number): number {\n  const b = a - 1;\n  return a / b;\n } }`;
    expect(traced(deployed(source), 'run', [1]).steps.map(({ position }) => position.line)).toEqual([2, 3]);
    expect(traced(world, 'nothing', [])).toMatchObject({ total: 0, gasBefore: null });
  });
});

describe('a page of a trace', () => {
  const LOOP = `export class Loop { run(rounds: number): void {
  const text = 'x';
  for (let i = 0; i < rounds; i++) {}
} }`;
  const world = deployed(LOOP);

  it('holds the steps that are asked for, equal to those of the whole', () => {
    const whole = traced(world, 'run', [20]);
    expect(whole.total).toBe(43);
    for (const [from, first] of [
      [0, 1],
      [5, 10],
      [40, 10],
      [42, 1],
      [43, 5],
    ] as const) {
      const page = traced(world, 'run', [20], { from, first });
      expect(page.steps).toEqual(whole.steps.slice(from, from + first));
      expect(page.total).toBe(43);
    }
  });

  it('is the same however the execution is cut into slices', () => {
    expect(traced(world, 'run', [20], { stepGas: 1 })).toEqual(traced(world, 'run', [20]));
  });

  it('is bounded where a call has more steps than a trace holds', () => {
    const trace = traced(world, 'run', [1_000], { from: 98, maxSteps: 100 });
    expect(trace).toMatchObject({ total: 100, isComplete: false, outcome: { ok: true } });
    expect(trace.steps.map(({ index }) => index)).toEqual([98, 99]);
  });

  it('ends early where values are long, and leaves out those that are too long', () => {
    const long = deployed(`export class Long { run(): void {
  let text = '${'x'.repeat(2_000)}';
  const longer = text + text;
  for (let i = 0; i < 2_000; i++) {}
} }`);
    const trace = traced(long, 'run');
    expect(trace.steps.length).toBeLessThan(trace.total);
    expect(trace.steps[2]?.locals).toMatchObject([
      { name: 'text', isTooLong: false },
      { name: 'longer', valueJson: null, isTooLong: true },
    ]);
    const sizeBytes = JSON.stringify(trace.steps).length;
    expect(sizeBytes).toBeLessThan(2 * MAX_TRACE_PAGE_BYTES);
    const next = traced(long, 'run', [], { from: trace.steps.length, first: 1 });
    expect(next.steps).toMatchObject([{ index: trace.steps.length }]);
  });
});
