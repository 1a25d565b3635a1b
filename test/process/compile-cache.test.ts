import { statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { removeFolders, run, temporaryFolder } from '../../testing/processes.ts';

const canCache = 'enableCompileCache' in module;
const OTHERS = 0o077;

afterAll(removeFolders);

test.runIf(process.platform === 'linux')('compiled code is kept in a folder of the user alone', async () => {
  const cache = temporaryFolder();
  const { code } = await run(['--version'], { XDG_CACHE_HOME: cache });
  expect(code).toBe(0);
  const folder = statSync(join(cache, 'forklore', 'compiled'), { throwIfNoEntry: false });
  expect(folder?.isDirectory() ?? false).toBe(canCache);
  if (folder) expect(folder.mode & OTHERS).toBe(0);
});

test('a user without a place for compiled code only starts more slowly', async () => {
  const { code, stderr } = await run(['--version'], { XDG_CACHE_HOME: '/dev/null/nowhere', HOME: '/dev/null' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
