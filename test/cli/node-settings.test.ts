import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseClusterOptions } from '../../cli/settings/cluster-settings.ts';
import { NODE_FLAGS } from '../../cli/settings/node-flags.ts';
import { parseNodeOptions, parseVerifyOptions } from '../../cli/settings/node-settings.ts';
import { formatAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { siblingUrl } from '../../server/cluster/sibling-url.ts';
import { defaultDataDir } from '../../server/files/data-home.ts';
import { OptionError } from '../../server/process/expected-error.ts';
import type { RawValue } from '../../server/settings/settings.ts';

const HOME = { HOME: '/home/someone' };
const folder = mkdtempSync(join(tmpdir(), 'forklore-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function options(flags: Record<string, RawValue> = {}, environment: Record<string, string> = {}) {
  return parseNodeOptions(new Map(Object.entries(flags)), { ...HOME, ...environment });
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function networkFile(name: string, values: Record<string, unknown> = {}): string {
  return file(name, {
    name: '../my net',
    addressPrefix: 'my',
    spacingSeconds: 10,
    halfLifeSeconds: 120,
    bits: '0x207fffff',
    subsidy: '50',
    halvingInterval: 1000,
    futureLimitSeconds: 120,
    genesisTime: 1_767_225_600,
    ...values,
  });
}

describe('files as other editors save them', () => {
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

  it('are read over a byte order mark, with the same genesis as without', () => {
    const plain = networkFile('plain.json');
    const marked = file('marked.json', `\ufeff${readFileSync(plain, 'utf8')}`);
    expect(options({ network: marked }).network.genesis.hash).toBe(options({ network: plain }).network.genesis.hash);
    const config = file('marked-config.json', '\ufeff{ "network": "regtest", "port": 5123 }');
    expect(options({ config })).toMatchObject({ network: REGTEST, port: 5123 });
  });

  it('are named as what they are in another encoding', () => {
    const path = join(folder, 'utf16.json');
    writeFileSync(path, utf16('{ "port": 5123 }'));
    const message = (label: string) => `${label}: ${path} is UTF-16 text; save it as UTF-8`;
    expect(() => options({ config: path })).toThrow(new OptionError(message('--config')));
    expect(() => options({ network: path })).toThrow(new OptionError(message('--network')));
  });
});

describe('node options', () => {
  it('have a default for everything', () => {
    const { miningThreads, ...rest } = options();
    expect(miningThreads).toBeGreaterThanOrEqual(1);
    expect(rest).toEqual({
      port: 5000,
      deterministic: null,
      loadState: null,
      logRequests: false,
      host: '127.0.0.1',
      peers: [],
      discovery: true,
      runId: null,
      announce: null,
      dataDir: defaultDataDir(LAB, 5000, HOME),
      network: LAB,
      mining: { mode: 'off', intervalMs: 10_000 },
      hashrateLimit: 0,
      stratum: null,
      minerAddress: null,
      verify: 'quick',
      reindex: false,
      allowedOrigins: [],
      allowedHosts: [],
      adminTokenFile: null,
      graphiql: false,
      logLevel: 'info',
      logFormat: 'pretty',
      name: null,
    });
  });

  it.each<[Record<string, RawValue>, object]>([
    [{ port: '0' }, { port: 0 }],
    [{ port: '65535' }, { port: 65_535 }],
    [{ host: '0.0.0.0' }, { host: '0.0.0.0' }],
    [{ host: '::1' }, { host: '::1' }],
    [{ peer: ['http://LOCALHOST:5000', 'ws://localhost:5000/'] }, { peers: ['http://localhost:5000'] }],
    [
      { peer: ['5001', '10.0.0.7', '[::1]:80'] },
      { peers: ['http://127.0.0.1:5001', 'http://10.0.0.7:5000', 'http://[::1]:80'] },
    ],
    [{ noDiscovery: true }, { discovery: false }],
    [{ dataDir: '/data/x' }, { dataDir: '/data/x' }],
    [{ ephemeral: true }, { dataDir: null }],
    [{ network: 'regtest' }, { network: REGTEST }],
    [{ stratum: '3333' }, { stratum: { host: '127.0.0.1', port: 3333 } }],
    [{ stratum: '0.0.0.0:3333' }, { stratum: { host: '0.0.0.0', port: 3333 } }],
    [{ stratum: '[::1]:0' }, { stratum: { host: '::1', port: 0 } }],
    [{ mine: true }, { mining: { mode: 'continuous', intervalMs: 10_000 } }],
    [{ mine: 'on-transaction' }, { mining: { mode: 'on-transaction', intervalMs: 10_000 } }],
    [{ mine: 'interval:2.5' }, { mining: { mode: 'interval', intervalMs: 2_500 } }],
    [{ mine: 'off' }, { mining: { mode: 'off', intervalMs: 10_000 } }],
    [{ miningThreads: '3' }, { miningThreads: 3 }],
    [{ hashrateLimit: '500k' }, { hashrateLimit: 500_000 }],
    [{ hashrateLimit: '1.5M' }, { hashrateLimit: 1_500_000 }],
    [{ hashrateLimit: '2G' }, { hashrateLimit: 2_000_000_000 }],
    [{ hashrateLimit: '20' }, { hashrateLimit: 20 }],
    [{ minerAddress: 'alice' }, { minerAddress: developmentAccountByName('Alice')?.address }],
    [{ verify: 'full' }, { verify: 'full' }],
    [{ reindex: true }, { reindex: true }],
    [
      { allowOrigin: ['https://Example.org', 'http://localhost:8000/'] },
      { allowedOrigins: ['https://example.org', 'http://localhost:8000'] },
    ],
    [{ allowHost: ['Node.Example.org'] }, { allowedHosts: ['node.example.org'] }],
    [{ adminTokenFile: '/run/token' }, { adminTokenFile: '/run/token' }],
    [{ graphiql: true }, { graphiql: true }],
    [
      { logLevel: 'debug', logFormat: 'json' },
      { logLevel: 'debug', logFormat: 'json' },
    ],
    [{ name: 'node A' }, { name: 'node A' }],
    [{ name: '영희의 노드' }, { name: '영희의 노드' }],
    [{ name: 'Müller-2' }, { name: 'Müller-2' }],
    [{ name: '노'.repeat(32) }, { name: '노'.repeat(32) }],
  ])('understand %j', (flags, expected) => {
    expect(options(flags)).toMatchObject(expected);
  });

  it('look for others only with a kept chain of the lab network, unless asked', () => {
    const network = networkFile('apart.json');
    expect(options({ network: 'regtest' }).discovery).toBe(false);
    expect(options({ network }).discovery).toBe(false);
    expect(options({ ephemeral: true }).discovery).toBe(false);
    for (const flags of [{ network: 'regtest' }, { network }, { ephemeral: true }, {}] as Record<string, RawValue>[]) {
      expect(options({ ...flags, discovery: true }).discovery).toBe(true);
      expect(options({ ...flags, noDiscovery: true }).discovery).toBe(false);
      expect(options({ ...flags, noDiscovery: true }, { FORKLORE_DISCOVERY: '1' }).discovery).toBe(false);
      expect(options({ ...flags, discovery: true }, { FORKLORE_NO_DISCOVERY: '1' }).discovery).toBe(true);
    }
    expect(options({}, { FORKLORE_DISCOVERY: '0' }).discovery).toBe(false);
    expect(options({ network: 'regtest' }, { FORKLORE_NO_DISCOVERY: '0' }).discovery).toBe(false);
    expect(() => options({}, { FORKLORE_DISCOVERY: '1', FORKLORE_NO_DISCOVERY: '1' })).toThrow(
      new OptionError('FORKLORE_DISCOVERY and FORKLORE_NO_DISCOVERY exclude each other: give one of them'),
    );
  });

  it('announce what they are told to, in the canonical form', () => {
    expect(options({ announce: 'https://Lab.example.org:443/' }).announce).toBe('https://lab.example.org:443');
    expect(() => options({ announce: 'lab.example.org' })).toThrow(
      /^--announce "lab\.example\.org" is not the URL of a node; use http:\/\/host:port$/,
    );
  });

  it.each(['6000', '5060', '22'])('refuse port %s, which browsers refuse, and say so', (port) => {
    expect(() => options({ port })).toThrow(
      new OptionError(
        `--port: browsers refuse to connect to port ${port}, which belongs to another protocol; choose another`,
      ),
    );
  });

  it('take a miner address of the network only', () => {
    const address = developmentAccountByName('Bob')?.address ?? '';
    expect(options({ minerAddress: formatAddress(address, 'lore') }).minerAddress).toBe(address);
    const foreign = formatAddress(address, 'rlore');
    expect(() => options({ minerAddress: foreign })).toThrow(
      new OptionError(
        `--miner-address "${foreign}": address of another network: it starts with rlore1, here they start with lore1`,
      ),
    );
  });

  it.each<[Record<string, RawValue>, string]>([
    [{ port: 'abc' }, '--port must be a whole number from 0 to 65535, not "abc"'],
    [{ port: '65536' }, '--port must be a whole number from 0 to 65535, not "65536"'],
    [{ port: '1e3' }, '--port must be a whole number from 0 to 65535, not "1e3"'],
    [{ port: '-1' }, '--port must be a whole number from 0 to 65535, not "-1"'],
    [{ port: '' }, '--port must be a whole number from 0 to 65535, not ""'],
    [{ host: 'a b' }, '--host must be a host name or an IP address such as 127.0.0.1, not "a b"'],
    [{ peer: ['ftp://x'] }, '--peer "ftp://x" is not the URL of a node; use http://host:port'],
    [{ peer: ['http://x'] }, '--peer http://x: the port is missing; use http://host:port'],
    [{ peer: Array(65).fill('http://x:1') }, '--peer names 65 peers; at most 64 are allowed'],
    [{ dataDir: '' }, '--data-dir must be a path, not empty'],
    [{ network: 'main' }, '--network must be lab, regtest or a network file that ends in .json, not "main"'],
    [{ network: '/nowhere.json' }, '--network: cannot read /nowhere.json (no such file or folder)'],
    [{ mine: 'always' }, '--mine must be continuous, on-transaction, interval:SECONDS or off, not "always"'],
    [{ mine: 'interval:' }, '--mine interval: needs a number of seconds from 0.1 to 86400, not ""'],
    [{ mine: 'interval:0' }, '--mine interval: needs a number of seconds from 0.1 to 86400, not "0"'],
    [{ miningThreads: '0' }, '--mining-threads must be a whole number from 1 to 1024, not "0"'],
    [{ hashrateLimit: 'fast' }, '--hashrate-limit must be hashes per second such as 500k, 1.5M or 250000, not "fast"'],
    [{ hashrateLimit: '-5' }, '--hashrate-limit must be hashes per second such as 500k, 1.5M or 250000, not "-5"'],
    [{ hashrateLimit: '0.5' }, '--hashrate-limit must be 0 (no limit) or at least 1, not "0.5"'],
    [{ minerAddress: 'Mallory' }, '--miner-address must be an address or a development account\'s name, not "Mallory"'],
    [
      { stratum: 'stratum+tcp://0.0.0.0:3333' },
      '--stratum must be a port such as 3333, or HOST:PORT such as 0.0.0.0:3333, not "stratum+tcp://0.0.0.0:3333"',
    ],
    [{ stratum: '65536' }, '--stratum must be a whole number from 0 to 65535, not "65536"'],
    [{ verify: 'maybe' }, '--verify must be quick or full, not "maybe"'],
    [
      { allowOrigin: ['null'] },
      '--allow-origin must be an origin such as https://example.org or http://localhost:8000, not "null"',
    ],
    [
      { allowOrigin: ['http://x/y'] },
      '--allow-origin must be an origin such as https://example.org or http://localhost:8000, not "http://x/y"',
    ],
    [
      { allowHost: ['http://x'] },
      '--allow-host must be a host name such as node.example.org, without http:// and port, not "http://x"',
    ],
    [{ logLevel: 'loud' }, '--log-level must be trace, debug, info, warn, error, fatal or silent, not "loud"'],
    [{ logFormat: 'xml' }, '--log-format must be pretty or json, not "xml"'],
    [
      { name: 'a\u001b[2J' },
      '--name must be 1 to 32 letters, digits, spaces, dots, dashes or underscores, in at most 96 bytes, not "a\u001b[2J"',
    ],
    [{ deterministic: '', network: 'regtest' }, '--deterministic must be a seed of 1 to 100 characters'],
    [{ ephemeral: true, dataDir: '/x' }, '--ephemeral and --data-dir exclude each other: give one of them'],
    [{ ephemeral: true, reindex: true }, '--reindex needs stored blocks: leave out --ephemeral'],
    [{ config: '/nowhere.json' }, '--config: cannot read /nowhere.json (no such file or folder)'],
  ])('refuse %j with a message that says what to do', (flags, message) => {
    expect(() => options(flags)).toThrow(new OptionError(message));
  });
});

describe('sources of node options', () => {
  it('are flags, then the environment, then the configuration file', () => {
    const config = file('node.json', {
      port: 1,
      host: '::1',
      name: 'from-file',
      noDiscovery: true,
      peer: ['http://x:1'],
    });
    const environment = { FORKLORE_CONFIG: config, FORKLORE_PORT: '2', FORKLORE_HOST: '127.0.0.2' };
    const expected = { port: 3, host: '127.0.0.2', name: 'from-file', discovery: false, peers: ['http://x:1'] };
    expect(options({ port: '3' }, environment)).toMatchObject(expected);
  });

  it('of a list do not add up', () => {
    const environment = { FORKLORE_PEER: 'http://a:1, http://b:2' };
    expect(options({}, environment).peers).toEqual(['http://a:1', 'http://b:2']);
    expect(options({ peer: ['http://c:3'] }, environment).peers).toEqual(['http://c:3']);
  });

  it('count as missing when a variable is empty', () => {
    expect(options({}, { FORKLORE_PORT: '' }).port).toBe(5000);
  });

  it('may switch a setting off that a weaker source switches on', () => {
    const config = file('on.json', { ephemeral: true, mine: true });
    const result = options({ config }, { FORKLORE_EPHEMERAL: 'false', FORKLORE_MINE: '0' });
    expect(result.dataDir).not.toBeNull();
    expect(result.mining.mode).toBe('off');
  });

  it('let a stronger data folder override a weaker ephemeral, and the other way round', () => {
    expect(options({ dataDir: '/x' }, { FORKLORE_EPHEMERAL: '1' }).dataDir).toBe('/x');
    expect(options({ ephemeral: true }, { FORKLORE_DATA_DIR: '/x' }).dataDir).toBeNull();
  });

  it.each<[Record<string, string>, string]>([
    [{ FORKLORE_PORT: 'abc' }, 'FORKLORE_PORT must be a whole number from 0 to 65535, not "abc"'],
    [{ FORKLORE_EPHEMERAL: 'yes' }, 'FORKLORE_EPHEMERAL must be true or false, not "yes"'],
    [
      { FORKLORE_EPHEMERAL: '1', FORKLORE_DATA_DIR: '/x' },
      'FORKLORE_EPHEMERAL and FORKLORE_DATA_DIR exclude each other: give one of them',
    ],
    [{ FORKLORE_CONFIG: '/nowhere.json' }, 'FORKLORE_CONFIG: cannot read /nowhere.json (no such file or folder)'],
  ])('name the variable in %j', (environment, message) => {
    expect(() => options({}, environment)).toThrow(new OptionError(message));
  });

  const known = NODE_FLAGS.map(({ key }) => key).filter((key) => key !== 'config');
  const fields = `there are ${known.join(', ')}`;

  it.each<[unknown, (path: string) => string]>([
    ['{ "__proto__": 1 }', (path) => `--config ${path}: unknown field "__proto__"; ${fields}`],
    [{ prot: 1 }, (path) => `--config ${path}: unknown field "prot"; ${fields}`],
    [{ config: 'other.json' }, (path) => `--config ${path}: unknown field "config"; ${fields}`],
    [{ __proto__x: 1, port: 1 }, (path) => `--config ${path}: unknown field "__proto__x"; ${fields}`],
    [{ port: 'abc' }, (path) => `port in ${path} must be a whole number from 0 to 65535, not "abc"`],
    [{ port: null }, (path) => `--config ${path}: port: must be a string, a number, true or false, not null`],
    [{ peer: [1] }, (path) => `--config ${path}: peer: must be a string or a list of strings, not [1]`],
    [[], (path) => `--config ${path}: must be an object, not []`],
  ])('name the field of a configuration file with %j', (content, message) => {
    const config = file('bad.json', content);
    expect(() => options({ config })).toThrow(new OptionError(message(config)));
  });

  it('include the reason when a configuration file is not JSON', () => {
    const config = file('broken.json', '{ port');
    expect(() => options({ config })).toThrow(/^--config .*broken\.json: is not JSON \(/);
  });

  it('are bounded: a file of more than 1 MiB is refused', () => {
    const config = file('large.json', ' '.repeat(1024 * 1024 + 1));
    expect(() => options({ config })).toThrow(new OptionError(`--config: ${config} is larger than 1 MiB`));
  });
});

describe('the default data folder', () => {
  it.each<[NodeJS.Platform, Record<string, string>, string]>([
    ['linux', HOME, '/home/someone/.local/share/forklore/lab/5001'],
    ['linux', { ...HOME, XDG_DATA_HOME: '/xdg' }, '/xdg/forklore/lab/5001'],
    ['linux', { ...HOME, XDG_DATA_HOME: 'relative' }, '/home/someone/.local/share/forklore/lab/5001'],
    ['darwin', HOME, '/home/someone/Library/Application Support/forklore/lab/5001'],
    ['win32', { ...HOME, LOCALAPPDATA: '/local' }, '/local/forklore/lab/5001'],
  ])('on %s with %j is %s', (platform, environment, expected) => {
    expect(defaultDataDir(LAB, 5001, environment, platform)).toBe(expected);
  });

  it('is one folder name for a network file, whatever the network is called, and another for other parameters', () => {
    const first = options({ network: networkFile('first.json') });
    const second = options({ network: networkFile('second.json', { subsidy: '51' }) });
    expect(first.dataDir).toMatch(/^\/home\/someone\/\.local\/share\/forklore\/___my_net-[0-9a-f]{8}\/5000$/);
    expect(second.dataDir).not.toBe(first.dataDir);
  });

  it('is what gets verified', () => {
    expect(parseVerifyOptions(new Map([['port', '5001']]), HOME)).toEqual({
      network: LAB,
      dataDir: defaultDataDir(LAB, 5001, HOME),
    });
  });

  it('of a network file with a mistake is never looked for: the mistake is named', () => {
    const network = networkFile('wrong.json', { spacing: 10 });
    expect(() => options({ network })).toThrow(
      /^--network .*wrong\.json: unknown field "spacing"; there are name, addressPrefix, /,
    );
  });

  it('does not help to name a development account where the network has none', () => {
    const network = networkFile('plain.json');
    expect(() => options({ network, minerAddress: 'Alice' })).toThrow(
      new OptionError('--miner-address must be an address: the network ../my net has no development accounts'),
    );
  });
});

describe('cluster options', () => {
  const random = { u32: () => 0 };
  const cluster = (flags: Record<string, RawValue>) =>
    parseClusterOptions(new Map(Object.entries(flags)), HOME, random);

  it('give each node a port, a folder and a name of its own', () => {
    const { topology, nodes } = cluster({ dataDir: '/data' });
    expect(topology).toBe('mesh');
    expect(nodes.map(({ port, dataDir, name }) => [port, dataDir, name])).toEqual([
      [5000, '/data/5000', 'node-5000'],
      [5001, '/data/5001', 'node-5001'],
      [5002, '/data/5002', 'node-5002'],
    ]);
  });

  it('connect the nodes as the topology says, and leave it at that', () => {
    const { nodes, dials } = cluster({
      nodes: '3',
      basePort: '7000',
      topology: 'line',
      peer: ['http://far:1'],
      ephemeral: true,
    });
    expect(dials).toEqual([[], [0], [1]]);
    expect(nodes.map(siblingUrl)).toEqual([7000, 7001, 7002].map((port) => `http://127.0.0.1:${port}`));
    // Who else may listen at their ports is not known yet.
    expect(nodes.map(({ peers }) => peers)).toEqual(Array(3).fill(['http://far:1']));
    expect(nodes.map(({ discovery, dataDir }) => [discovery, dataDir])).toEqual(Array(3).fill([false, null]));
  });

  it('let the nodes of a run find each other and nobody else, unless discovery is asked for', () => {
    const first = cluster({}).nodes;
    expect(new Set(first.map(({ runId }) => runId)).size).toBe(1);
    expect(first[0]?.runId).not.toBeNull();
    expect(first.map(({ discovery }) => discovery)).toEqual([true, true, true]);
    const asked = cluster({ discovery: true }).nodes;
    expect(asked.map(({ runId, discovery }) => [runId, discovery])).toEqual(Array(3).fill([null, true]));
    expect(cluster({ noDiscovery: true }).nodes[0]?.discovery).toBe(false);
  });

  it('give each run an id of its own', () => {
    const values = [1, 2, 3, 4];
    const numbered = { u32: () => values.shift() ?? 0 };
    const ids = [1, 2].map(() => parseClusterOptions(new Map(), HOME, numbered).nodes[0]?.runId);
    expect(new Set(ids).size).toBe(2);
  });

  it('let mining programs connect at one port for each node, from that of the first', () => {
    const ports = (stratum: string) => cluster({ stratum }).nodes.map((node) => node.stratum?.port);
    expect(ports('3333')).toEqual([3333, 3334, 3335]);
    expect(ports('0')).toEqual([0, 0, 0]);
    expect(() => ports('65534')).toThrow(/^--stratum 65534 leaves no ports for the other nodes/);
  });

  it('announce one URL for each node, from that of the first', () => {
    const { nodes } = cluster({ announce: 'http://lab.example.org:7000' });
    expect(nodes.map(({ announce }) => announce)).toEqual([
      'http://lab.example.org:7000',
      'http://lab.example.org:7001',
      'http://lab.example.org:7002',
    ]);
  });

  it.each<[Record<string, RawValue>, string]>([
    [
      { basePort: '5059' },
      '--base-port: browsers refuse to connect to port 5060, which belongs to another protocol; choose another',
    ],
    [
      { announce: 'http://x:65534' },
      '--announce http://x:65534 leaves no ports for the other nodes: those follow it, up to 65535',
    ],
    [
      { announce: 'https://x/lab' },
      '--announce https://x:443/lab holds a base path, which the nodes would share; run each of them by: forklore node',
    ],
    [
      { discovery: true, topology: 'ring' },
      '--discovery would connect every node to every other, which contradicts --topology ring: give one',
    ],
    [{ nodes: '65' }, '--nodes must be a whole number from 1 to 64, not "65"'],
    [{ nodes: '5', basePort: '65532' }, '--base-port must be a whole number from 1 to 65531, not "65532"'],
    [{ topology: 'tree' }, '--topology must be mesh, line, ring, star or random, not "tree"'],
  ])('refuse %j', (flags, message) => {
    expect(() => cluster(flags)).toThrow(new OptionError(message));
  });
});
