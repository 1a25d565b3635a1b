import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryName, readEntries } from '../../../server/discovery/node-entry.ts';
import { LocalRegistry } from '../../../server/discovery/registry.ts';
import { runtimeDirectory } from '../../../server/discovery/runtime-directory.ts';

const GENESIS = '00'.repeat(8) + 'ab'.repeat(24);
const OTHER_GENESIS = '00'.repeat(8) + 'cd'.repeat(24);

describe('local registry', () => {
  let directory: string;
  const open: LocalRegistry[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'forklore-test-'));
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((registry) => registry.close()));
    await rm(directory, { recursive: true, force: true });
  });

  function node(port: number, genesisHash = GENESIS, folder = directory, runId: string | null = null) {
    const found: string[] = [];
    const gone: string[] = [];
    const problems: string[] = [];
    const waiting: (() => void)[] = [];
    const registry = new LocalRegistry({
      directory: folder,
      genesisHash,
      url: `http://127.0.0.1:${port}`,
      runId,
      onFound: (url) => {
        found.push(url);
        for (const wake of waiting.splice(0)) wake();
      },
      onGone: (url) => {
        gone.push(url);
        for (const wake of waiting.splice(0)) wake();
      },
      onProblem: (reason) => problems.push(reason),
    });
    open.push(registry);
    const until = async (list: readonly string[], count: number) => {
      while (list.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
      return list;
    };
    /** Waits until so many were found. */
    const finds = (count: number) => until(found, count);
    /** Waits until so many are gone. */
    const misses = (count: number) => until(gone, count);
    return { registry, found, problems, finds, misses };
  }

  it('lets two nodes find each other at once', async () => {
    const a = node(5000);
    const b = node(5001);
    await a.registry.start();
    const since = performance.now();
    await b.registry.start();
    expect(b.found).toEqual(['http://127.0.0.1:5000']);
    expect(await a.finds(1)).toEqual(['http://127.0.0.1:5001']);
    expect(performance.now() - since).toBeLessThan(3_000);
    expect([...a.problems, ...b.problems]).toEqual([]);
  });

  it('reports a node once, and again when it comes back', async () => {
    const a = node(5000);
    const b = node(5001);
    await a.registry.start();
    await b.registry.start();
    await a.finds(1);
    await b.registry.close();
    const again = node(5001);
    await again.registry.start();
    expect(await a.finds(2)).toEqual(['http://127.0.0.1:5001', 'http://127.0.0.1:5001']);
    const c = node(5002);
    await c.registry.start();
    expect((await a.finds(3))[2]).toBe('http://127.0.0.1:5002');
  });

  it('keeps the networks apart', async () => {
    const a = node(5000);
    const stranger = node(5001, OTHER_GENESIS);
    const b = node(5002);
    await a.registry.start();
    await stranger.registry.start();
    await b.registry.start();
    expect(await a.finds(1)).toEqual(['http://127.0.0.1:5002']);
    expect(stranger.found).toEqual([]);
    expect((await readEntries(directory)).map(({ entry }) => entry.url).sort()).toEqual([
      'http://127.0.0.1:5000',
      'http://127.0.0.1:5001',
      'http://127.0.0.1:5002',
    ]);
  });

  it('keeps its file private and takes it away', async () => {
    const a = node(5000);
    await a.registry.start();
    const [name] = await readdir(directory);
    expect((await stat(join(directory, name!))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(directory, name!), 'utf8'))).toMatchObject({
      url: 'http://127.0.0.1:5000',
      pid: process.pid,
      genesisHash: GENESIS,
    });
    await a.registry.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it('writes its file again when somebody removes it', async () => {
    const a = node(5000);
    const b = node(5001);
    await a.registry.start();
    await b.registry.start();
    await a.finds(1);
    for (const name of await readdir(directory)) await rm(join(directory, name));
    expect(await a.finds(2)).toEqual(['http://127.0.0.1:5001', 'http://127.0.0.1:5001']);
  });

  it('removes the entries of processes that are gone', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const entry = {
      url: 'http://127.0.0.1:5009',
      pid,
      genesisHash: GENESIS,
      runId: null,
      startedAt: new Date().toISOString(),
    };
    await writeFile(join(directory, entryName(entry)), JSON.stringify(entry));
    const a = node(5000);
    await a.registry.start();
    expect(a.found).toEqual([]);
    expect(await readdir(directory)).toHaveLength(1);
  });

  it('ignores foreign and malformed files', async () => {
    const entry = { url: 'http://127.0.0.1:5001', pid: process.pid, genesisHash: GENESIS, runId: null, startedAt: '' };
    const name = entryName(entry);
    await writeFile(join(directory, 'README.md'), 'hello');
    await writeFile(join(directory, name), '{');
    await writeFile(join(directory, name.replace('5001', '5002')), JSON.stringify(entry));
    const bad = [
      null,
      [],
      { ...entry, url: 'ftp://x' },
      { ...entry, pid: -1 },
      { ...entry, genesisHash: 'x' },
      { ...entry, runId: 1 },
    ];
    for (const [i, value] of bad.entries()) {
      await writeFile(join(directory, name.replace('5001', `510${i}`)), JSON.stringify(value));
    }
    await writeFile(join(directory, name.replace('5001', '5003')), ' '.repeat(5_000));
    await symlink('/dev/zero', join(directory, name.replace('5001', '5004')));
    await mkdir(join(directory, name.replace('5001', '5005')));
    const a = node(5000);
    await a.registry.start();
    expect(a.found).toEqual([]);
    expect(await readEntries(directory)).toHaveLength(1);
    expect(await readdir(directory)).toHaveLength(13);
  });

  it('finds a file that changed without the system saying so', async () => {
    const a = node(5000);
    const b = node(5001);
    await a.registry.start();
    await b.registry.start();
    await a.finds(1);
    const name = (await readdir(directory)).find((file) => file.includes('-5001.'));
    await utimes(join(directory, name!), new Date(0), new Date(0));
    expect(await a.finds(2)).toHaveLength(2);
  });

  it('goes on without a folder that it cannot use, and says so', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const a = node(5000, GENESIS, join(file, 'below'));
    await a.registry.start();
    expect(a.problems).toHaveLength(1);
    expect(a.problems[0]).toMatch(/^ENOTDIR/);
    const open = join(directory, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    const b = node(5001, GENESIS, open);
    await b.registry.start();
    expect(b.problems).toEqual([`${open} can be written by other users; run: chmod 700 ${open}`]);
  });

  it('keeps the nodes of a run to themselves, and lets those of one find each other', async () => {
    const own = node(5000);
    const a = node(5001, GENESIS, directory, 'a');
    const alsoA = node(5002, GENESIS, directory, 'a');
    const b = node(5003, GENESIS, directory, 'b');
    const alsoOwn = node(5004);
    for (const { registry } of [own, a, alsoA, b, alsoOwn]) await registry.start();
    expect(await own.finds(1)).toEqual(['http://127.0.0.1:5004']);
    expect(await a.finds(1)).toEqual(['http://127.0.0.1:5002']);
    expect(alsoA.found).toEqual(['http://127.0.0.1:5001']);
    expect(b.found).toEqual([]);
    expect(alsoOwn.found).toEqual(['http://127.0.0.1:5000']);
  });

  it('says when a node that was found runs no more, and when one comes that has its port', async () => {
    const a = node(5000);
    const b = node(5001);
    await a.registry.start();
    await b.registry.start();
    await a.finds(1);
    await b.registry.close();
    expect(await a.misses(1)).toEqual(['http://127.0.0.1:5001']);
    const demonstration = node(5001, GENESIS, directory, 'run');
    await demonstration.registry.start();
    const c = node(5002);
    await c.registry.start();
    expect((await a.finds(2))[1]).toBe('http://127.0.0.1:5002');
  });
});

describe('runtime directory', () => {
  it('follows the environment', () => {
    expect(runtimeDirectory({ FORKLORE_RUNTIME_DIR: '/a', XDG_RUNTIME_DIR: '/b' })).toBe('/a');
    expect(runtimeDirectory({ FORKLORE_RUNTIME_DIR: '', XDG_RUNTIME_DIR: '/b' })).toBe('/b/forklore');
    expect(runtimeDirectory({})).toMatch(/forklore-\w+$/);
  });
});
