// Bundles the program into dist/: one file for the command line, one for each kind of worker thread.
// Takes a few hundred milliseconds, so `npm run node` does it before every start and never runs stale code.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

// Workers are found beside the bundle by these names; see server/worker-files.ts.
const entryPoints = {
  forklore: 'server/main.ts',
  'cluster-node': 'server/cluster/cluster-node.ts',
  'mining-task': 'workers/mining-task.ts',
  'verification-task': 'workers/verification-task.ts',
};

// Left in node_modules: native code, a package that starts its own worker file, and the playground's 9 MB page. Only
// these are dependencies of the published package; everything else is in the bundle.
const external = ['lmdb', 'piscina', '@graphql-yoga/render-graphiql'];

/** Builds dist/ from scratch. Throws when the sources do not parse. */
export async function buildAll() {
  await rm(`${root}dist`, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external,
    sourcemap: 'linked',
    logLevel: 'warning',
    banner: {
      // Some bundled packages are CommonJS and ask for Node's modules by require().
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
