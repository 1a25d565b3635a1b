import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkContract } from '../../client/check-contract.ts';
import { compileContract } from '../../consensus/contract/compile.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { forklore } from './stub-node.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forklore-new-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('writes a project whose contract compiles, and that has this checkout as its package', async () => {
  const project = join(folder, 'piggy-bank');
  const { code, stdout, stderr } = await forklore(['contract', 'new', project]);
  expect(code).toBe(0);
  const written = stdout.trim().split('\n');
  expect(written.sort()).toEqual(
    ['.gitignore', 'README.md', 'contracts/piggy-bank.ts', 'deploy.js', 'package.json', 'test/piggy-bank.test.js']
      .concat('tsconfig.json')
      .map((path) => join(project, path)),
  );
  for (const path of written) expect(existsSync(path)).toBe(true);
  expect(stderr).toBe(`\nnext: cd ${project} && npm install && npm test\n`);
  const source = read(project, 'contracts/piggy-bank.ts');
  expect(compileContract(utf8ToBytes(source)).name).toBe('PiggyBank');
  expect(checkContract(source).findings).toEqual([]);
  const { devDependencies } = JSON.parse(read(project, 'package.json'));
  expect(`${resolve(project, devDependencies.forklore.replace('file:', ''))}/`).toBe(ROOT);
});

it('needs no installation where the package is in a folder above', async () => {
  mkdirSync(join(folder, 'node_modules/forklore'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/forklore/package.json'), '{}');
  const project = join(folder, 'vote');
  expect((await forklore(['contract', 'new', project])).stderr).toBe(`\nnext: cd ${project} && npm test\n`);
});

it('replaces nothing', async () => {
  const project = join(folder, 'vote');
  mkdirSync(project);
  const { code, stderr } = await forklore(['contract', 'new', project]);
  expect(code).toBe(1);
  expect(stderr).toBe(`error: cannot make the folder ${project} (it exists already); nothing was written\n`);
  expect(readdirSync(project)).toEqual([]);
});

it.each([
  ['Vote', 'NAME must be words of small letters and digits, such as piggy-bank, of at most 64, not "Vote"'],
  ['1st', 'NAME must be words of small letters and digits, such as piggy-bank, of at most 64, not "1st"'],
  ['table', 'NAME: a contract cannot be called Table, which is a word of the language'],
])('refuses the name %s, which gives no class', async (name, reason) => {
  const { code, stderr } = await forklore(['contract', 'new', join(folder, name)]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `error: ${reason}\n` });
  expect(readdirSync(folder)).toEqual([]);
});

function read(project: string, path: string): string {
  return readFileSync(join(project, path), 'utf8');
}
