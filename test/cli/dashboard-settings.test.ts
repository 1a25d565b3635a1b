import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDashboardOptions, parseStartOptions } from '../../cli/settings/dashboard-settings.ts';
import { developmentAccountByAddress } from '../../consensus/development-accounts.ts';
import { OptionError } from '../../server/process/expected-error.ts';
import type { RawValue } from '../../server/settings/settings.ts';

const HOME = { HOME: '/home/someone' };
const folder = mkdtempSync(join(tmpdir(), 'forklore-dashboard-options-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shown = (url: string) => ({ url, announce: null });

describe('dashboard options', () => {
  const dashboard = (flags: Record<string, RawValue> = {}, environment: Record<string, string> = {}) =>
    parseDashboardOptions(new Map(Object.entries(flags)), { ...HOME, ...environment });

  it('have a default for everything', () => {
    expect(dashboard()).toEqual({
      port: 8000,
      host: '127.0.0.1',
      allowedHosts: [],
      nodes: [shown('http://127.0.0.1:5000')],
    });
  });

  it('write nodes in one way, and each once', () => {
    const node = ['http://LOCALHOST:5001/', 'http://localhost:5001/graphql', 'https://Lab.example.org'];
    expect(dashboard({ node }).nodes).toEqual([shown('http://127.0.0.1:5001'), shown('https://lab.example.org')]);
  });

  it('come from the environment too, which flags override', () => {
    const environment = {
      FORKLORE_PORT: '8100',
      FORKLORE_HOST: '0.0.0.0',
      FORKLORE_ALLOW_HOST: 'Lab.example.org',
      FORKLORE_NODE: 'http://a:1, http://b:2',
    };
    const fromEnvironment = {
      port: 8100,
      host: '0.0.0.0',
      allowedHosts: ['lab.example.org'],
      nodes: [shown('http://a:1'), shown('http://b:2')],
    };
    expect(dashboard({}, environment)).toEqual(fromEnvironment);
    expect(dashboard({ port: '0', node: ['http://c:3'] }, environment)).toMatchObject({
      port: 0,
      nodes: [shown('http://c:3')],
    });
  });

  it.each<[Record<string, RawValue>, string]>([
    [{ port: '65536' }, '--port must be a whole number from 0 to 65535, not "65536"'],
    [{ host: 'a b' }, '--host must be a host name or an IP address such as 127.0.0.1, not "a b"'],
    [{ node: ['ftp://x'] }, '--node must be a port, host:port or URL such as http://127.0.0.1:5000, not "ftp://x"'],
    [
      { node: ['http://x/?y'] },
      '--node must be a port, host:port or URL such as http://127.0.0.1:5000, not "http://x/?y"',
    ],
    [
      { node: ['http://a:b@x'] },
      '--node must be a port, host:port or URL such as http://127.0.0.1:5000, not "http://a:b@x"',
    ],
    [{ node: Array(65).fill('http://x:1') }, '--node names 65 nodes; at most 64 are allowed'],
  ])('refuse %j', (flags, message) => {
    expect(() => dashboard(flags)).toThrow(new OptionError(message));
  });

  it('name the variable that is wrong', () => {
    expect(() => dashboard({}, { FORKLORE_NODE: 'a b' })).toThrow(
      new OptionError('FORKLORE_NODE must be a port, host:port or URL such as http://127.0.0.1:5000, not "a b"'),
    );
  });
});

describe('demonstration options', () => {
  const start = (flags: Record<string, RawValue> = {}, environment: Record<string, string> = {}) =>
    parseStartOptions(new Map(Object.entries(flags)), { ...HOME, ...environment }, { u32: () => 0 });
  /** With the ports that are asked for all free. */
  const nodesOf = ({ basePort, count, nodesAt }: ReturnType<typeof start>) =>
    nodesAt(Array.from({ length: count }, (_, index) => basePort + index));
  const miningOf = (options: ReturnType<typeof start>) =>
    nodesOf(options).map(({ mining, miningThreads, hashrateLimit }) => [mining.mode, miningThreads, hashrateLimit]);

  it('are three nodes of the lab network and the dashboard that shows them', () => {
    const options = start();
    const { topology, dashboard } = options;
    expect(topology).toBe('mesh');
    expect(nodesOf(options).map(({ port, network }) => [port, network.name])).toEqual([
      [5000, 'lab'],
      [5001, 'lab'],
      [5002, 'lab'],
    ]);
    expect(dashboard).toEqual({ port: 8000, host: '127.0.0.1', allowedHosts: [] });
  });

  it('take other ports where some are taken, and connect the nodes at those', () => {
    const { nodesAt, dials } = start();
    const nodes = nodesAt([5001, 5003, 5004]);
    expect(nodes.map(({ port, name }) => [port, name])).toEqual([
      [5001, 'node-5001'],
      [5003, 'node-5003'],
      [5004, 'node-5004'],
    ]);
    expect(dials).toEqual([[], [0], [0, 1]]);
    expect(start({ announce: 'http://x:7000' }).nodesAt([5001, 5003, 5004])[1]?.announce).toBe('http://x:7002');
  });

  it('print a line for each block in place of logs, unless somebody asks for those', () => {
    expect(start().blockLines).toBe(true);
    expect(nodesOf(start())[0]?.logLevel).toBe('warn');
    expect(start({ json: true }).blockLines).toBe(false);
    for (const flags of [{ logLevel: 'info' }, { logFormat: 'json' }] as Record<string, RawValue>[]) {
      expect(start(flags).blockLines).toBe(false);
      expect(nodesOf(start(flags))[0]?.logLevel).toBe('info');
    }
  });

  it('let the nodes mine gently, and differently', () => {
    expect(miningOf(start({ nodes: '4' }))).toEqual([
      ['continuous', 1, 120_000],
      ['continuous', 1, 180_000],
      ['continuous', 1, 240_000],
      ['continuous', 1, 120_000],
    ]);
  });

  it('pay each node a development account of its own, from the last, unless somebody is named', () => {
    const payeesOf = (options: ReturnType<typeof start>) =>
      nodesOf(options).map(
        ({ minerAddress, network: { developmentAccounts } }) =>
          minerAddress &&
          ((developmentAccounts && developmentAccountByAddress(minerAddress, developmentAccounts)?.name) ??
            minerAddress),
      );
    expect(payeesOf(start())).toEqual(['Judy', 'Ivan', 'Heidi']);
    expect(payeesOf(start({ nodes: '12' })).slice(8)).toEqual(['Bob', 'Alice', 'Judy', 'Ivan']);
    expect(payeesOf(start({ accounts: '2' }))).toEqual(['Bob', 'Alice', 'Bob']);
    expect(payeesOf(start({ minerAddress: 'Carol' }))).toEqual(['Carol', 'Carol', 'Carol']);
  });

  it('name nobody who is paid on a network without development accounts', () => {
    const network = join(folder, 'network.json');
    const numbers = { spacingSeconds: 5, halfLifeSeconds: 60, halvingInterval: 1_000, futureLimitSeconds: 60 };
    const genesis = { bits: '0x1f00ffff', subsidy: '25', genesisTime: 1_770_000_000 };
    writeFileSync(network, JSON.stringify({ name: 'classroom', addressPrefix: 'lamp', ...numbers, ...genesis }));
    expect(nodesOf(start({ network })).map(({ minerAddress }) => minerAddress)).toEqual([null, null, null]);
  });

  it('mine by the clock on a network where work costs nothing', () => {
    const modes = nodesOf(start({ network: 'regtest' })).map(({ mining }) => [mining.mode, mining.intervalMs]);
    expect(modes).toEqual([
      ['interval', 20_000],
      ['interval', 25_000],
      ['interval', 31_000],
    ]);
    expect(nodesOf(start({ network: 'regtest', mine: 'continuous' }))[0]?.mining.mode).toBe('continuous');
  });

  it('apply to all nodes what the user says about mining, by whatever source', () => {
    expect(miningOf(start({ nodes: '2', hashrateLimit: '1M' }))).toEqual(Array(2).fill(['continuous', 1, 1_000_000]));
    expect(miningOf(start({ nodes: '2', mine: 'off', hashrateLimit: '0' }))).toEqual(Array(2).fill(['off', 1, 0]));
    const config = join(folder, 'start.json');
    writeFileSync(config, JSON.stringify({ dashboardPort: 8100, miningThreads: 2 }));
    const mixed = start({ config }, { FORKLORE_NODES: '1', FORKLORE_MINE: 'interval:5' });
    expect(miningOf(mixed)).toEqual([['interval', 2, 120_000]]);
    expect(mixed.dashboard.port).toBe(8100);
  });

  it('leave nothing behind, unless a folder is named', () => {
    expect(nodesOf(start({})).map(({ dataDir }) => dataDir)).toEqual([null, null, null]);
    expect(nodesOf(start({ nodes: '1', dataDir: '/x' }))[0]?.dataDir).toBe(join('/x', '5000'));
    expect(nodesOf(start({ nodes: '1' }, { FORKLORE_DATA_DIR: '/x' }))[0]?.dataDir).toBe(join('/x', '5000'));
  });

  it('put the dashboard where the nodes listen', () => {
    const { dashboard } = start({
      host: '::1',
      basePort: '7000',
      nodes: '1',
      dashboardPort: '0',
      allowHost: ['X.org'],
    });
    expect(dashboard).toEqual({ port: 0, host: '::1', allowedHosts: ['x.org'] });
  });

  it.each<[Record<string, RawValue>, string]>([
    [{ dashboardPort: 'x' }, '--dashboard-port must be a whole number from 0 to 65535, not "x"'],
    [
      { dashboardPort: '6000' },
      '--dashboard-port: browsers refuse to connect to port 6000, which belongs to another protocol; choose another',
    ],
    [{ nodes: '0' }, '--nodes must be a whole number from 1 to 64, not "0"'],
    [{ reindex: true }, '--reindex needs stored blocks: name their folder with --data-dir'],
    [{ ephemeral: true, dataDir: '/x' }, '--ephemeral and --data-dir exclude each other: give one of them'],
  ])('refuse %j', (flags, message) => {
    expect(() => start(flags)).toThrow(new OptionError(message));
  });
});
