import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { DEVELOPMENT_MNEMONIC } from '../../consensus/development-accounts.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { Api } from '../../testing/api.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePorts } from '../../testing/free-ports.ts';
import {
  killPrograms,
  type NodeProcess,
  Program,
  removeFolders,
  run,
  startNode,
  temporaryFolder,
} from '../../testing/processes.ts';

/** The help of every command is tested within one process, in test/cli/program.test.ts. */
const COMMANDS = [[], ['node'], ['wallet', 'new']];

/** Nothing that starts a colour, or rewrites a line, on a terminal. */
function expectPlain(text: string): void {
  expect(text).not.toContain('\u001b');
  expect(text).not.toContain('\r');
}

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

/** A node on regtest that nobody else finds. */
async function regtestNode(...args: string[]): Promise<NodeProcess> {
  const flags = ['--port', '0', '--network', 'regtest', '--no-discovery', ...args];
  return await startNode(flags, { FORKLORE_RUNTIME_DIR: temporaryFolder() });
}

describe('help and wrong arguments', () => {
  it('explains every command with an example, and ends with 0', async () => {
    for (const command of COMMANDS) {
      const help = await run([...command, '--help']);
      expect(help).toMatchObject({ code: 0, stderr: '' });
      expect(help.stdout).toContain(`Usage: ${['forklore', ...command].join(' ')} `);
      expect(help.stdout).toMatch(/Example:\n {2}forklore \w+/);
      expectPlain(help.stdout);
    }
  });

  it('is shown by forklore help COMMAND as well', async () => {
    for (const command of COMMANDS) expect(await run(['help', ...command])).toEqual(await run([...command, '--help']));
    expect(await run(['help', 'frob'])).toEqual({ code: 2, stdout: '', stderr: "error: unknown command 'frob'\n" });
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [['node', '--bogus'], "error: unknown option '--bogus'\n"],
    [['xyzzy'], "error: unknown command 'xyzzy'\n"],
    [['nod'], "error: unknown command 'nod'\n(Did you mean node?)\n"],
    [['tx'], "error: missing required argument 'ID'\n"],
    [['node', '--port', '70000'], 'error: --port must be a whole number from 0 to 65535, not "70000"\n'],
    [
      ['node', '--mine', 'always'],
      'error: --mine must be continuous, on-transaction, interval:SECONDS or off, not "always"\n',
    ],
    [['cluster', '--topology', 'tree'], 'error: --topology must be mesh, line, ring, star or random, not "tree"\n'],
  ])('answers %j with one exact line and exit code 2', async (args, stderr) => {
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('names the environment variable that is wrong', async () => {
    expect(await run(['node'], { FORKLORE_PORT: 'x' })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: FORKLORE_PORT must be a whole number from 0 to 65535, not "x"\n',
    });
  });

  it('says where no node answers, and how to start one', async () => {
    const node = await regtestNode('--ephemeral');
    const { port } = new URL(node.url);
    await node.program.signal('SIGTERM');
    expect(await run(['tip', '--node', node.url])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: no node answers at ${node.url} (connection refused); start one with: npm run node -- --port ${port}\n`,
    });
  });
});

describe('the same mistake', () => {
  it('has the same exit code in every command: a token file that holds no token', async () => {
    const file = join(temporaryFolder(), 'token');
    writeFileSync(file, 'no token at all', { mode: 0o600 });
    const flags = ['--port', '0', '--network', 'regtest', '--ephemeral', '--no-discovery'];
    for (const command of [
      ['node', ...flags],
      ['mine', '--node', 'http://127.0.0.1:1'],
    ]) {
      const { code, stdout, stderr } = await run([...command, '--admin-token-file', file]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: --admin-token-file: .*token holds no token.*\n$/);
    }
  });

  it('has the same exit code wherever it is seen: an address that is none', async () => {
    const node = await regtestNode('--ephemeral');
    for (const args of [
      ['account', 'Zed'],
      ['send', 'Zed', 'Bob', '1'],
      ['mine', '--to', 'Zed'],
    ]) {
      const { code, stderr } = await run([...args, '--node', node.url]);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(stderr).toMatch(/^(mining a block at .*\n)?error: .*Zed.*\n$/);
    }
  });
});

describe('a program that others read', () => {
  const REGTEST_FLAGS = ['--port', '0', '--network', 'regtest', '--ephemeral', '--no-discovery'];
  const jsonLines = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('says everything in JSON lines, and where it listens in the first one', async () => {
    const program = new Program(['node', ...REGTEST_FLAGS, '--name', 'one', '--log-format', 'json']);
    await program.output(/\n/);
    const [first, ...rest] = jsonLines(program.stdout);
    const { url } = first;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect({ first, rest }).toEqual({
      first: {
        event: 'listening',
        url,
        graphqlUrl: `${url}/graphql`,
        port: Number(new URL(url).port),
        name: 'one',
        network: 'regtest',
        genesisHash: REGTEST.genesis.hash,
        pid: program.child.pid,
      },
      rest: [],
    });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const { code, stdout, stderr } = await program.signal('SIGTERM');
    expect({ code, lines: jsonLines(stdout).length }).toEqual({ code: 0, lines: 1 });
    expect(jsonLines(stderr).at(-1)).toMatchObject({ msg: expect.stringContaining('Stopping') });
  });

  it('says the words and keys of accounts that were asked for, which are public', async () => {
    const flags = ['--port', '0', '--ephemeral', '--no-discovery', '--accounts', '3'];
    const program = new Program(['node', ...flags, '--log-format', 'json']);
    await program.output(/\n/);
    const [first] = jsonLines(program.stdout);
    expect(first).toMatchObject({ event: 'listening', network: expect.stringMatching(/^regtest\+/) });
    const { devAccounts } = await new Api(first.url).query('{ devAccounts { name address secretKey } }');
    expect([first.mnemonic, first.developmentAccounts]).toEqual([DEVELOPMENT_MNEMONIC, devAccounts]);
    await program.signal('SIGTERM');
  });

  it('says where it listens before it logs, also where both streams are read as one', async () => {
    const together = ['sh', '-c', 'exec "$@" 2>&1', 'sh'];
    // It has blocks to log as soon as it runs.
    const args = ['node', ...REGTEST_FLAGS, '--mine', '--log-level', 'trace', '--log-format', 'json'];
    const program = new Program(args, {}, '', undefined, together);
    await program.output(/"msg".*\n/);
    await program.signal('SIGTERM');
    const [first, ...rest] = jsonLines(program.stdout);
    expect(first).toMatchObject({ event: 'listening' });
    expect(rest.some(({ event }) => event === 'listening')).toBe(false);
  });

  it('says of each node of a cluster where it listens', async () => {
    const port = await freePorts(2);
    const args = ['cluster', '--nodes', '2', '--base-port', String(port), '--network', 'regtest', '--ephemeral'];
    const program = new Program([...args, '--log-format', 'json'], { FORKLORE_RUNTIME_DIR: temporaryFolder() });
    await program.output(/listening.*\n.*listening.*\n/);
    const { stdout, stderr } = await program.signal('SIGTERM');
    expect(jsonLines(stdout)).toMatchObject([
      { event: 'listening', port, name: `node-${port}` },
      { event: 'listening', port: port + 1, name: `node-${port + 1}` },
    ]);
    expect(jsonLines(stderr).length).toBeGreaterThan(0);
  });

  it('says in JSON lines also what Node itself would print: warnings, and an error that nobody expected', async () => {
    const hook = join(temporaryFolder(), 'hook.cjs');
    writeFileSync(
      hook,
      `process.once('SIGUSR2', () => {
        process.emitWarning('careful');
        setImmediate(() => { throw new Error('unforeseen'); });
      });`,
    );
    const program = new Program(['node', ...REGTEST_FLAGS, '--log-format', 'json'], {
      NODE_OPTIONS: `--require ${hook}`,
    });
    await program.output(/listening/);
    const { code, stderr } = await program.signal('SIGUSR2');
    expect(code).toBe(1);
    const lines = jsonLines(stderr);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'Warning: careful' }));
    expect(lines.at(-1)).toMatchObject({ event: 'failed', exitCode: 1, msg: expect.stringContaining('unforeseen') });
  });

  it('says in JSON lines why it ends', async () => {
    const node = await regtestNode('--ephemeral');
    const { port } = new URL(node.url);
    const json = ['--log-format', 'json'];
    for (const [args, exitCode, msg] of [
      [['node', '--network', 'regtest', '--ephemeral', '--port', port, ...json], 1, `port ${port} is already in use`],
      [['node', '--port', 'x', ...json], 2, '--port must be a whole number'],
      [['node', '--prot', '1', ...json], 2, "unknown option '--prot'"],
      [['cluster', '--nodes', 'x', '--log-format=json'], 2, '--nodes must be a whole number'],
    ] as const) {
      const { code, stdout, stderr } = await run(args);
      expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
      expect(jsonLines(stderr)).toEqual([
        expect.objectContaining({ event: 'failed', exitCode, msg: expect.stringContaining(msg) }),
      ]);
    }
  });

  it('says nothing when it is told to be silent, and the exit code says the rest', async () => {
    const folder = temporaryFolder();
    const args = ['node', '--network', 'regtest', '--data-dir', folder, '--no-discovery', '--log-level', 'silent'];
    const port = await freePorts(1);
    const program = new Program([...args, '--port', String(port)]);
    await eventually(async () => {
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    });
    expect(await run([...args, '--port', '0'])).toEqual({ code: 1, stdout: '', stderr: '' });
    expect(await program.signal('SIGTERM')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  /** The command with one of its streams on a disk that is full. */
  const onFullDisk = (redirection: string) => ['sh', '-c', `exec "$@" ${redirection} /dev/full`, 'sh'];

  it('says in one line that its output cannot be written', async () => {
    const node = await regtestNode('--ephemeral');
    for (const args of [['tip', '--node', node.url], ['--help'], ['wallet', 'new']]) {
      const { code, stderr } = await new Program(args, {}, '', undefined, onFullDisk('>')).finished;
      expect(code).toBe(1);
      expect(stderr).toContain('error: cannot write to standard output (no space left on the disk)\n');
      expect(stderr).not.toContain('    at ');
    }
  });

  it('goes on without its log where that cannot be written', async () => {
    for (const format of ['pretty', 'json']) {
      const args = ['node', ...REGTEST_FLAGS, '--log-format', format];
      const program = new Program(args, {}, '', undefined, onFullDisk('2>'));
      const [, url] = await program.output(/(http:\/\/127\.0\.0\.1:\d+)/);
      const api = new Api(url ?? '');
      await api.query('mutation { mine(count: 3) { __typename } }');
      expect((await program.signal('SIGTERM')).code).toBe(0);
    }
  });

  it('says that no temporary folder can be made for a chain that is not kept', async () => {
    const { code, stderr } = await run(['node', ...REGTEST_FLAGS], { TMPDIR: '/proc' });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'error: cannot make a folder in /proc (no such file or folder); set TMPDIR to a folder that can be written to, ' +
        'or keep the chain with --data-dir\n',
    });
  });
});

describe('the command that npm run stands for', () => {
  it('is the node itself, which a signal to its process id ends cleanly', async () => {
    const flags = ['--port', '0', '--network', 'regtest', '--ephemeral', '--no-discovery'];
    const wrapper = fileURLToPath(new URL('../../scripts/forklore.mjs', import.meta.url));
    const node = await startNode(flags, { FORKLORE_RUNTIME_DIR: temporaryFolder() }, wrapper);
    expect((await node.program.signal('SIGTERM')).code).toBe(0);
    await expect(fetch(`${node.url}/readyz`)).rejects.toThrow();
  });
});

describe('commands against a running node', () => {
  it('prints JSON and nothing else with --json', async () => {
    const node = await regtestNode('--ephemeral');
    const json = async (...args: string[]) => {
      const { code, stdout, stderr } = await run([...args, '--json', '--node', node.url]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout);
    };
    const sent = await json('send', 'Alice', 'Bob', '2.5');
    expect(sent).toMatchObject({ amount: '2.5', status: 'PENDING' });
    expect(await json('mempool')).toMatchObject({ size: 1 });
    expect(await json('mine', '2')).toMatchObject([{ height: 1 }, { height: 2 }]);
    expect(await json('tip')).toMatchObject({ height: 2 });
    expect(await json('block', '1')).toMatchObject({ height: 1 });
    expect(await json('tx', sent.id)).toMatchObject({ id: sent.id, status: 'CONFIRMED' });
    expect(await json('account', 'Bob')).toMatchObject({ balance: '1002.5' });
    expect(await json('peers')).toEqual([]);
  });

  it('mines off a terminal with one line for each block, and without drawing', async () => {
    const node = await regtestNode('--ephemeral');
    const mined = await run(['mine', '3', '--node', node.url], { NO_COLOR: '' });
    expect(mined).toMatchObject({ code: 0, stderr: expect.stringMatching(/^mining 3 blocks at .*\n$/) });
    expect(mined.stdout.trim().split('\n')).toHaveLength(3);
    expectPlain(mined.stdout);
  });

  it('writes no colours when NO_COLOR is set, whatever FORCE_COLOR says', async () => {
    const node = await regtestNode('--ephemeral');
    expectPlain(node.program.stdout);
    const tip = await run(['tip', '--node', node.url], { NO_COLOR: '1', FORCE_COLOR: '1' });
    expect(tip).toMatchObject({ code: 0 });
    expectPlain(tip.stdout);
  });

  it('waits with send --wait until the transfer is confirmed', async () => {
    const node = await regtestNode('--ephemeral');
    const sending = new Program(['send', 'Alice', 'Bob', '1', '--wait', '--node', node.url]);
    const [id] = await sending.output(/^[0-9a-f]{64}$/m);
    expect(sending.child.exitCode).toBeNull();
    expect((await run(['mine', '--node', node.url])).code).toBe(0);
    const { code, stdout } = await sending.finished;
    expect(code).toBe(0);
    expect(stdout).toBe(`${id}\nconfirmed in block ${await node.api.tip()} at height 1\n`);
  });

  it('ends with 1 and the reason where the node refuses', async () => {
    const node = await regtestNode('--ephemeral');
    const refused = await run(['send', 'Alice', 'Bob', '5000', '--node', node.url]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^error: the node refuses the transaction: .* \(insufficient-balance\)$/m);
    const unknown = await run(['tx', 'ab'.repeat(32), '--node', node.url]);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toMatch(/^error: .*\n$/);
  });
});

describe('wallets', () => {
  it('makes a mnemonic that only its owner reads, finds its address again, and never overwrites', async () => {
    const folder = temporaryFolder();
    const [file, copy] = [join(folder, 'new.words'), join(folder, 'copy.words')];
    const made = await run(['wallet', 'new', '--out', file, '--json']);
    expect(made.code).toBe(0);
    const { address } = JSON.parse(made.stdout);
    const words = readFileSync(file, 'utf8');
    expect(words.trim().split(' ')).toHaveLength(12);
    expect(made.stdout + made.stderr).not.toContain(words.trim());
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const listed = await run(['wallet', 'address', '--mnemonic-file', file, '--count', '2', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ account: 0, address }, { account: 1 }]);
    const imported = await run(['wallet', 'import', '--out', copy, '--json'], {}, words);
    expect(JSON.parse(imported.stdout)).toMatchObject({ address, file: copy });
    expect(readFileSync(copy, 'utf8')).toBe(words);
    expect(statSync(copy).mode & 0o777).toBe(0o600);

    for (const args of [['new'], ['import', file]]) {
      const again = await run(['wallet', ...args, '--out', copy]);
      expect(again).toMatchObject({ code: 1, stdout: '' });
      expect(again.stderr).toMatch(/^error: --out: cannot write .*copy\.words \(.*\); nothing was overwritten\n$/);
    }
    expect(readFileSync(copy, 'utf8')).toBe(words);
  });

  it('refuses words that are no mnemonic, and asks nothing where standard input is no terminal', async () => {
    const wrong = await run(['wallet', 'import'], {}, 'one two three');
    expect(wrong).toMatchObject({ code: expect.toSatisfy((code) => code === 1 || code === 2), stdout: '' });
    expect(wrong.stderr).toMatch(/^error: standard input.*\n$/);
    const empty = await run(['wallet', 'import']);
    expect(empty).toMatchObject({ code: wrong.code, stdout: '' });
    expect(empty.stderr).toMatch(/^error: standard input.*\n$/);
  });

  it("sends from a mnemonic's own address", async () => {
    const node = await regtestNode('--ephemeral');
    const words = { FORKLORE_MNEMONIC: DEVELOPMENT_MNEMONIC };
    const listed = await run(['wallet', 'address', '--network', 'regtest', '--json'], words);
    const [{ address }] = JSON.parse(listed.stdout);
    const sent = await run(['send', address, 'Bob', '1', '--node', node.url, '--json'], words);
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(sent.stdout)).toMatchObject({ from: address, amount: '1' });
  });
});

describe('verify', () => {
  it('replays a good folder, and says what it found', async () => {
    const folder = temporaryFolder();
    const node = await regtestNode('--data-dir', folder);
    await node.api.query('mutation { mine(count: 5) { __typename } }');
    const tip = await node.api.tip();
    expect((await node.program.signal('SIGTERM')).code).toBe(0);
    expect(await run(['verify', '--network', 'regtest', '--data-dir', folder])).toEqual({
      code: 0,
      stdout: `${folder} is whole: 6 blocks of regtest, tip ${tip}\n`,
      stderr: '',
    });
  });
});
