import { describe, expect, it } from 'vitest';
import { VERSION } from '../../server/process/version.ts';
import { forklore } from './stub-node.ts';

const COMMANDS = [
  'node',
  'cluster',
  'start',
  'dashboard',
  'verify',
  'tip',
  'block',
  'tx',
  'account',
  'peers',
  'mempool',
  'send',
  'mine',
  'connect',
  'disconnect',
  'invalidate',
  'reconsider',
  'mining',
  'watch',
  'wait',
  'api',
  'tips',
  'template',
  'snapshot',
  'time',
  'drop',
  'wallet',
  'completion',
];

describe('forklore --help', () => {
  it('lists every command, the exit codes and an example on standard output', async () => {
    const { code, stdout, stderr } = await forklore(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).toContain(
      '0  fine\n  1  the operation failed\n  2  wrong arguments\n  3  the data folder is damaged',
    );
    expect(stdout).toContain('FORKLORE_*');
    expect(stdout).toContain('Example:\n  forklore node --port 5000');
  });

  it.each([
    ...COMMANDS,
    'wallet new',
    'wallet address',
    'wallet import',
    'mining show',
    'mining start',
    'mining stop',
    'mining set',
    'snapshot take',
    'snapshot list',
    'snapshot revert',
    'snapshot drop',
    'snapshot save',
    'snapshot load',
  ])('of %s has an example', async (command) => {
    const { code, stdout } = await forklore([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Example:\n  forklore ${command}`);
    expect(await forklore(['help', ...command.split(' ')])).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('of node has every flag', async () => {
    const { stdout } = await forklore(['node', '--help']);
    const flags =
      `port host peer no-discovery data-dir ephemeral network mine mining-threads hashrate-limit miner-address
      verify reindex allow-origin allow-host admin-token-file graphiql log-level log-format name config`.split(/\s+/);
    for (const flag of flags) expect(stdout).toMatch(new RegExp(`^ {2}--${flag}\\b`, 'm'));
  });
});

it('prints its version', async () => {
  expect(await forklore(['--version'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
});

describe('wrong usage ends with code 2 and says what is wrong', () => {
  it.each([
    ['nod', "error: unknown command 'nod'\n(Did you mean node?)\n"],
    ['node --prot 1', "error: unknown option '--prot'\n(Did you mean --port?)\n"],
    ['node --port', "error: option '--port <number>' argument missing\n"],
    ['node --port abc', 'error: --port must be a whole number from 0 to 65535, not "abc"\n'],
    ['node --ephemeral --data-dir x', 'error: --ephemeral and --data-dir exclude each other: give one of them\n'],
    ['cluster --bas-port 1', "error: unknown option '--bas-port'\n(Did you mean --base-port?)\n"],
    ['cluster --nodes 0', 'error: --nodes must be a whole number from 1 to 64, not "0"\n'],
    ['start --dashboard-port x', 'error: --dashboard-port must be a whole number from 0 to 65535, not "x"\n'],
    [
      'dashboard --node ftp://x',
      'error: --node must be a port, host:port or URL such as http://127.0.0.1:5000, not "ftp://x"\n',
    ],
    ['verify --network x', 'error: --network must be lab, regtest or a network file that ends in .json, not "x"\n'],
    ['tx', "error: missing required argument 'ID'\n"],
    ['tip --port 5001', "error: unknown option '--port': the node to ask is named by --node 5001\n"],
    ['snapshot save x --port 5001', "error: unknown option '--port': the node to ask is named by --node 5001\n"],
    ['scenario x --port 5001', "error: unknown option '--port': the node to ask is named by --node 5001\n"],
    ['tip extra', "error: too many arguments for 'tip'. Expected 0 arguments but got 1.\n"],
    [
      'tip --node ftp://x',
      'error: --node must be a port, host:port or URL such as http://127.0.0.1:5000, not "ftp://x"\n',
    ],
  ])('%s', async (line, stderr) => {
    expect(await forklore(line.split(' '))).toEqual({ code: 2, stdout: '', stderr });
  });

  it('without any command it shows what there is', async () => {
    const { code, stderr } = await forklore([]);
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: forklore');
  });
});
