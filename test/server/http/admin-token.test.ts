import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PrivateFileError } from '../../../server/files/private-files.ts';
import { AdminTokenError, loadAdminToken } from '../../../server/http/admin-token.ts';

describe('admin token', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forklore-test-'));
    file = join(folder, 'deep', 'admin-token');
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  it('is created once, for the owner alone', async () => {
    const [first, second] = [loadAdminToken(file), loadAdminToken(file)];
    const text = (await readFile(file, 'utf8')).trim();
    expect(text).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (const token of [first, second]) {
      expect(token.accepts(`Bearer ${text}`)).toBe(true);
      expect(token.accepts(`bearer ${text}`)).toBe(true);
      expect(token.accepts(text)).toBe(false);
      expect(token.accepts(`Basic ${text}`)).toBe(false);
      expect(token.accepts(`Bearer ${text}0`)).toBe(false);
      expect(token.accepts('Bearer ')).toBe(false);
      expect(token.accepts(undefined)).toBe(false);
    }
  });

  it('is the same for many nodes that start at once, whatever the umask is', async () => {
    const program = `
      import { loadAdminToken } from ${JSON.stringify(join(import.meta.dirname, '../../../server/http/admin-token.ts'))};
      process.umask(0o277);
      loadAdminToken(${JSON.stringify(file)});`;
    const start = () =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program]);
    await Promise.all([start(), start(), start()]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'deep'))).toEqual(['admin-token']);
    expect(loadAdminToken(file).accepts(`Bearer ${(await readFile(file, 'utf8')).trim()}`)).toBe(true);
  });

  it('refuses a file that others can read or that holds something else', async () => {
    loadAdminToken(file);
    await chmod(file, 0o644);
    expect(() => loadAdminToken(file)).toThrow(
      new PrivateFileError(`${file} can be read by other users; run: chmod 600 ${file}`),
    );
    await chmod(file, 0o600);
    await writeFile(file, 'password');
    expect(() => loadAdminToken(file)).toThrow(AdminTokenError);
  });

  it('follows no link, neither to a token nor to nothing', async () => {
    const planted = join(folder, 'planted');
    loadAdminToken(planted);
    loadAdminToken(file);
    await rm(file);
    for (const target of [planted, join(folder, 'missing')]) {
      await symlink(target, file);
      expect(() => loadAdminToken(file)).toThrow(
        new PrivateFileError(`${file} is a symbolic link, which is not followed; give the file itself`),
      );
      await rm(file);
    }
    expect((await readdir(folder)).sort()).toEqual(['deep', 'planted']);
  });

  it('refuses what is no file without waiting for it', async () => {
    expect(() => loadAdminToken(folder)).toThrow(new PrivateFileError(`${folder} is not a file`));
    const pipe = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', ['-m', '600', pipe]);
    expect(() => loadAdminToken(pipe)).toThrow(new PrivateFileError(`${pipe} is not a file`));
  });

  it('names what is wrong with the place of its file', () => {
    loadAdminToken(join(folder, 'file'));
    const below = join(folder, 'file', 'token');
    expect(() => loadAdminToken(below)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/cannot be kept in .*; name another file with --admin-token-file$/),
      }),
    );
  });

  it('refuses a file of another user', () => {
    loadAdminToken(file);
    vi.spyOn(process, 'getuid').mockReturnValue((process.getuid?.() ?? 0) + 1);
    expect(() => loadAdminToken(file)).toThrow(new PrivateFileError(`${file} belongs to another user`));
  });

  it('never takes a token that a file held which is exchanged while it is looked at', async () => {
    const planted = 'ab'.repeat(32);
    loadAdminToken(file);
    const state = new SharedArrayBuffer(4);
    const exchange = new Worker(
      `const { copyFileSync, chmodSync, renameSync, writeFileSync } = require('node:fs');
      const { workerData: { file, planted, state } } = require('node:worker_threads');
      copyFileSync(file, file + '.own');
      for (const flag = new Int32Array(state); Atomics.load(flag, 0) < 2; ) {
        writeFileSync(file + '.planted', planted);
        chmodSync(file + '.planted', 0o644);
        renameSync(file + '.planted', file);
        copyFileSync(file + '.own', file + '.next');
        chmodSync(file + '.next', 0o600);
        renameSync(file + '.next', file);
        Atomics.store(flag, 0, Math.max(1, Atomics.load(flag, 0)));
        Atomics.notify(flag, 0);
      }`,
      { eval: true, workerData: { file, planted, state } },
    );
    const flag = new Int32Array(state);
    Atomics.wait(flag, 0, 0);
    let taken = 0;
    for (let i = 0; i < 2_000; i++) {
      try {
        if (loadAdminToken(file).accepts(`Bearer ${planted}`)) taken++;
      } catch (error) {
        expect(error).toBeInstanceOf(PrivateFileError);
      }
    }
    Atomics.store(flag, 0, 2);
    await once(exchange, 'exit');
    expect(taken).toBe(0);
  });
});
