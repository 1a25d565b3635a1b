import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { requestOf } from '../../cli/simulation/request.ts';
import { replayOf } from '../../cli/simulation/simulate-many.ts';
import { nativeCrypto } from '../../simulator/command/native-crypto.ts';
import { failureReport, reportOf, summaryOf } from '../../simulator/command/report.ts';
import { type Outcome, simulate } from '../../simulator/run.ts';
import { forklore } from './stub-node.ts';

const folder = mkdtempSync(join(tmpdir(), 'forklore-simulate-'));
const file = join(folder, 'scenario.json');

afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => forklore(['simulate', ...args]);

describe('forklore simulate', () => {
  it('tells of one network, and exits with 0 when every check held', async () => {
    const { code, stdout } = await run('--seed', '3', '--minutes', '1');
    expect(stdout).toMatch(/^ {2}blocks +\d+ on the best chain, and \d+ stale \(\d/m);
    expect(stdout).toMatch(/^ {2}propagation +median .* 99 %/m);
    expect(stdout).toContain('✓ every check held');
    expect(code).toBe(0);
  });

  it('prints one JSON value with --json, the same for the same seed', async () => {
    const args = ['--faults', 'none', '--nodes', '4', '--minutes', '2', '--seed', '5', '--json'];
    const [first, second] = await Promise.all([run(...args), run(...args)]);
    const json = JSON.parse(first.stdout);
    expect(json).toMatchObject({ seed: 5, nodes: 4, faults: {}, failure: null });
    expect(json.blocks).toBeGreaterThan(0);
    expect(second.stdout).toBe(first.stdout);
  });

  it('warns where a share of no transactions is to be of contracts', async () => {
    const args = ['--faults', 'none', '--nodes', '2', '--minutes', '1', '--contracts', '0.5'];
    expect((await run(...args)).stderr).toMatch(/^warning: .*--transactions NUMBER/);
    expect((await run(...args, '--transactions', '6')).stderr).toBe('');
  });

  it('runs a range of seeds in threads, and sums up', async () => {
    const { code, stdout } = await run('--seeds', '1..3', '--minutes', '1', '--jobs', '1');
    expect(stdout).toContain('3 seeds, each run twice');
    expect(code).toBe(0);
  });

  it('shows the name of a scenario, and what is wrong with one, without what it does to a terminal', async () => {
    const name = 'calm\u001b[2J\u202e\u009b31m';
    writeFileSync(file, JSON.stringify({ name, nodes: 2, minutes: 1 }));
    const { stdout } = await run('--scenario', file);
    expect(stdout).toMatch(/^calm\ufffd\[2J\ufffd\ufffd31m: 2 nodes/);
    writeFileSync(file, JSON.stringify({ [name]: 1 }));
    const { stderr, code } = await run('--scenario', file, '--\u001b[31m');
    expect(code).toBe(2);
    for (const text of [stdout, stderr, (await run('--scenario', file)).stderr]) {
      expect(text).not.toBe('');
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  it('runs a scenario, and prints what the nodes log', async () => {
    const args = ['--scenario', 'simulator/scenarios/partition.json', '--minutes', '16', '--log'];
    const { stdout, stderr } = await run(...args);
    expect(stdout).toContain('two halves for ten minutes: 12 nodes');
    expect(stderr).toMatch(/^ +\d+\.\d{3} node \d+ info new tip height=1 block=[0-9a-f]{64}/m);
    expect(stderr).toMatch(/^ +300\.000 network info partition groups=\[\[0,1,2,3,4,5\],\[6,7,8,9,10,11\]\]$/m);
    expect(stderr).toMatch(/^ +900\.000 network info heal$/m);
  });

  it('writes the blocks of one network to a file', async () => {
    const blocksFile = join(folder, 'blocks.csv');
    const { stdout } = await run(
      '--faults',
      'none',
      '--nodes',
      '4',
      '--minutes',
      '5',
      '--blocks',
      blocksFile,
      '--json',
    );
    const { blocks, staleBlocks } = JSON.parse(stdout);
    const [columns = '', ...rows] = readFileSync(blocksFile, 'utf8').trimEnd().split('\n');
    const status = columns.split(',').indexOf('status');
    const count = (name: string) => rows.filter((row) => row.split(',')[status] === name).length;
    expect(blocks).toBeGreaterThan(0);
    expect([count('best'), count('stale')]).toEqual([blocks, staleBlocks]);
  });

  it('reads a scenario over a byte order mark, and names another encoding', async () => {
    const scenario = '{ "nodes": 2, "minutes": 1 }';
    writeFileSync(file, `\ufeff${scenario}`);
    expect(await run('--scenario', file, '--json')).toMatchObject({ code: 0, stderr: '' });
    writeFileSync(file, `\ufeff${scenario}`, 'utf16le');
    const { code, stderr } = await run('--scenario', file);
    expect(code).toBe(2);
    expect(stderr).toContain(`--scenario: ${file} is UTF-16 text; save it as UTF-8`);
  });

  it.each([
    [['--nodes', 'x'], '--nodes must be a whole number from 1 to 5000, not "x"'],
    [['--seeds', '5..1'], '--seeds must go upwards'],
    [['--seed', '1', '--seeds', '1..5'], "'--seed <number>' cannot be used with option '--seeds <a..b>'"],
    [['--faults', 'chaos'], '--faults: there is no fault "chaos"'],
    [['--seeds', '5'], '--seeds must be two seeds like 1..100, not "5"'],
    [
      ['--delay', '5..1'],
      '--delay must be two numbers from 0 to 60000, the smaller one first, like 10..100, not "5..1"',
    ],
    [['--minutes', '1e9'], '--minutes must be a number from 0.1 to 10080, not "1e9"'],
    [['--scenario', 'simulator/scenarios/partition.json', '--nodes', '5'], 'names node 5, and there are 0 to 4'],
    [['--scenario', 'nowhere.json'], '--scenario: cannot read nowhere.json (no such file or folder)'],
    [['--once'], '--once goes with --seeds'],
    [['--blocks', 'no/such/folder/b.csv'], '--blocks: cannot write no/such/folder/b.csv (no such file or folder)'],
    [['seven'], 'a scenario file is named by --scenario'],
    [['--seed', '1', '--jobs', '2'], '--jobs goes with --seeds'],
  ])('says what is wrong with %j, and exits with 2', async (args, message) => {
    const { code, stderr, stdout } = await run(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('the report of a failure', () => {
  const flags = { nodes: '3', minutes: '1', contracts: '0.5', faults: 'crash=0.25' };
  const request = requestOf({ seeds: '1..9', ...flags });
  const outcome: Outcome = {
    ...simulate(request.planOf(7), nativeCrypto()),
    failure: { check: 'replay', message: 'has another state', node: 2, atSeconds: 1.5, stack: null },
  };

  it('has seed, version, and the command that shows it again', () => {
    const command = replayOf(request, outcome);
    const text = failureReport(outcome, { version: '0.1.0', command });
    expect(text).toContain('seed 7 failed: [replay] after 1.500 s: node 2 has another state');
    expect(text).toContain('version  0.1.0');
    expect(text).toContain('npm run simulate -- --seed 7 --nodes 3 --minutes 1 --contracts 0.5 --faults crash=0.25');
    expect(requestOf({ seed: '7', ...flags }).planOf(7)).toEqual(outcome.plan);
  });

  it('is in the reports of one run and of many', () => {
    expect(reportOf(outcome, 1)).toContain('✗ [replay]');
    expect(summaryOf([outcome], 1, 1, 2)).toContain('✗ 1 of 1 seeds failed');
  });
});
