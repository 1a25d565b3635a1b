// Bundles the program into dist/: one file for the command line, one for each kind of worker thread.
// `npm run node` does it before a start where a source has changed, and so never runs stale code.
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist/`;

// Workers are found beside the bundle by these names; see server/worker-files.ts.
const entryPoints = {
  forklore: 'server/main.ts',
  'cluster-node': 'server/cluster/cluster-node.ts',
  'mining-task': 'workers/mining-task.ts',
  'verification-task': 'workers/verification-task.ts',
};

// Left in node_modules: native code, and a package that starts its own worker file. Only these are dependencies of the
// published package; everything else is in the bundle.
const external = ['lmdb', 'piscina'];

// The playground's page weighs 9 MB. It is copied as it is, and loaded when somebody opens it.
const PLAYGROUND_PACKAGE = '@graphql-yoga/render-graphiql';
const PLAYGROUND = 'playground';
const playground = {
  name: PLAYGROUND,
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${PLAYGROUND_PACKAGE}$`) }, () => ({
      path: `./${PLAYGROUND}/index.js`,
      external: true,
    }));
  },
};

/** Files that another build is just writing. */
const DRAFT_SUFFIX = '.draft';

/** What the bundle is made of. Folders count too: one changes when a file in it comes or goes. */
const SOURCES = [
  'consensus',
  'protocol',
  'server',
  'workers',
  'scripts/build.mjs',
  'package.json',
  'package-lock.json',
];
/** Written last: its time is the time of the build. */
const STAMP = 'built.json';
/** What is in dist/ besides the bundle. */
const KEPT = [STAMP, PLAYGROUND];

/** Builds dist/ where a source is newer than it. */
export async function buildIfStale() {
  const built = await stat(`${dist}${STAMP}`).catch(() => null);
  if (!built || (await newestOf(SOURCES.map((name) => `${root}${name}`))) >= built.mtimeMs) await buildAll();
}

/** Time of the last change below these paths, in milliseconds. */
async function newestOf(paths) {
  const times = await Promise.all(
    paths.map(async (path) => {
      const stats = await stat(path);
      if (!stats.isDirectory()) return stats.mtimeMs;
      const names = await readdir(path);
      return Math.max(stats.mtimeMs, await newestOf(names.map((name) => `${path}/${name}`)));
    }),
  );
  return Math.max(0, ...times);
}

/** Builds dist/. Throws when the sources do not parse, and has then changed nothing. */
export async function buildAll() {
  // Loaded when it is needed: most starts need no build.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    plugins: [playground],
    write: false,
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
  await copyPlayground();
  await install(new Map(outputFiles.map(({ path, contents }) => [basename(path), contents])));
  await writeFile(`${dist}${STAMP}`, '{}\n');
}

/**
 * Puts the files into dist/, and removes all others. Nodes may be running from there, and other terminals building:
 * what has not changed is left alone, and no file is ever missing or half written.
 */
async function install(files) {
  await mkdir(dist, { recursive: true });
  const [chunks, entries] = [[], []];
  for (const file of files) (file[0].startsWith('chunk-') ? chunks : entries).push(file);
  // What is imported before what imports it.
  for (const group of [chunks, entries]) await Promise.all(group.map((file) => replaceFile(...file)));
  const stale = (await readdir(dist)).filter(
    (name) => !files.has(name) && !KEPT.includes(name) && !name.endsWith(DRAFT_SUFFIX),
  );
  await Promise.all(stale.map((name) => rm(`${dist}${name}`, { recursive: true, force: true })));
}

async function copyPlayground() {
  const source = `${root}node_modules/${PLAYGROUND_PACKAGE}/`;
  const { version } = JSON.parse(await readFile(`${source}package.json`, 'utf8'));
  const present = await readFile(`${dist}${PLAYGROUND}/VERSION`, 'utf8').catch(() => null);
  if (present === version) return;
  await cp(`${source}esm`, `${dist}${PLAYGROUND}`, { recursive: true });
  await cp(`${source}LICENSE`, `${dist}${PLAYGROUND}/LICENSE`);
  await writeFile(`${dist}${PLAYGROUND}/VERSION`, version);
}

async function replaceFile(name, contents) {
  const path = `${dist}${name}`;
  const present = await readFile(path).catch(() => null);
  if (present?.equals(contents)) return;
  const draft = `${path}.${process.pid}${DRAFT_SUFFIX}`;
  await writeFile(draft, contents);
  await rename(draft, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
