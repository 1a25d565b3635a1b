import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';

let outputs: Metafile['outputs'] = {};

beforeAll(async () => {
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    entryPoints: ['cli/main.ts'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    write: false,
    metafile: true,
  });
  outputs = metafile.outputs;
});

/** All modules, and packages, that are loaded with a module. */
function loadedWith(entry: string): Set<string> {
  const names = new Set<string>();
  const visit = (path: string): void => {
    const output = outputs[path];
    if (!output) return void names.add(path);
    if (names.has(path)) return;
    names.add(path);
    for (const input of Object.keys(output.inputs)) names.add(input);
    for (const { kind, path: imported } of output.imports) if (kind === 'import-statement') visit(imported);
  };
  const [start] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? [];
  if (start === undefined) throw new Error(`${entry} is not loaded by itself`);
  visit(start);
  return names;
}

const PARTS_OF_A_NODE = /^server\/(node|store|graphql|mining|verification|transport|cluster|events|discovery)\//;
const HEAVY_PACKAGES = ['graphql', 'graphql-yoga', 'lmdb', 'piscina', 'pino', 'prom-client', 'valibot', 'ws'];

test.each([
  'cli/program.ts',
  'cli/commands/show-block.ts',
  'cli/commands/show-account.ts',
  'cli/commands/show-mempool.ts',
])('%s loads no part of a node, and nothing that takes long', (entry) => {
  const loaded = loadedWith(entry);
  expect([...loaded].filter((name) => PARTS_OF_A_NODE.test(name))).toEqual([]);
  expect(HEAVY_PACKAGES.filter((name) => loaded.has(name))).toEqual([]);
});

test('the node is what loads them', () => {
  const loaded = loadedWith('cli/commands/run-node.ts');
  expect([...loaded].some((name) => PARTS_OF_A_NODE.test(name))).toBe(true);
  expect(loaded).toContain('lmdb');
});
