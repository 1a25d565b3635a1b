import { describe, expect, it } from 'vitest';
import { parseGrid, runsOf, type Sweep, taskCount } from '../../simulator/sweep/grid.ts';
import type { RunResult } from '../../simulator/sweep/result.ts';
import { studentT } from '../../simulator/sweep/student-t.ts';
import { rowOf, tableCsv } from '../../simulator/sweep/table.ts';

const gridOf = (file: object): Sweep => parseGrid(JSON.stringify(file));
const DELAYS = [
  [1, 2],
  [3, 4],
];
const TWOS = Array.from({ length: 101 }, () => 2);

describe('the grid of a sweep', () => {
  it('is cut into tasks by index: each run once, seeds first, then the last parameter', () => {
    const sweep = gridOf({ grid: { delayMs: DELAYS, nodes: [3, 4] }, seeds: [5, 7], runsPerTask: 5 });
    expect(taskCount(sweep)).toBe(3);
    const runs = [0, 1, 2, 3].map((task) => runsOf(sweep, task));
    expect(runs.map(({ length }) => length)).toEqual([5, 5, 2, 0]);
    expect(runs.flat().map(({ plan: { delayMs, nodes, seed } }) => [delayMs[0], nodes, seed])).toEqual(
      [1, 3].flatMap((delay) => [3, 4].flatMap((nodes) => [5, 6, 7].map((seed) => [delay, nodes, seed]))),
    );
  });

  it('has in all runs what base says, and the values as the file has them', () => {
    const sweep = gridOf({
      name: 'n',
      base: { minutes: 2 },
      grid: { faults: [{ crash: 0.5 }, 'none'] },
      seeds: [1, 1],
    });
    expect(sweep.cells.map(({ parameters }) => parameters)).toEqual([{ faults: { crash: 0.5 } }, { faults: 'none' }]);
    expect(sweep.cells.map(({ plan }) => [plan.name, plan.minutes, plan.faults])).toEqual([
      ['n', 2, new Map([['crash', 0.5]])],
      ['n', 2, new Map()],
    ]);
  });

  it('needs nothing but seeds', () => {
    expect(taskCount(gridOf({ seeds: [1, 4] }))).toBe(4);
  });

  it.each([
    [{}, 'seeds: is missing'],
    [{ seeds: 3 }, 'seeds: must be the first and the last seed, like [1, 20], not 3'],
    [{ seeds: [1] }, 'seeds[1]: is missing'],
    [{ seeds: [2, 1] }, 'seeds: must go upwards'],
    [{ seeds: [1, 1.5] }, 'seeds[1]: must be a whole number from 0 to 9007199254740991, not 1.5'],
    [{ seeds: [1, 1], base: { nods: 1 } }, 'base: unknown field "nods"; there are nodes, outbound'],
    [{ seeds: [1, 1], base: { seed: 1 } }, 'base: unknown field "seed"'],
    [{ seeds: [1, 1], grid: { nodes: 3 } }, 'grid.nodes: must be a list of values, not 3'],
    [{ seeds: [1, 1], grid: { nodes: [] } }, 'grid.nodes: has no value'],
    [{ seeds: [1, 1], grid: { nodes: [3, 0] } }, 'grid.nodes[1]: must be a whole number from 1 to 5000, not 0'],
    [{ seeds: [1, 1], grid: { delayMs: [[5, 1]] } }, 'grid.delayMs[0]: must be two numbers from 0 to 60000'],
    [{ seeds: [1, 1], base: { nodes: 3 }, grid: { nodes: [3] } }, 'grid: has a field that base has as well'],
    [{ seeds: [1, 1], runsPerTask: 0 }, 'runsPerTask: must be a whole number from 1 to 10000, not 0'],
    [{ seeds: [1, 2_000_000] }, 'has 2000000 tasks, and at most 1000000 are possible: raise runsPerTask'],
    [{ seeds: [1, 1], grid: { nodes: TWOS, minutes: TWOS } }, 'grid: has more than 10000 combinations of values'],
    [
      { seeds: [1, 1], grid: { nodes: [2, 1] }, base: { connections: [[1, 0]] } },
      'with {"nodes":1}: connections[0]: names node 1, and there are 0 to 0',
    ],
  ])('refuses %j', (file, message) => {
    expect(() => gridOf(file)).toThrow(message);
  });
});

describe('the table of a sweep', () => {
  it.each([
    [1, 12.7062],
    [2, 4.30265],
    [3, 3.18245],
    [7, 2.36462],
    [10, 2.22814],
    [29, 2.04523],
    [100, 1.98397],
    [10_000, 1.9602],
  ])('takes the quantile of Student’s t with %d degrees of freedom from its definition', (degrees, quantile) => {
    expect(studentT(degrees, 0.95)).toBeCloseTo(quantile, 4);
  });

  const runWith = (blocks: number, failure: RunResult['failure'] = null): RunResult => ({
    seed: 1,
    failure,
    virtualMinutes: 60,
    blocks,
    staleBlocks: blocks,
    propagationMs: null,
    intervalsMs: { median: 2_000, p90: 3_000 },
    miners: { 0: blocks / 2, 3: blocks / 2 },
    intruders: { 3: 'selfish-miner' },
    reorgs: { 1: 3, 2: 1 },
    transactions: { submitted: 0, confirmed: 0 },
    traffic: { bytes: 1_000_000 },
  });

  it('has means with their intervals, and leaves runs out whose checks did not hold', () => {
    const row = rowOf({ nodes: 3 }, [runWith(10), runWith(14), runWith(1, { message: 'broken' })]);
    expect(row).toMatchObject({ runs: 3, failed: 1 });
    expect(row.metrics).toMatchObject({
      // A sample of two: t is 12.7062, and the standard error 2.
      blocks: { mean: 12, ci95: 25.4124 },
      stale_share: { mean: 0.5, ci95: 0 },
      intruder_share: { mean: 0.5, ci95: 0 },
      reorgs_per_hour: { mean: 4 },
      deepest_reorg: { mean: 2 },
      interval_median_s: { mean: 2 },
      propagation_median_ms: { mean: null, ci95: null },
      confirmed_share: { mean: null, ci95: null },
    });
    expect(rowOf({}, [runWith(10)]).metrics.blocks).toEqual({ mean: 10, ci95: null });
  });

  it('is written as comma-separated values', () => {
    const [names = '', line = ''] = tableCsv(
      ['delayMs', 'name'],
      [rowOf({ delayMs: [1, 2], name: 'a "b"' }, [runWith(10)])],
    ).split('\n');
    expect(names).toMatch(/^delayMs,name,runs,failed,blocks,blocks_ci95,stale_share,/);
    expect(line).toMatch(/^"\[1,2\]","a ""b""",1,0,10,,0.5,,/);
    expect(line.replace(/^"\[1,2\]"/, '0').split(',')).toHaveLength(names.split(',').length);
  });
});
