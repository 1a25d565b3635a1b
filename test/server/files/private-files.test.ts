import { chmod, chown, lchown, lstat, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openPrivateFolder, PrivateFileError } from '../../../server/files/private-files.ts';

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
      /^every user can rename what is in .*; choose another folder, or run: chmod \+t/,
    );
    await chmod(base, 0o1777);
    openPrivateFolder(path);
  });

  /** Only root can give folders away. */
  const itAsRoot = it.runIf(process.getuid?.() === 0);
  const SELF = 4_321;
  const OTHER = 4_322;

  /** Has the folder and the one around it belong to these, and opens it as SELF. */
  async function openAsSelf(mode: number, uid: number, gid: number): Promise<void> {
    openPrivateFolder(path);
    await chown(path, SELF, SELF);
    await chown(base, uid, gid);
    await chmod(base, mode);
    vi.spyOn(process, 'getuid').mockReturnValue(SELF);
    openPrivateFolder(path);
  }

  itAsRoot.each([
    [
      'the owner',
      0o700,
      OTHER,
      OTHER,
      /^.* belongs to another user, who can rename what is in it; choose another folder$/,
    ],
    ['the owner, whom no sticky bit stops,', 0o1777, OTHER, OTHER, /^.* belongs to another user, who can rename/],
    ['a group', 0o775, SELF, OTHER, /^the group of the folder can rename what is in .*; .* or run: chmod \+t/],
    ['a group of root', 0o775, 0, OTHER, /^the group of the folder can rename what is in /],
  ])(
    'is not where %s of the folder around it could put another one in its place',
    async (_, mode, uid, gid, message) => {
      await expect(openAsSelf(mode, uid, gid)).rejects.toThrow(message);
      await expect(openAsSelf(mode, uid, gid)).rejects.toThrow(PrivateFileError);
    },
  );

  itAsRoot.each([
    ['/run/user/UID', 0o700, SELF, SELF],
    ['/tmp', 0o1777, 0, 0],
    ["a folder below a user's home with a umask of 002", 0o775, SELF, SELF],
    ['a folder that an image prepared for the group of root', 0o775, 0, 0],
    ['a volume of a pod, closed by a sticky bit', 0o3775, 0, OTHER],
    ['/tmp as seen in a user namespace', 0o1777, 65_534, 65_534],
  ])('is fine in %s', async (_, mode, uid, gid) => {
    await openAsSelf(mode, uid, gid);
  });

  it('is fine in a folder that the system leads to through a link', async () => {
    const link = join(base, 'link');
    await mkdir(join(base, 'real'), 0o700);
    await symlink(join(base, 'real'), link);
    openPrivateFolder(join(link, 'forklore-1000'));
  });

  itAsRoot("is not in one behind another user's link", async () => {
    const link = join(base, 'link');
    await symlink(base, link);
    await lchown(link, OTHER, OTHER);
    expect(() => openPrivateFolder(join(link, 'forklore-1000'))).toThrow(
      new PrivateFileError(`${link} belongs to another user, who can rename what is in it; choose another folder`),
    );
  });

  it('is not one of another user', () => {
    openPrivateFolder(path);
    vi.spyOn(process, 'getuid').mockReturnValue((process.getuid?.() ?? 0) + 1);
    expect(() => openPrivateFolder(path)).toThrow(new PrivateFileError(`${path} belongs to another user`));
  });
});
