import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { parseNetworkFile } from '../../server/settings/network-file.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const files: string[] = [];
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const file of files.splice(0)) rmSync(file, { force: true });
});

/** The recipe for a test of one's own, as it stands in the text. */
function recipeIn(readme: string): string {
  const blocks = readFileSync(`${ROOT}${readme}`, 'utf8').matchAll(/```js\n([\s\S]*?)\n```/g);
  const recipe = [...blocks].map(([, code = '']) => code).find((code) => code.includes('node --test'));
  if (recipe === undefined) throw new Error(`${readme} has no recipe for a test`);
  return recipe;
}

async function runRecipe(name: string, recipe: string): Promise<{ code: number | null; output: string }> {
  const file = `${ROOT}dist/${name}`;
  files.push(file);
  writeFileSync(file, recipe);
  const child = spawn(process.execPath, ['--test', file], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output };
}

describe("the README's recipe for a test of one's own", () => {
  it('works as it stands, also twice at once', async () => {
    const recipe = recipeIn('README.md');
    const runs = [1, 2].map((run) => runRecipe(`readme-${run}.test.mjs`, recipe));
    for (const { code, output } of await Promise.all(runs)) {
      expect(output).toMatch(/pass 1\b/);
      expect(code).toBe(0);
    }
  });

  it('is the same in both languages, but for its comment', () => {
    const [english = '', korean] = ['README.md', 'README.ko.md'].map((name) => recipeIn(name).split('\n').slice(1));
    expect(korean).toEqual(english);
  });
});

describe("the README's network file", () => {
  it.each(['README.md', 'README.ko.md'])('is one, as it stands in %s', (readme) => {
    const [, json = ''] = /```json\n([\s\S]*?)\n```/.exec(readFileSync(`${ROOT}${readme}`, 'utf8')) ?? [];
    const network = parseNetworkFile(json);
    expect(network.name).toBe('classroom');
    // The ten development accounts, and the one that is allocated.
    expect(network.genesisState.size).toBe(11);
  });
});
