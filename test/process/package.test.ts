import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { killPrograms, removeFolders, startNode, temporaryFolder } from '../support/processes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** With an empty npm cache the few dependencies come from the registry. */
const INSTALL_LIMIT_MS = 30_000;
/** The test run has just built; building once more would take the program away from the other tests. */
const NO_SCRIPTS = '--ignore-scripts';

const execute = promisify(execFile);
let folder: string;
let files: string[];

/** Runs npm, or what npm brings, in a folder. */
const npm = (command: 'npm' | 'npx', args: readonly string[], cwd: string) =>
  execute(command, args, { cwd, timeout: INSTALL_LIMIT_MS, encoding: 'utf8' });

beforeAll(async () => {
  folder = temporaryFolder();
  const packed = await npm('npm', ['pack', '--json', NO_SCRIPTS, '--pack-destination', folder], ROOT);
  const [{ filename, files: contents }] = JSON.parse(packed.stdout);
  files = contents.map(({ path }: { path: string }) => path);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const flags = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', NO_SCRIPTS];
  await npm('npm', ['install', ...flags, `./${filename}`], folder);
}, 2 * INSTALL_LIMIT_MS);

afterAll(async () => {
  await killPrograms();
  removeFolders();
});

describe('the program of a checkout', () => {
  it('can be run by its name, also after it was built anew', () => {
    if (process.platform === 'win32') return;
    expect(statSync(join(ROOT, 'dist/forklore.js')).mode & 0o111).toBe(0o111);
  });
});

describe('the package, installed alone in an empty folder', () => {
  it('holds what is run and read, and no sources or tests', () => {
    const wanted = ['dist/forklore.js', 'dist/dashboard/index.html', 'schema.graphql', 'README.md', 'package.json'];
    expect(files).toEqual(expect.arrayContaining(wanted));
    for (const path of files)
      expect(path).not.toMatch(/^(test(?!\/vectors)|server|protocol|consensus|workers|dashboard|scripts)\//);
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
    const program = join(folder, 'node_modules', 'forklore', 'dist', 'forklore.js');
    const flags = ['--port', '0', '--ephemeral', '--network', 'regtest', '--no-discovery'];
    const node = await startNode(flags, { FORKLORE_RUNTIME_DIR: folder }, program);
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
