import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import {
  type BannerValues,
  banner,
  clusterBanner,
  dashboardBanner,
  genesisAccounts,
  startBanner,
} from '../../cli/output/banner.ts';
import {
  formatClock,
  formatDuration,
  formatHashrate,
  formatTime,
  openTerminal,
  record,
  wantsColors,
} from '../../cli/output/output.ts';
import { table } from '../../cli/output/table.ts';
import { parseClusterOptions } from '../../cli/settings/cluster-settings.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';

const plain = picocolors.createColors(false);

describe('formatHashrate', () => {
  it.each([
    [0, '0 H/s'],
    [512.4, '512 H/s'],
    [999.4, '999 H/s'],
    [999.5, '1.00 kH/s'],
    [1_250_000, '1.25 MH/s'],
    [999_499_999, '999 MH/s'],
    [999_500_000, '1.00 GH/s'],
    [3e18, '3.00e+3 PH/s'],
  ])('shows %d as %s', (value, text) => expect(formatHashrate(value)).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [0, '0.0 s'],
    [0.42, '0.4 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [7_500, '2 h 5 min'],
    [86_400 * 3 + 4 * 3_600, '3 d 4 h'],
    [86_400 * 1_130 + 2 * 3_600, '3 y 35 d'],
    [Number.POSITIVE_INFINITY, 'unknown'],
    [Number.NaN, 'unknown'],
  ])('shows %d seconds as %s', (value, text) => expect(formatDuration(value)).toBe(text));
});

it('shows how far a time is from now', () => {
  const iso = '2026-01-01T00:00:00.000Z';
  expect(formatTime(iso, Date.parse(iso) + 12_000)).toBe(`${iso} (12 s ago)`);
  expect(formatTime(iso, Date.parse(iso) - 12_000)).toBe(`${iso} (its clock is 12 s ahead)`);
});

it('shows how far a clock is from the one of this machine', () => {
  const iso = '2026-01-01T00:00:00.000Z';
  expect(formatClock(iso, Date.parse(iso) + 9_300)).toBe(`${iso} (9.3 s behind)`);
  expect(formatClock(iso, Date.parse(iso) - 12_000)).toBe(`${iso} (12 s ahead)`);
});

it('draws tables without lines and with aligned numbers', () => {
  const drawn = table(
    plain,
    ['name', 'coins'],
    [
      ['Alice', '5'],
      ['Bob', '1000'],
    ],
    ['coins'],
  );
  expect(drawn).toBe('name   coins\nAlice      5\nBob     1000');
});

it('draws records with aligned values', () => {
  expect(
    record(plain, [
      ['id', '1'],
      ['height', '2'],
    ]),
  ).toBe('id      1\nheight  2');
});

describe('colours and progress', () => {
  const stream = (isTTY: boolean) => {
    const written: string[] = [];
    return { written, isTTY, columns: 20, write: (text: string) => written.push(text) };
  };

  it('are for terminals, and respect NO_COLOR', () => {
    expect(wantsColors(stream(true), {})).toBe(true);
    expect(wantsColors(stream(true), { NO_COLOR: '' })).toBe(true);
    expect(wantsColors(stream(true), { NO_COLOR: '1' })).toBe(false);
    expect(wantsColors(stream(false), {})).toBe(false);
  });

  it('draw nothing where there is no terminal', () => {
    const errors = stream(false);
    const progress = openTerminal(stream(false), errors, {}).progressLine();
    progress.update('half');
    progress.clear();
    expect(errors.written).toEqual([]);
  });

  it('never wrap on a terminal, and are removed', () => {
    const errors = stream(true);
    const progress = openTerminal(stream(true), errors, {}).progressLine();
    progress.update('a line that is much longer than the terminal is wide');
    progress.clear();
    expect(errors.written).toEqual(['\r\u001b[2Ka line that is much', '\r\u001b[2K']);
  });
});

describe('the banner', () => {
  const values: BannerValues = {
    version: '0.1.0',
    name: 'node-5000',
    network: 'lab',
    genesisHash: '0123456789abcdef'.repeat(4),
    graphqlUrl: 'http://127.0.0.1:5000/graphql',
    networkUrls: [],
    announce: null,
    playgroundUrl: 'http://127.0.0.1:5000/graphql',
    dataDir: '/data/lab/5000',
    tipHeight: 12,
    tipHash: 'fedcba9876543210'.repeat(4),
    mining: 'continuous, 1 thread',
    stratum: '127.0.0.1:3333',
    adminTokenFile: null,
    developmentAccounts: [
      { name: 'Alice', address: 'lore1alice', balance: 100_000_000_000n },
      { name: 'Bob', address: 'lore1bob', balance: 50_000_000n },
    ],
    listedAccounts: null,
    colors: false,
  };

  it('says where everything is, and warns of the development accounts', () => {
    expect(banner(values)).toBe(`
  Forklore 0.1.0  node-5000

  GraphQL      http://127.0.0.1:5000/graphql
  Playground   http://127.0.0.1:5000/graphql
  Network      lab, genesis 01234567…89abcdef
  Data folder  /data/lab/5000
  Tip          height 12, fedcba98…76543210
  Mining       continuous, 1 thread
  Stratum      127.0.0.1:3333, for mining programs

  Development accounts  address     at genesis
  Alice                 lore1alice        1000
  Bob                   lore1bob           0.5
   PUBLICLY KNOWN KEYS  Everyone can spend from these accounts. Never send them anything of value.

`);
  });

  it('says what is not there', () => {
    const text = banner({
      ...values,
      playgroundUrl: null,
      dataDir: null,
      mining: null,
      adminTokenFile: '/data/token',
      developmentAccounts: [],
    });
    expect(text).toContain('Playground   off (--graphiql serves it)');
    expect(text).toContain('Data folder  none: everything is kept in memory and lost at exit');
    expect(text).toContain('Mining       on demand');
    expect(text).toContain('Admin token  /data/token');
    expect(text).not.toContain('PUBLICLY KNOWN KEYS');
  });

  it('says where others reach the node, and what it tells them', () => {
    const networkUrls = ['http://192.0.2.7:5000/graphql', 'http://198.51.100.7:5000/graphql'];
    const text = banner({ ...values, networkUrls, announce: 'https://lab.example.org:443' });
    for (const url of networkUrls) expect(text).toContain(`On the network  ${url}\n`);
    expect(text).toContain('Announced as    https://lab.example.org:443\n');
  });

  it('is coloured only where that was asked for', () => {
    expect(banner(values)).not.toContain('\u001b');
    expect(banner({ ...values, colors: true })).toContain('\u001b[');
  });

  const ROW = {
    name: 'node-5000',
    url: 'http://127.0.0.1:5000',
    height: 3,
    tokenFile: null,
    isPlaygroundServed: true,
    stratum: null,
  };
  const PLACE = { url: 'http://127.0.0.1:8000', networkUrls: [] };

  it('of nodes that others reach says where, names the file of the token, and offers no playground that is off', () => {
    const { nodes } = parseClusterOptions(new Map([['nodes', '1']]), {}, { u32: () => 0 });
    const row = { ...ROW, tokenFile: '/run/admin-token', isPlaygroundServed: false };
    const place = { ...PLACE, networkUrls: ['http://192.0.2.7:8000'] };
    const text = startBanner(place, [row, { ...row, name: 'node-5001' }], nodes);
    expect(text).toMatch(
      /^\n {2}Forklore dashboard: http:\/\/127\.0\.0\.1:8000\n {2}on the network: {5}http:\/\/192\.0\.2\.7:8000\n/,
    );
    expect(text.match(/Admin token {2}\/run\/admin-token\n/g)).toHaveLength(1);
    expect(text).toContain('everyone else can only read and send signed transactions');
    expect(text).toContain('GraphQL (--graphiql serves the playground)');
    expect(startBanner(PLACE, [ROW], nodes)).toContain('GraphQL and playground');
    expect(clusterBanner([row], nodes, ['192.0.2.7'])).toContain(
      'On the network  http://192.0.2.7 and the same ports\n',
    );
  });

  it('of a cluster lists the nodes that run and the accounts of their network', () => {
    const { nodes } = parseClusterOptions(new Map([['nodes', '2']]), {}, { u32: () => 0 });
    const text = clusterBanner([ROW], nodes);
    expect(text).toContain(`Forklore cluster: 1 of 2 nodes, lab, genesis ${LAB.genesis.hash.slice(0, 8)}…`);
    expect(text).toContain('node-5000  http://127.0.0.1:5000/graphql       3\n');
    expect(text).not.toContain('Stratum');
    expect(text).toContain('PUBLICLY KNOWN KEYS');
  });

  it('of a cluster names where mining programs connect to each node', () => {
    const { nodes } = parseClusterOptions(new Map([['nodes', '2']]), {}, { u32: () => 0 });
    const rows = [ROW, { ...ROW, name: 'node-5001', url: 'http://127.0.0.1:5001' }];
    const text = clusterBanner(
      rows.map((row, index) => ({ ...row, stratum: `127.0.0.1:${3333 + index}` })),
      nodes,
    );
    expect(text).toMatch(/height {2}Stratum, for mining programs\n/);
    expect(text).toContain('node-5000  http://127.0.0.1:5000/graphql       3  127.0.0.1:3333\n');
    expect(text).toContain('node-5001  http://127.0.0.1:5001/graphql       3  127.0.0.1:3334\n');
  });

  it('of a demonstration begins with the dashboard and ends with how to stop', () => {
    const { nodes } = parseClusterOptions(new Map([['nodes', '1']]), {}, { u32: () => 0 });
    const rows = [ROW];
    const text = startBanner(PLACE, rows, nodes);
    expect(text).toMatch(/^\n {2}Forklore dashboard: http:\/\/127\.0\.0\.1:8000\n/);
    expect(text).toContain(clusterBanner(rows, nodes).trim());
    expect(text).toMatch(/\n {2}Press Ctrl-C to stop\.\n\n$/);
    const inMemory = nodes.map((node) => ({ ...node, dataDir: null }));
    expect(startBanner(PLACE, rows, inMemory)).toContain('Everything is lost at exit; --data-dir FOLDER keeps it.');
    expect(text).not.toContain('\u001b');
    expect(startBanner(PLACE, rows, nodes, true)).toContain('\u001b[');
  });

  it('of the dashboard alone lists the nodes that it shows', () => {
    const text = dashboardBanner(PLACE, ['http://a:1', 'http://b:2']);
    expect(text).toBe(
      '\n  Forklore dashboard: http://127.0.0.1:8000\n\n  Nodes  http://a:1\n         http://b:2\n\n  Press Ctrl-C to stop.\n\n',
    );
  });

  it('shows the development accounts with the addresses and the money of their network', () => {
    expect(genesisAccounts(REGTEST)).toHaveLength(10);
    expect(genesisAccounts(REGTEST)[0]).toMatchObject({ name: 'Alice', balance: 100_000_000_000n });
    expect(genesisAccounts(REGTEST)[0]?.address).toMatch(/^rlore1/);
    expect(genesisAccounts({ ...REGTEST, developmentAccounts: null })).toEqual([]);
  });
});
