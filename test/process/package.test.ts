import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_CONSUMER, CLIENT_PROGRAM } from '../../testing/client-programs.ts';
import { followPage } from '../../testing/follow-page.ts';
import { freePorts } from '../../testing/free-ports.ts';
import { installPacked, npm, type PackedPackage } from '../../testing/packed-package.ts';
import { stepsOf } from '../../testing/page-commands.ts';
import { killPrograms, type NodeProcess, removeFolders, startNode, temporaryFolder } from '../../testing/processes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What configures the build of the page. */
const BUILD_ONLY = ['vite', '@sveltejs/vite-plugin-svelte'];
const NOTICES = 'THIRD-PARTY-NOTICES.txt';
const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/;

const LIBRARY_CONSUMER = `
import { NodeError, type RunningNetwork, type RunningNode, startNetwork, startNode } from 'forklore';
import { type Address, List } from 'forklore/contract';

declare class Tips {
  list: List<bigint>;
  tip(to: Address, amount: bigint): void;
}
export async function tip(node: RunningNode, address: string): Promise<void> {
  const tips = node.client.contract<Tips>(address, { from: 'Alice' });
  await tips.send.tip('Bob', 5n);
  // @ts-expect-error An amount is a bigint.
  await tips.send.tip('Bob', 5);
  // @ts-expect-error A field is no method.
  await tips.view.list();
}

export async function pay(signal: AbortSignal): Promise<string> {
  const node: RunningNode = await startNode({ mine: 'on-transaction', timeoutMs: 5_000, signal });
  const [alice] = node.accounts;
  if (alice === undefined) throw new NodeError('ended', 'no account');
  const { id } = await node.client.send({ from: alice, to: 'Bob', amount: 100_000_000n });
  // @ts-expect-error Coins as text are no amount.
  await node.client.send({ from: alice, to: 'Bob', amount: '1' });
  const snapshot: string = await node.snapshot();
  await node.revert(snapshot, { timeoutMs: 1_000 });
  await node[Symbol.asyncDispose]();
  return id;
}
export const network: Promise<RunningNetwork> = startNetwork({ nodes: 2, topology: 'star' });
// @ts-expect-error There is no such topology.
export const wrong = startNetwork({ topology: 'tree' });
`;

const VITEST_CONSUMER = `
import { networkTest, nodeTest, test } from 'forklore/vitest';

test('a node', async ({ node }) => {
  const height: number = (await node.client.tip()).height;
  if (height > 0) throw new Error(node.log().join());
});
const mined = nodeTest({ mine: 'on-transaction', accounts: { count: 2, balance: '5' } });
mined('accounts', ({ node }) => node.accounts.map(({ address }) => address.length));
networkTest({ nodes: 2 })('a network', async ({ network }) => await network.heal());
// @ts-expect-error There is no such setting.
export const wrong = nodeTest({ nodes: 2 });
`;

const CONTRACT_CONSUMER = `
import { type Address, CallFailedError, createContractWorld, type DeployedContract } from 'forklore/contract';

declare class Vote {
  constructor(options: string[]);
  vote(option: number): void;
  winner(): Address;
  private count(): number;
}
const world = createContractWorld({ height: 5, time: new Date() });
const [alice, bob] = world.accounts;
const vote: DeployedContract<Vote> = world.deploy<Vote>({ source: '', arguments: [['a']], from: alice, amount: 5n });
const { gasUsed, fee, result } = vote.with({ from: bob, amount: 1n }).send.vote(1);
export const sum: bigint = BigInt(gasUsed) + fee + vote.balance + world.balanceOf(vote);
export const nothing: null = result;
export const winner: string = vote.view.winner();
export const line = (error: CallFailedError): number | null => error.line;
world.time = '2030-01-01';
// @ts-expect-error An option is a number.
vote.send.vote('a');
// @ts-expect-error A private method cannot be called from outside.
vote.view.count();
world.deploy({ source: '', native: Vote, from: bob }).send.vote(0);
`;

/** Tests of the vote of the examples, which also runs natively. */
const CONTRACT_SUITE = `
import { readFileSync } from 'node:fs';
import { createContractWorld } from 'forklore/contract';
import { expect, test } from 'vitest';
import { Vote } from './vote.ts';

const source = readFileSync(new URL('./vote.ts', import.meta.url), 'utf8');

test.each([undefined, Vote])('votes', (native) => {
  const world = createContractWorld();
  const [alice, bob] = world.accounts;
  const vote = world.deploy({ source, native, arguments: ['lunch?', ['noodles', 'rice'], 200], from: alice });
  const { events } = vote.with({ from: bob }).send.vote(1);
  expect(events).toEqual([{ contract: vote.address, name: 'Voted', values: [bob.address, 'rice'] }]);
  expect(() => vote.with({ from: bob }).send.vote(1)).toThrow('this account has voted');
  expect(vote.view.result()).toEqual(['noodles: 0', 'rice: 1']);
  if (native === undefined) return;
  let cause;
  try {
    vote.send.vote(7);
  } catch (error) {
    ({ cause } = error);
  }
  expect(cause.stack).toMatch(/vote\\.ts:\\d+/);
});
`;

/**
 * A suite that says on standard output that its node and network run, and tests them once it is told to on standard input: so
 * several are there at the same time.
 */
const SUITE = `
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { startNetwork, startNode } from 'forklore';

const blocks = Number(process.argv[2]);
let node, network;
before(async () => {
  [node, network] = await Promise.all([startNode(), startNetwork({ nodes: 3, topology: 'ring' })]);
  await node.client.mine({ count: blocks });
  await network.nodes[0].client.mine({ count: 2 * blocks });
  console.log('running');
  await once(process.stdin, 'data');
});
after(async () => {
  await Promise.all([node.stop(), network.stop()]);
  process.stdin.unref();
});

test('the node is alone, on a chain of its own', async () => {
  assert.deepEqual(await node.client.peers(), []);
  assert.equal((await node.client.tip()).height, blocks);
});

test('the network has the nodes of this suite alone, on a chain of its own', async () => {
  assert.equal((await network.agree()).height, 2 * blocks);
  const urls = network.nodes.map(({ url }) => url);
  for (const { url, client } of network.nodes) {
    const peers = (await client.peers()).map((peer) => peer.url);
    assert.deepEqual(peers.sort(), urls.filter((other) => other !== url).sort());
  }
});
`;

/** The example that the documents show to programs. */
const CLIENT_EXAMPLE =
  /```ts\n(import [^`]*'forklore\/client';[^`]*)```/.exec(
    readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8'),
  )?.[1] ?? '';
/** How docs/first-contract.md installs the package, as it is in the folder of these tests. */
const INSTALLING = ['mkdir first-contract', 'cd first-contract', 'npm install forklore'];
const EXAMPLE_URL = 'http://127.0.0.1:5000';

const execute = promisify(execFile);
let folder: string;
let files: readonly string[];
let packed: PackedPackage;

/** Each of these packages has a part of its own in the file, with the text of a license. */
function expectNotices(file: string, packages: readonly string[]): void {
  const parts = readFileSync(file, 'utf8').split(/^-{80}$/m);
  for (const name of packages) {
    const part = parts.find((text) => text.trim().startsWith(`${name} `)) ?? '';
    expect(part, name).toMatch(
      /Permission is hereby granted|Permission to use|Apache License|SIL OPEN FONT LICENSE|Redistribution and use/i,
    );
  }
}

beforeAll(async () => {
  folder = temporaryFolder();
  packed = await installPacked(folder);
  files = packed.files;
  // That of this checkout: the package asks for one, and brings none.
  symlinkSync(join(ROOT, 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
});

afterAll(async () => {
  packed.close();
  await killPrograms();
  removeFolders();
});

/** A node of the installed package. */
function startInstalled(): Promise<NodeProcess> {
  const program = join(folder, 'node_modules', 'forklore', 'dist', 'forklore.js');
  const flags = ['--port', '0', '--ephemeral', '--network', 'regtest', '--no-discovery'];
  return startNode(flags, { FORKLORE_RUNTIME_DIR: folder }, program);
}

describe('the program of a checkout', () => {
  it('can be run by its name, also after it was rebuilt', () => {
    if (process.platform === 'win32') return;
    expect(statSync(join(ROOT, 'dist/forklore.js')).mode & 0o111).toBe(0o111);
    expect(statSync(join(ROOT, 'forklore.mjs')).mode & 0o111).toBe(0o111);
  });

  it('is there for npm before it is built, and is built when it is first run', async () => {
    const checkout = temporaryFolder();
    const called = () => promisify(execFile)(process.execPath, ['forklore.mjs', 'tip'], { cwd: checkout });
    cpSync(join(ROOT, 'forklore.mjs'), join(checkout, 'forklore.mjs'));
    for (const [folder, name] of [
      ['scripts', 'forklore.mjs'],
      ['dist', 'forklore.js'],
    ] as const) {
      mkdirSync(join(checkout, folder));
      writeFileSync(join(checkout, folder, name), `console.log('${folder}', process.argv[2])`);
      expect((await called()).stdout).toBe(`${folder} tip\n`);
    }
  });
});

describe('the package, installed alone in an empty folder', () => {
  it('holds what is run and read, and no sources or tests', () => {
    const wanted = [
      'forklore.mjs',
      'dist/forklore.js',
      'dist/dashboard/index.html',
      'schema.graphql',
      'README.md',
      'examples/contracts/vote/vote.ts',
      'package.json',
    ];
    wanted.push('npm-shrinkwrap.json', `dist/${NOTICES}`, `dist/dashboard/${NOTICES}`, `dist/browser/${NOTICES}`);
    wanted.push('dist/library.js', 'dist/client.js', 'dist/browser/client.js', 'dist/seed-task.js');
    wanted.push('dist/contract.js', 'dist/types/library/contract.d.ts');
    wanted.push('dist/types/library/main.d.ts', 'dist/types/client/browser.d.ts');
    expect(files).toEqual(expect.arrayContaining(wanted));
    for (const path of files)
      expect(path).not.toMatch(
        /^(test(?!\/vectors)|server|client|cli|library|examples(?!\/contracts)|protocol|consensus|workers|dashboard|scripts)\//,
      );
  });

  it('brings the dependencies that it was tested with, where our overrides do not reach', async () => {
    const { overrides, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const { packages } = JSON.parse(readFileSync(join(folder, 'node_modules/forklore/npm-shrinkwrap.json'), 'utf8'));
    for (const name of [...Object.keys(dependencies), 'msgpackr-extract']) {
      const { version } = packages[`node_modules/${name}`];
      expect(version).toBe(dependencies[name] ?? overrides[name]);
      const places = [join(folder, 'node_modules/forklore/node_modules', name), join(folder, 'node_modules', name)];
      const installed = places.find((place) => existsSync(place)) ?? '';
      expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).version).toBe(version);
    }
    expect(Object.keys(packages)).not.toContain('node_modules/vite');
    // In a checkout npm would take it for its lock file.
    expect(existsSync(join(ROOT, 'npm-shrinkwrap.json'))).toBe(false);
  });

  it('tells whose work is in the program, with their licenses', () => {
    const dist = join(folder, 'node_modules/forklore/dist');
    const maps = readdirSync(dist).filter((file) => file.endsWith('.map'));
    const sources = maps.flatMap((file): string[] => JSON.parse(readFileSync(join(dist, file), 'utf8')).sources);
    // Packages bring maps of their own, some of which lead to folders that are nowhere.
    const isThere = (name: string) => existsSync(join(ROOT, 'node_modules', name, 'package.json'));
    const bundled = new Set(sources.flatMap((source) => PACKAGE.exec(source)?.[1] ?? []).filter(isThere));
    expect(bundled.size).toBeGreaterThan(50);
    expectNotices(join(dist, NOTICES), [...bundled, '@graphql-yoga/render-graphiql']);
  });

  it('serves tools to agents, and holds no HTTP server for them', async () => {
    const client = new Client({ name: 'test', version: '0' });
    const args = ['--no-install', 'forklore', 'mcp', '--node', '1'];
    await client.connect(new StdioClientTransport({ command: 'npx', args, cwd: folder, stderr: 'pipe' }));
    expect((await client.listTools()).tools).toHaveLength(7);
    await client.close();
    const notices = readFileSync(join(folder, 'node_modules/forklore/dist', NOTICES), 'utf8');
    expect(notices).toMatch(/^@modelcontextprotocol\/sdk /m);
    for (const name of ['express', '@hono/node-server', 'hono', 'jose', 'raw-body']) {
      expect(notices).not.toMatch(new RegExp(`^${name} `, 'm'));
    }
  });

  it('tells whose work is in the page, its fonts too', () => {
    const rooms = ['dashboard', 'client'];
    const sources = rooms
      .flatMap((room) =>
        readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).map((file) => join(room, file)),
      )
      .filter((file) => /\.(ts|svelte)$/.test(file) && !file.startsWith(join('client', 'node', '/')))
      .map((file) => readFileSync(join(ROOT, file), 'utf8'));
    const imports = sources.flatMap((text) =>
      Array.from(
        text.matchAll(/\bimport (?!type )(?:[^'";]* from )?\(?'((?:@[^/']+\/)?[^./'][^/']*)/g),
        ([, name = '']) => name,
      ),
    );
    const used = new Set(imports.filter((name) => !name.startsWith('node:') && !BUILD_ONLY.includes(name)));
    const fonts = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).devDependencies).filter(
      (name) => name.startsWith('@fontsource'),
    );
    expect(fonts).toHaveLength(4);
    expect([...used]).toEqual(expect.arrayContaining(['svelte', '@urql/core', 'uplot']));
    expectNotices(join(folder, 'node_modules/forklore/dist/dashboard', NOTICES), [...used, ...fonts]);
  });

  it('gives programs a client of a node: mine, follow, send, wait', async () => {
    const node = await startInstalled();
    writeFileSync(join(folder, 'program.mjs'), CLIENT_PROGRAM);
    const { stdout } = await execute(process.execPath, ['program.mjs', node.url], { cwd: folder, encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual({
      network: 'regtest',
      followed: [1, 2],
      settled: { status: 'CONFIRMED', height: 3 },
      balance: '1001.5',
      rejected: 'insufficient-balance',
      reached: 3,
    });
    expect((await node.program.signal('SIGTERM')).code).toBe(0);
  });

  it('runs the example of the documents', async () => {
    const node = await startInstalled();
    expect(CLIENT_EXAMPLE).toContain(EXAMPLE_URL);
    writeFileSync(join(folder, 'example.mjs'), CLIENT_EXAMPLE.replace(EXAMPLE_URL, node.url));
    const { stdout } = await execute(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toMatch(/status: 'CONFIRMED'[\s\S]*\n1\n$/);
    expect((await node.program.signal('SIGTERM')).code).toBe(0);
  });

  it.each([
    ['nodenext', 'nodenext', 'typescript'],
    ['esnext', 'bundler', '@typescript/native'],
  ])('declares its types for %s modules, without packages that are not there', async (module, resolution, compiler) => {
    writeFileSync(join(folder, 'consumer.mts'), CLIENT_CONSUMER);
    writeFileSync(join(folder, 'example.mts'), CLIENT_EXAMPLE);
    writeFileSync(join(folder, 'library.mts'), LIBRARY_CONSUMER);
    writeFileSync(join(folder, 'fixture.mts'), VITEST_CONSUMER);
    writeFileSync(join(folder, 'contract.mts'), CONTRACT_CONSUMER);
    const options = ['--module', module, '--moduleResolution', resolution, '--target', 'es2023', '--lib', 'es2023,dom'];
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false', '--noEmit'];
    const tsc = join(ROOT, 'node_modules', compiler, 'bin/tsc');
    const checked = execute(
      process.execPath,
      [tsc, ...options, ...strict, 'consumer.mts', 'example.mts', 'library.mts', 'fixture.mts', 'contract.mts'],
      {
        cwd: folder,
      },
    );
    expect(
      await checked.then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
    ).toBe('');
  });

  it('runs contracts in tests, on the machine and natively', async () => {
    const suite = join(folder, 'suite');
    mkdirSync(suite);
    cpSync(join(ROOT, 'examples/contracts/vote/vote.ts'), join(suite, 'vote.ts'));
    writeFileSync(join(suite, 'vote.test.ts'), CONTRACT_SUITE);
    const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
    const { stdout } = await execute(process.execPath, [vitest, 'run', '--root', suite], { cwd: suite });
    expect(stdout).toContain('2 passed');
  });

  it('declares nothing by packages that users lack', () => {
    const declarations = files.filter((path) => path.endsWith('.d.ts'));
    expect(declarations).toContain('dist/types/client/document-error.d.ts');
    const texts = declarations.map((path) => readFileSync(join(folder, 'node_modules/forklore', path), 'utf8'));
    const packages = texts.flatMap((text) => [...text.matchAll(/(?:from|import\() ?['"]([^.'"][^'"]*)/g)]);
    // The one that users of `forklore/vitest` have.
    expect([...new Set(packages.map(([, name]) => name))]).toEqual(['vitest']);
  });

  it.each(['.', './client', './contract', './vitest', './schema.graphql', './package.json'])('exports %s', (name) => {
    const resolve = createRequire(join(folder, 'program.cjs')).resolve;
    expect(existsSync(resolve(join('forklore', name)))).toBe(true);
  });

  it('has entries and declarations that fit each other', async () => {
    const { messages } = await publint({
      pkgDir: join(folder, 'node_modules/forklore'),
      level: 'warning',
      strict: true,
    });
    expect(messages).toEqual([]);
  });

  it('can be required where the engine can', async () => {
    const program = `
      console.log(Object.keys(require('forklore')).sort().join(), typeof require('forklore/client').connectNode);
      require('forklore').startNode().then(async (node) => {
        console.log((await node.client.mine()).length);
        await node.stop();
      });`;
    const flags = process.features.require_module ? [] : ['--experimental-require-module'];
    const { stdout } = await execute(process.execPath, [...flags, '-e', program], { cwd: folder });
    expect(stdout).toBe('NodeError,startNetwork,startNode function\n1\n');
  });

  it('loads no server until a node is started', () => {
    const dist = join(folder, 'node_modules/forklore/dist');
    const loaded = new Set(['library.js']);
    for (const file of loaded) {
      const text = readFileSync(join(dist, file), 'utf8');
      for (const [, name = ''] of text.matchAll(/^(?:import|export)\b[^;]*?"\.\/([\w-]+\.js)"/gm)) loaded.add(name);
    }
    const sources = [...loaded].flatMap(
      (file): string[] => JSON.parse(readFileSync(join(dist, `${file}.map`), 'utf8')).sources,
    );
    expect(sources.filter((source) => !source.startsWith('../library/'))).toEqual([]);
  });

  it('writes a project for contracts, whose types are right and whose tests pass with the package alone', async () => {
    await npm('npx', ['--no-install', 'forklore', 'contract', 'new', 'piggy-bank'], folder);
    const project = join(folder, 'piggy-bank');
    await execute(process.execPath, [join(ROOT, 'node_modules/@typescript/native/bin/tsc'), '-p', project]);
    expect((await npm('npm', ['test'], project)).stdout).toMatch(/\bpass 2\n/);
  });

  it('runs as forklore', async () => {
    expect((await npm('npx', ['--no-install', 'forklore', '--version'], folder)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('names its own command where a hint is of use', async () => {
    const port = await freePorts(1);
    const refused = await npm(
      'npx',
      ['--no-install', 'forklore', 'tip', '--node', `http://127.0.0.1:${port}`],
      folder,
    ).catch((error: { stderr: string }) => error);
    expect(refused.stderr).toContain(`start one with: forklore node --port ${port}`);
  });

  it('runs a node with its playground and its worker threads', async () => {
    const node = await startInstalled();
    const page = await fetch(`${node.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('GraphiQL');
    await node.api.query('mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") { __typename } }');
    await node.api.query('mutation { mine { __typename } }');
    const { account } = await node.api.query('{ account(address: "Bob") { balance } }');
    expect(account).toEqual({ balance: '1001' });
    expect((await node.program.signal('SIGTERM')).code).toBe(0);
  });
});

describe('docs/library.md, beside the installed package', () => {
  const page = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
  const programs = Array.from(page.matchAll(/```ts\n([^`]*)```/g), ([, program = '']) => program);

  it.each([
    [0, 'CONFIRMED\n1\n'],
    [1, '2\n'],
  ])('its program %i prints %j', async (index, output) => {
    writeFileSync(join(folder, 'page.mjs'), programs[index] ?? '');
    const { stdout } = await execute(process.execPath, ['page.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(stdout).toBe(output);
  });
});

describe('docs/first-contract.md, beside the installed package', () => {
  it('can be followed as it stands, and shows what is printed', async () => {
    const steps = stepsOf(readFileSync(join(ROOT, 'docs/first-contract.md'), 'utf8'));
    const installing = steps.slice(0, INSTALLING.length).map((step) => step.kind === 'command' && step.line);
    expect(installing).toEqual(INSTALLING);
    const program = join(folder, 'node_modules/forklore/dist/forklore.js');
    const desk = { folder, program, port: await freePorts(2) };
    const { comparisons, failed } = await followPage(steps.slice(INSTALLING.length), desk);
    expect(comparisons.length).toBeGreaterThan(5);
    expect(failed).toEqual([
      'npx forklore contract check contracts/lunch-vote.ts',
      'npx forklore contract call ADDRESS vote 0 --from Carol',
    ]);
    for (const { line, shown, printed } of comparisons) expect(printed, line).toBe(shown);
  });
});

describe('the examples, beside the installed package', () => {
  /** Copies an example below the folder that the package is installed in. @returns its folder */
  function copied(name: string): string {
    const path = join(folder, name);
    cpSync(join(ROOT, 'examples', name), path, { recursive: true });
    return path;
  }

  it('run in node:test', async () => {
    const { stdout } = await execute(process.execPath, ['--test'], { cwd: copied('node-test') });
    expect(stdout).toMatch(/^# fail 0$/m);
    expect(stdout).toMatch(/^# pass 2$/m);
  });

  it('run in Vitest', async () => {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const cwd = copied('vitest');
    const environment = { ...process.env, NO_COLOR: '1' };
    const { stdout } = await execute(process.execPath, [vitest, 'run', '--root', cwd], { cwd, env: environment });
    expect(stdout).toMatch(/Tests {2}3 passed \(3\)/);
  });

  it('run contracts in Vitest, typed by their classes', async () => {
    const cwd = copied('contracts');
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const tsc = join(ROOT, 'node_modules/@typescript/native/bin/tsc');
    const sources = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
    const strict = [
      '--strict',
      '--noEmit',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--allowImportingTsExtensions',
    ];
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
    const [ran, checked] = await Promise.all([
      execute(process.execPath, [vitest, 'run', '--root', cwd], { cwd, env: { ...process.env, NO_COLOR: '1' } }),
      execute(process.execPath, [tsc, ...strict, ...types, ...sources], { cwd }).catch(({ stdout }) => ({ stdout })),
    ]);
    expect(ran.stdout).toMatch(/Test Files {2}8 passed \(8\)/);
    expect(checked.stdout).toBe('');
  });

  it('run in Jest', async () => {
    const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
    const cwd = copied('jest');
    const flags = ['--experimental-vm-modules', jest, '--ci', '--no-watchman', '--rootDir', cwd];
    const { stderr } = await execute(process.execPath, flags, { cwd });
    expect(stderr).toMatch(/^Tests: +2 passed, 2 total$/m);
  });
});

describe('two suites side by side', () => {
  /** Runs the suite. @returns its process, once its nodes run */
  async function startSuite(blocks: number) {
    const suite = spawn(process.execPath, ['suite.mjs', String(blocks)], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    suite.stdout.setEncoding('utf8');
    await new Promise<void>((resolve, reject) => {
      suite.once('close', () => reject(new Error(`the suite ended early: ${output}`)));
      suite.stdout.on('data', (text: string) => {
        output += text;
        if (output.includes('running')) resolve();
      });
    });
    const ended = once(suite, 'close').then(([code]) => ({ code, output: () => output }));
    return { finish: () => suite.stdin.end('go\n'), ended };
  }

  it('never meet: each sees its own nodes and chains alone', async () => {
    writeFileSync(join(folder, 'suite.mjs'), SUITE);
    const suites = await Promise.all([3, 5].map(startSuite));
    for (const { finish } of suites) finish();
    for (const { code, output } of await Promise.all(suites.map(({ ended }) => ended))) {
      expect({ code, output: output() }).toMatchObject({ code: 0, output: expect.stringMatching(/^# pass 2$/m) });
    }
  });
});
