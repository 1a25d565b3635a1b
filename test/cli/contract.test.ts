import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { type CliResult, forklore } from './stub-node.ts';

const VOTE = fileURLToPath(new URL('../../examples/contracts/vote/vote.ts', import.meta.url));
const LUNCH = ['"lunch?"', '["noodles", "rice"]', '1000'];
/** Gas of `vote(9)` that fails. */
const ENOUGH_GAS = '90000';

let live: LiveNode;
let client: NodeClient;
let folder: string;
let vote: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forklore-contract-'));
  live = await startLiveNode();
  client = connectNode({ url: live.url });
  const { contract } = JSON.parse((await run('deploy', VOTE, ...LUNCH, '--from', 'Alice', '--json')).stdout);
  vote = contract;
  await client.mine();
});
afterAll(async () => {
  await live.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: readonly string[]): Promise<CliResult> {
  return forklore(['contract', ...args, '--node', live.url]);
}

/** Runs what waits for its block, and mines that once it is submitted. */
async function runMined(...args: readonly string[]): Promise<CliResult> {
  const pending = live.api.until(
    'subscription { mempoolChanged { size } }',
    () => live.api.query('{ mempool { size } }'),
    ({ mempool }) => mempool.size > 0,
    10_000,
  );
  const running = run(...args, '--wait');
  await pending;
  await client.mine();
  return await running;
}

function sourceFile(source: string): string {
  const path = join(folder, 'contract.ts');
  writeFileSync(path, source);
  return path;
}

describe('forklore contract check', () => {
  const checked = (source: string, ...flags: readonly string[]) => {
    return forklore(['contract', 'check', sourceFile(source), ...flags]);
  };

  it('tells all errors with their lines, and what the machine is stricter in', async () => {
    const { code, stdout, stderr } = await checked(
      'export class A {\n  n = 0;\n  run(): void {\n    this.n = 5n;\n    if (this.n) return;\n  }\n}\n',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/contract\.ts has 2 errors\n$/);
    expect(stdout).toContain(
      "contract.ts:4:5 error: Type 'bigint' is not assignable to type 'number'.\n4 |     this.n = 5n;\n        ^\n",
    );
    expect(stdout).toContain('nothing but true and false counts as a condition here');
  });

  it('tells size, least gas and methods of one that is fine, and warns of traps', async () => {
    const { code, stdout } = await checked(
      'export class A {\n  private secret = 5;\n  take(): bigint {\n    return chain.value;\n  }\n}\n',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('contract.ts:2:11 warning: private hides nothing: everybody can read the field secret');
    expect(stdout).toContain('warning: coins that come with take stay in the contract for ever');
    expect(stdout).toMatch(/size {5}88 bytes\n/);
    expect(stdout).toMatch(/at least \d+ gas/);
    expect(stdout).toContain('take(): bigint  (takes coins)');
  });

  it('tells the same as data', async () => {
    const { code, stdout } = await checked('export class A {\n  run(): void {\n    b();\n  }\n}\n', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      methods: null,
      findings: [{ severity: 'error', line: 3, column: 5, message: "Cannot find name 'b'.", hint: expect.any(String) }],
    });
  });

  it('needs no more gas for a deploy than it says, but for the constructor', async () => {
    const source = 'export class A {\n  n = 0;\n}\n';
    const { leastGas } = JSON.parse((await checked(source, '--json')).stdout);
    const { stdout } = await run('deploy', sourceFile(source), '--from', 'Alice', '--json');
    await client.mine();
    const { gasUsed } = JSON.parse(stdout).dryRun;
    expect(gasUsed).toBeGreaterThanOrEqual(leastGas);
    expect(gasUsed).toBeLessThan(leastGas + 1_000);
  });
});

describe('forklore contract deploy', () => {
  it('sends nothing that calls would fail with, unless it is told to', async () => {
    const file = sourceFile('export class A {\n  n = 0;\n  run(): void {\n    this.n = 5n;\n  }\n}\n');
    const { code, stderr } = await run('deploy', file, '--from', 'Alice');
    expect(code).toBe(1);
    expect(stderr).toMatch(/'bigint' is not assignable[\s\S]*has 1 error; nothing was sent: correct it, or/);
    expect((await client.mempool()).size).toBe(0);
    expect(await run('deploy', file, '--from', 'Alice', '--unchecked')).toMatchObject({ code: 0 });
    await client.mine();
  });

  it('tells what it tried and signed, and the address and the id', async () => {
    const { code, stdout, stderr } = await run('deploy', VOTE, ...LUNCH, '--from', 'Bob');
    const [, contract, id] = /^contract {2}(rlore1\w+)\nid {8}([0-9a-f]{64})\n$/.exec(stdout) ?? [];
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^deploying Vote: gas (\d+) \(a fifth more than the dry run used, \d+\), fee 0\.\d+, on regtest \(genesis \w{8}…\w{8}\)\nwaits for a block\n$/,
    );
    await client.mine();
    expect(await client.transaction(id ?? '')).toMatchObject({ contract, receipt: { ok: true } });
    expect(await client.contractInfo(contract ?? '')).toMatchObject({ name: 'Vote' });
  });

  it('refuses a source that does not compile, and marks the place', async () => {
    const file = sourceFile('export class A {\n\tname = "국수" + ;\n}\n');
    expect(await run('deploy', file, '--from', 'Alice')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        '2 |  name = "국수" + ;\n             　　  ^\n' +
        `error: ${file} does not compile: line 2, column 14: ; is expected here, not +; nothing was sent\n`,
    });
  });

  it('sends nothing where the constructor fails', async () => {
    const file = sourceFile('export class A {\n  constructor() {\n    require(false, "never");\n  }\n}\n');
    const { code, stderr } = await run('deploy', file, '--from', 'Alice');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^3 \| {5}require\(false, "never"\);\n {8}\^\nerror: the dry run fails: never \(line 3, column 5 of \S+contract\.ts\); nothing was sent\n$/,
    );
    expect((await client.mempool()).size).toBe(0);
  });

  it('marks the place where others of the sender wait, too', async () => {
    await forklore(['send', 'Alice', 'Bob', '1', '--node', live.url]);
    const file = sourceFile('export class A {\n  constructor() {\n    require(false, "never");\n  }\n}\n');
    const { stdout, stderr } = await run('deploy', file, '--from', 'Alice', '--json');
    await client.mine();
    expect(stderr).toMatch(/^3 \| {5}require\(false, "never"\);\n {8}\^\nerror: /);
    expect(JSON.parse(stdout)).toMatchObject({ dryRun: { ok: false, error: { message: 'never' } } });
  });

  it('takes a bigint as a source writes it', async () => {
    const file = sourceFile('export class A {\n  constructor(n: bigint) {\n    require(n === 5n, "5");\n  }\n}\n');
    expect(await run('deploy', file, '5n', '--from', 'Alice')).toMatchObject({ code: 0 });
    await client.mine();
  });

  it('pays coins to a constructor that takes them, and tells what the contract pays', async () => {
    const back = '  back() {\n    chain.pay(chain.caller, 50000000n);\n  }\n';
    const taking = '  constructor() {\n    require(chain.value > 0n, "coins");\n  }\n';
    const file = sourceFile(`export class A {\n${taking}${back}}\n`);
    const { stdout } = await run('deploy', file, '--from', 'Alice', '--amount', '1.5', '--json');
    await client.mine();
    const { contract, amount, dryRun } = JSON.parse(stdout);
    expect({ amount, dryRun }).toMatchObject({ amount: '1.5', dryRun: { ok: true } });
    expect((await run('show', contract)).stdout).toContain('balance  1.5 coins\n');
    const viewed = await run('view', contract, 'back', '--from', 'Bob');
    expect(viewed.stderr).toMatch(/^it would pay 0\.5 to rlore1\w+ \(Bob\)\n/);
    const { id } = JSON.parse((await run('call', contract, 'back', '--from', 'Bob', '--json')).stdout);
    await client.mine();
    const tx = await forklore(['tx', id, '--node', live.url]);
    expect(tx.stdout).toMatch(/\noutcome +ok\npaid +0\.5 to rlore1\w+ \(Bob\)\n/);
    const account = await forklore(['account', contract, '--node', live.url]);
    expect(account.stdout).toMatch(/ -0\.5 +call of back from rlore1\w+ \(Bob\)\n/);
  });
});

describe('forklore contract call', () => {
  it('waits for its block, and tells what it emitted', async () => {
    const { code, stdout, stderr } = await runMined('call', vote, 'vote', '1', '--from', 'Carol');
    expect(code).toBe(0);
    expect(stderr).toContain('\nwaits for a block; this node mines none by itself, but does with: npx forklore mine\n');
    const [id, confirmed, emitted] = stdout.split('\n');
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(confirmed).toMatch(/^confirmed in block [0-9a-f]{64} at height \d+, gas used \d+$/);
    expect(emitted).toMatch(/^emitted Voted\("rlore1\w+", "rice"\)$/);
    const shown = await forklore(['tx', id ?? '', '--node', live.url]);
    expect(shown.stdout).toMatch(/\ncontract +rlore1\w+\nruns +vote\(1\)\noutcome +ok\nevent +Voted\(/);
  });

  it('refuses what fails in a dry run, unless it is forced', async () => {
    const refused = await run('call', vote, 'vote', '-1', '--from', 'Alice');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^21 \|.*'no such option'\);\n {9}\^\nerror: the dry run fails: no such option \(line 21, column 5 of rlore1\w+\); nothing was sent\n$/,
    );
    expect(await run('call', vote, 'vote', '9', '--from', 'Alice', '--force')).toMatchObject({
      code: 2,
      stderr: 'error: --force needs --gas: what fails uses all that it may\n',
    });
    const args = ['call', vote, 'vote', '9', '--from', 'Alice', '--force', '--gas', ENOUGH_GAS, '--json'];
    const forced = await runMined(...args);
    expect(forced.code).toBe(1);
    expect(forced.stderr).toMatch(
      /\nwarning: the dry run fails: no such option.*\nwaits for a block; .*\nerror: it failed in block .*: no such/,
    );
    const { id, receipt } = JSON.parse(forced.stdout);
    expect(receipt).toMatchObject({ ok: false, gasUsed: Number(ENOUGH_GAS), error: { code: 'required', line: 21 } });
    const tx = await forklore(['tx', id, '--node', live.url]);
    expect(tx.stdout).toContain(`outcome        failed: no such option (line 21, column 5 of ${vote})\n`);
    const account = await forklore(['account', 'Alice', '--node', live.url]);
    expect(account.stdout).toMatch(/ confirmed +0 +call of vote \(failed: no such option\) to rlore1/);
  });

  it.each([
    [
      'a text without quotes',
      ['vote', 'noodles'],
      `ARG 1 must be JSON, not noodles: a text has double quotes, and the shell leaves them where there are others around: '"noodles"'`,
    ],
    [
      'a list whose quotes the shell took',
      ['vote', '[noodles, it is]'],
      `ARG 1 must be JSON, not [noodles, it is]: texts in a list have double quotes, and the shell leaves them where the whole has others: '["noodles","it is"]'`,
    ],
    [
      'half an object',
      ['vote', '{"a": '],
      `ARG 1 must be JSON, not {"a": : write the whole in single quotes, so that the shell leaves the double ones inside: '["noodles", "rice"]'`,
    ],
    [
      'an argument of another type',
      ['vote', '"noodles"'],
      'argument 1 of vote (option: number) must be a whole number of at most 2^53 - 1, not the text "noodles"',
    ],
    ['too many arguments', ['vote', '1', '2'], 'vote takes 1 argument (option: number), not 2'],
    [
      'a bigint for a number',
      ['vote', '1n'],
      'argument 1 of vote (option: number) must be a whole number of at most 2^53 - 1, not a bigint',
    ],
    ['the constructor', ['constructor', '1'], 'Vote: only a deploy runs the constructor'],
    ['no such method', ['voe', '0'], 'Vote: the method "voe" is not there; there are vote, result'],
  ])('refuses %s', async (_, args, message) => {
    expect(await run('call', vote, ...args, '--from', 'Alice')).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${message}\n`,
    });
  });

  it('refuses what is no contract', async () => {
    const { address } = await client.account('Alice');
    const called = await run('call', address, 'vote', '0', '--from', 'Alice');
    const stderr = 'error: there is no contract at this address: it is that of an account\n';
    expect(await run('show', address)).toEqual({ code: 1, stdout: '', stderr });
    expect(called).toEqual({ code: 1, stdout: '', stderr });
    for (const args of [
      ['call', 'Alice', 'vote', '0', '--from', 'Bob'],
      ['view', 'Alice', 'result'],
      ['show', 'Alice'],
    ]) {
      const message = 'ADDRESS must be the address of a contract, as its deploy told it, not "Alice"';
      expect(await run(...args)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
    }
  });

  it('tells what it would reserve where the gas that is named does not suffice', async () => {
    const viewed = await run('view', vote, 'vote', '0', '--from', 'Bob', '--json');
    const tooLittle = JSON.parse(viewed.stdout).gasUsed - 1;
    const { code, stderr } = await run('call', vote, 'vote', '0', '--from', 'Bob', '--gas', `${tooLittle}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: the dry run fails: .*; without --gas it would reserve \d+; nothing was sent\n$/);
  });

  it('refuses gas that no block takes, and coins that the account does not have', async () => {
    const call = ['call', vote, 'vote', '0', '--from', 'Alice'];
    const { code, stderr } = await run(...call, '--gas', '100');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error: gas must be from \d+, which its bytes alone cost, to 2000000, not 100\n$/),
    });
    expect(await run(...call, '--amount', '5000')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: the amount is 5000, and the account has 99\d\.\d+ at the tip\n$/),
    });
  });
});

it('shows of a failed call that the coins stayed with the sender', async () => {
  const file = sourceFile('export class Shut {\n  pay() {\n    require(chain.value < 0n, "shut");\n  }\n}\n');
  const { contract } = JSON.parse((await run('deploy', file, '--from', 'Alice', '--json')).stdout);
  await client.mine();
  const forced = ['call', contract, 'pay', '--from', 'Bob', '--amount', '3', '--force', '--gas', ENOUGH_GAS, '--json'];
  const { id } = JSON.parse((await run(...forced)).stdout);
  await client.mine();
  const tx = await forklore(['tx', id, '--node', live.url]);
  expect(tx.stdout).toMatch(/\namount +3 \(failed: the coins stayed with the sender\)\n/);
  const account = await forklore(['account', contract, '--node', live.url]);
  expect(account.stdout).toMatch(/^address +rlore1\w+\nin a source +address\('[0-9a-f]{40}'\)\ncontract +Shut\n/);
  expect(account.stdout).toMatch(/ confirmed +0 +call of pay \(failed: shut\) from rlore1\w+ \(Bob\)\n/);
});

describe('forklore contract view and show', () => {
  it('shows what a method gives, for people and for programs', async () => {
    const shown = await run('view', vote, 'result');
    expect(shown).toEqual({ code: 0, stdout: '["noodles: 0","rice: 1"]\n', stderr: '' });
    const { stdout } = await run('view', vote, 'result', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: ['noodles: 0', 'rice: 1'], events: [] });
  });

  it('shows what a call would do, to whoever calls', async () => {
    const viewed = await run('view', vote, 'vote', '0', '--from', 'Bob');
    expect(viewed).toMatchObject({ code: 0, stdout: '' });
    expect(viewed.stderr).toMatch(
      /^it would emit Voted\("rlore1\w+", "noodles"\)\nvote gives nothing; as a call it would use \d+ gas\n$/,
    );
    const refused = await run('view', vote, 'vote', '0', '--from', 'Carol');
    expect(refused.stderr).toMatch(
      /^22 \|.*\n {9}\^\nerror: the call fails: this account has voted \(line 22, column 5 of rlore1\w+\)\n$/,
    );
    const asJson = await run('view', vote, 'vote', '0', '--from', 'Carol', '--json');
    expect(asJson.code).toBe(1);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ ok: false, error: { code: 'required', line: 22 } });
  });

  it('shows what a contract is, and its source', async () => {
    const { stdout } = await run('show', vote);
    expect(stdout).toContain(`name     Vote\naddress  ${vote}\nbalance  0 coins\n`);
    expect(stdout).toContain('         vote(option: number)\n         result(): string[]\n');
    expect(stdout).toContain(
      '\nfields   question: string = "lunch?"\n         options: string[] = ["noodles","rice"]\n',
    );
    expect(stdout).toMatch(
      / voted: Table<Address, boolean>, false where not set\n {11}\["rlore1\w+"\] = true\n {9}votes: Table<number, number>, 0 where not set\n {11}\[1\] = 1\n/,
    );
    expect((await run('show', vote, '--source')).stdout).toContain('\n  options: string[] = [];\n');
  });
});

it('writes bigints in one way, and what fields hold that were never written', async () => {
  const file = sourceFile(`interface Sum { who: Address; total: bigint; }
export class Sums {
  started = 7n;
  owner: Address;
  parts: bigint[] = [1n, 2n];
  last: Sum = { who: address('0000000000000000000000000000000000000000'), total: 0n };
  sums = new Table<bigint, Sum>({ who: address('0000000000000000000000000000000000000000'), total: 5n });
  all = new List<bigint>();
  add(n: bigint): Sum {
    this.all.push(n);
    this.last = { who: chain.caller, total: n };
    this.sums.set(n, this.last);
    chain.emit('Added', n, [n]);
    return this.last;
  }
}
`);
  const { contract } = JSON.parse((await run('deploy', file, '--from', 'Alice', '--unchecked', '--json')).stdout);
  await client.mine();
  const { stdout, stderr } = await run('view', contract, 'add', '300000000', '--from', 'Bob');
  expect(stderr).toBe('it would emit Added(300000000n, [300000000n])\n');
  expect(stdout).toMatch(/^{"who":"rlore1\w+","total":300000000n}\n$/);
  const { id } = JSON.parse((await run('call', contract, 'add', '3', '--from', 'Bob', '--json')).stdout);
  await client.mine();
  const shown = (await run('show', contract)).stdout.replaceAll(/rlore1\w+/g, 'A');
  expect(shown).toContain(`
fields   started: bigint = 7n
         owner: Address, never assigned
         parts: bigint[] = [1n,2n]
         last: Sum = {"who":"A","total":3n}
         sums: Table<bigint, Sum>, {"who":"A","total":5n} where not set
           [3n] = {"who":"A","total":3n}
         all: List<bigint>, length 1
           [0] = 3n
`);
  const tx = (await forklore(['tx', id, '--node', live.url])).stdout;
  expect(tx).toMatch(/\nresult +\["rlore1\w+",3n\]\nevent +Added\(3n, \[3n\]\)\n/);
});

it('warns of a transfer to a contract, which runs nothing', async () => {
  const { stderr } = await forklore(['send', 'Alice', vote, '1', '--node', live.url]);
  expect(stderr).toContain(
    'warning: TO is the contract Vote, and a transfer runs nothing of it; see forklore contract call --help\n',
  );
});
