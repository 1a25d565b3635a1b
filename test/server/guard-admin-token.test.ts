import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminTokenError, loadAdminToken, requiresToken } from '../../server/admin-token.ts';

describe('admin token', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forklore-test-'));
    file = join(folder, 'deep', 'admin-token');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is created once, for the owner alone', async () => {
    const [first, second] = await Promise.all([loadAdminToken(file), loadAdminToken(file)]);
    const text = (await readFile(file, 'utf8')).trim();
    expect(text).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (const token of [first, second, await loadAdminToken(file)]) {
      expect(token.accepts(`Bearer ${text}`)).toBe(true);
      expect(token.accepts(`bearer ${text}`)).toBe(true);
      expect(token.accepts(text)).toBe(false);
      expect(token.accepts(`Basic ${text}`)).toBe(false);
      expect(token.accepts(`Bearer ${text}0`)).toBe(false);
      expect(token.accepts('Bearer ')).toBe(false);
      expect(token.accepts(undefined)).toBe(false);
    }
  });

  it('refuses a file that others can read or that holds something else', async () => {
    await loadAdminToken(file);
    await chmod(file, 0o644);
    await expect(loadAdminToken(file)).rejects.toEqual(
      new AdminTokenError(`${file} can be read by other users; run: chmod 600 ${file}`),
    );
    await chmod(file, 0o600);
    await writeFile(file, 'password');
    await expect(loadAdminToken(file)).rejects.toThrow(AdminTokenError);
  });

  it('is needed where others can call', () => {
    expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1'].map(requiresToken)).toEqual([false, false, false, false]);
    expect(['0.0.0.0', '::', '192.168.1.5', '127.example.org'].map(requiresToken)).toEqual([true, true, true, true]);
  });
});
