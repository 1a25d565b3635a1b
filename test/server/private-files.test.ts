import { chmod, lstat, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openPrivateFolder, PrivateFileError } from '../../server/private-files.ts';

describe('a private folder', () => {
  let base: string;
  let path: string;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'forklore-test-'));
    path = join(base, 'forklore-1000');
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(base, { recursive: true, force: true });
  });

  it.each([0o000, 0o002, 0o022, 0o277])(
    'is made for the owner alone with umask %o, and can be opened again',
    async (umask) => {
      const before = process.umask(umask);
      try {
        openPrivateFolder(path);
      } finally {
        process.umask(before);
      }
      openPrivateFolder(path);
      expect((await lstat(path)).mode & 0o777).toBe(0o700);
    },
  );

  it('is no link, even to a folder of the user', async () => {
    const real = join(base, 'real');
    await mkdir(real, 0o700);
    await symlink(real, path);
    expect(() => openPrivateFolder(path)).toThrow(new PrivateFileError(`${path} is not a folder`));
  });

  it('is not one that a group can write', async () => {
    await mkdir(path);
    await chmod(path, 0o775);
    expect(() => openPrivateFolder(path)).toThrow(
      new PrivateFileError(`${path} can be written by other users; run: chmod 700 ${path}`),
    );
  });

  it('is not where everybody could put another one in its place', async () => {
    openPrivateFolder(path);
    await chmod(base, 0o777);
    expect(() => openPrivateFolder(path)).toThrow(
      /^everybody can rename what is in .*; choose another folder, or run: chmod \+t/,
    );
    await chmod(base, 0o1777);
    openPrivateFolder(path);
  });

  it('is not one of another user', () => {
    openPrivateFolder(path);
    vi.spyOn(process, 'getuid').mockReturnValue((process.getuid?.() ?? 0) + 1);
    expect(() => openPrivateFolder(path)).toThrow(new PrivateFileError(`${path} belongs to another user`));
  });
});
