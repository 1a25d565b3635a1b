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

/** The command line itself knows small lists of the server's, such as the values of a flag. */
const PARTS_OF_A_NODE = [
  'server/node/live-node.ts',
  'server/node/driver.ts',
  'server/store/store.ts',
  'server/graphql/schema.ts',
  'server/http/http-server.ts',
  'server/mining/mining-pool.ts',
  'server/transport/transport.ts',
  'protocol/node.ts',
];
/** The signature scheme: only commands with keys need it. */
const CURVES = '@noble/curves/ed25519.js';
const HEAVY_PACKAGES = ['graphql', 'graphql-yoga', 'lmdb', 'piscina', 'pino', 'prom-client', 'valibot', 'ws', CURVES];

test.each([
  'cli/program.ts',
  'cli/commands/show-block.ts',
  'cli/commands/show-account.ts',
  'cli/commands/show-mempool.ts',
])('%s loads no part of a node, and nothing that takes long', (entry) => {
  const loaded = loadedWith(entry);
  expect(PARTS_OF_A_NODE.filter((name) => loaded.has(name))).toEqual([]);
  expect(HEAVY_PACKAGES.filter((name) => loaded.has(name))).toEqual([]);
});

test.each(['cli/commands/send.ts', 'client/sign-request.ts'])('%s loads what signs', (entry) => {
  expect(loadedWith(entry)).toContain(CURVES);
});

test('the node is what loads them', () => {
  const loaded = loadedWith('cli/commands/run-node.ts');
  expect(PARTS_OF_A_NODE.filter((name) => !loaded.has(name))).toEqual([]);
  expect(loaded).toContain('lmdb');
});
