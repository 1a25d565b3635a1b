// Bundles the program into dist/: one file for the command line, one for each kind of worker thread and for each thing that
// programs import, and the dashboard, the client for browsers and the declarations in folders of their own. `npm run node`
// does the former before a start where a source has changed, and so never runs stale code; `npm start` and
// `npm run dashboard` do both.
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NOTICES, noticeOf, noticesOf, noticesPlugin } from './notices.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist/`;

// Workers are found beside the bundle by these names; see server/process/worker-files.ts.
const entryPoints = {
  forklore: 'cli/main.ts',
  'cluster-node': 'server/cluster/cluster-node.ts',
  'mining-task': 'workers/mining-task.ts',
  'verification-task': 'workers/verification-task.ts',
  'seed-task': 'simulator/command/seed-task.ts',
  // What programs import, see `exports` of package.json. They share their parts, so that an error of one is known to the
  // other.
  library: 'library/main.ts',
  contract: 'library/contract.ts',
  vitest: 'library/vitest.ts',
  client: 'client/node/main.ts',
};

// Left in node_modules: native code, and a package that starts its own worker file. Only these are dependencies of the
// published package; everything else is in the bundle. Vitest is that of whose tests use it.
const external = ['fs-native-extensions', 'lmdb', 'piscina', 'vitest'];

// The playground weighs 9 MB. It is copied as it is, and loaded when somebody opens it.
const PLAYGROUND_PACKAGE = '@graphql-yoga/render-graphiql';
const PLAYGROUND_FILE = 'graphiql';
const PLAYGROUND = 'playground';
const playground = {
  name: PLAYGROUND,
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${PLAYGROUND_PACKAGE}/${PLAYGROUND_FILE}$`) }, () => ({
      path: `./${PLAYGROUND}/${PLAYGROUND_FILE}.js`,
      external: true,
    }));
  },
};

/**
 * An `import` of this module reads all that it exports, and so loads Node's own fetch, which a node does not use and which
 * takes longer than anything else at its start. `require` does not.
 */
const HTTP = 'http';
const http = {
  name: HTTP,
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind, namespace }) =>
      kind === 'import-statement' && namespace !== HTTP ? { path: HTTP, namespace: HTTP } : null,
    );
    build.onLoad({ filter: /^http$/, namespace: HTTP }, () => ({ contents: "module.exports = require('node:http');" }));
  },
};

/**
 * The parser of arguments asks for this module to start programs for its commands, which none of ours is. It takes longer
 * to load than the parser itself.
 */
const CHILD_PROCESS = 'child_process';
const noProgramsOfCommands = {
  name: CHILD_PROCESS,
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]commander[\\/]/.test(importer) ? { path: CHILD_PROCESS, namespace: CHILD_PROCESS } : null,
    );
    build.onLoad({ filter: /.*/, namespace: CHILD_PROCESS }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Some bundled packages are CommonJS and ask for Node's modules by require(). */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** What `npx forklore` runs. */
const PROGRAM = 'forklore.js';
/** Files that another build is just writing. */
const DRAFT_SUFFIX = '.draft';

/** What the bundle is made of. Folders count too: one changes when a file in it comes or goes. */
const SOURCES = [
  'consensus',
  'protocol',
  'server',
  'client',
  'cli',
  'library',
  'simulator',
  'workers',
  'scripts/build.mjs',
  'scripts/notices.mjs',
  'package.json',
  'package-lock.json',
];
/** Written last: its time is the time of the build. */
const STAMP = 'built.json';

/** The built dashboard, below dist/. */
const DASHBOARD = 'dashboard';
/** What it is made of. */
const DASHBOARD_SOURCES = [
  'dashboard',
  'client',
  'consensus',
  'schema.graphql',
  'scripts/build.mjs',
  'scripts/notices.mjs',
  'package.json',
  'package-lock.json',
];
/** What the client for browsers is made of. */
const BROWSER_SOURCES = DASHBOARD_SOURCES.filter((name) => name !== DASHBOARD);
/** How often a finished dashboard is moved into place when other terminals do the same. */
const MAX_MOVES = 100;
/** What a move says when another folder is there: on Linux, macOS and Windows. */
const PLACE_IS_TAKEN = ['ENOTEMPTY', 'EEXIST', 'EPERM'];

/** The client for programs in browsers, below dist/. */
const BROWSER = 'browser';
/** Type declarations of what programs import, below dist/. */
const TYPES = 'types';
/** Entries whose declarations are kept, with all that they lead to. */
const TYPE_ENTRIES = ['client/browser.d.ts', 'library/contract.d.ts', 'library/main.d.ts', 'library/vitest.d.ts'];
/** What the declarations are made of. */
const TYPE_SOURCES = [...SOURCES, 'scripts/tsconfig.types.json', 'tsconfig.json'];

/** What is in dist/ besides the bundle. */
const KEPT = [STAMP, PLAYGROUND, DASHBOARD, BROWSER, TYPES];

/** Bundles the program where a source is newer than it. */
export async function buildIfStale() {
  if (await isStale(STAMP, SOURCES)) await buildProgram();
}

/** Whether a source of the dashboard is newer than what dist/ has of it. */
export function isDashboardStale() {
  return isStale(`${DASHBOARD}/${STAMP}`, DASHBOARD_SOURCES);
}

async function isStale(stamp, sources) {
  const built = await stat(`${dist}${stamp}`).catch(() => null);
  return !built || (await newestOf(sources.map((name) => `${root}${name}`))) >= built.mtimeMs;
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

/** Bundles the program. Throws when the sources do not parse, and has then changed nothing. */
async function buildProgram() {
  // Loaded when it is needed: most starts need no build.
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    plugins: [http, noProgramsOfCommands, playground],
    // A module is a part of the bundle once, in the form that needs no wrapper.
    mainFields: ['module', 'main'],
    // Yoga compares the two, and so would load Node's own fetch.
    define: { 'globalThis.Request': 'undefined' },
    write: false,
    metafile: true,
    bundle: true,
    // Shorter, with names and lines as they are: what a trace says stays readable.
    minifySyntax: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external,
    sourcemap: 'linked',
    logLevel: 'warning',
    banner: { js: REQUIRE },
  });
  await copyPlayground();
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  const modules = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  files.set(NOTICES, Buffer.from(await noticesOf(modules, root, [await playgroundNotice()])));
  await install(files);
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

/**
 * Builds the dashboard in a folder of this process, and moves it into place when it is whole. Throws when the sources
 * do not parse, and has then changed nothing.
 */
async function buildDashboard() {
  const startedMs = Date.now();
  const { build } = await import('vite');
  const draft = `${dist}${DASHBOARD}.${process.pid}${DRAFT_SUFFIX}`;
  await removeAbandoned();
  try {
    await build({
      configFile: `${root}dashboard/vite.config.ts`,
      logLevel: 'warn',
      plugins: [noticesPlugin()],
      build: { outDir: draft, emptyOutDir: true },
    });
    // It moves with the folder, so that it never tells of another one. Its time is the start: what changes while the
    // build runs, which takes seconds, may or may not be in it.
    await writeFile(`${draft}/${STAMP}`, '{}\n');
    await utimes(`${draft}/${STAMP}`, startedMs / 1000, startedMs / 1000);
    await replaceFolder(draft, `${dist}${DASHBOARD}`);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Bundles the client for browsers. Throws when the sources do not parse. */
async function buildBrowserClient() {
  const { build } = await import('esbuild');
  const outdir = `${dist}${BROWSER}`;
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['client/browser.ts'],
    outfile: `${outdir}/client.js`,
    metafile: true,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    logLevel: 'warning',
    // What libraries add only for developers of theirs is left out, as in the page.
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const modules = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  await writeFile(`${outdir}/${NOTICES}`, await noticesOf(modules, root));
  await writeFile(`${outdir}/${STAMP}`, '{}\n');
}

/** Writes the declarations of what programs import. Throws when the sources do not compile. */
async function buildTypes() {
  const outdir = `${dist}${TYPES}`;
  await rm(outdir, { recursive: true, force: true });
  await promisify(execFile)(process.execPath, [
    `${root}node_modules/@typescript/native/bin/tsc`,
    ...['-p', `${root}scripts/tsconfig.types.json`, '--outDir', outdir],
  ]).catch(({ stdout }) => {
    throw new Error(`the types do not compile\n${stdout}`);
  });
  await keepReachable(outdir, TYPE_ENTRIES);
  await writeFile(`${outdir}/${STAMP}`, '{}\n');
}

/**
 * Leaves in a folder only the declarations that these entries lead to, and names files in them as they are called there:
 * everything else would need the packages that the bundle holds.
 */
async function keepReachable(folder, entries) {
  const kept = new Set(entries.map((entry) => join(folder, entry)));
  for (const path of kept) {
    const text = (await readFile(path, 'utf8')).replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'");
    await writeFile(path, text);
    for (const [, name] of text.matchAll(/from '(\.[^']*)\.js'/g)) kept.add(join(dirname(path), `${name}.d.ts`));
  }
  const all = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.d.ts'));
  await Promise.all(
    all
      .map((name) => join(folder, name))
      .filter((path) => !kept.has(path))
      .map((path) => rm(path)),
  );
}

/**
 * Puts a folder where another may be. A folder cannot be replaced in one step, so the old one is moved away first;
 * where another terminal's build comes between the two, that one is moved away in turn. Whoever is last, what stands
 * there is whole.
 */
async function replaceFolder(from, to) {
  const old = `${to}.${process.pid}.old${DRAFT_SUFFIX}`;
  try {
    for (let moves = 1; ; moves++) {
      await rm(old, { recursive: true, force: true });
      await rename(to, old).catch((error) => {
        if (error.code !== 'ENOENT') throw error;
      });
      try {
        return await rename(from, to);
      } catch (error) {
        if (moves === MAX_MOVES || !PLACE_IS_TAKEN.includes(error.code)) throw error;
      }
    }
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

/** Removes what builds that were interrupted have left. */
async function removeAbandoned() {
  await mkdir(dist, { recursive: true });
  for (const name of await readdir(dist)) {
    const [, pid] = /^dashboard\.(\d+)\.(?:old\.)?draft$/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(`${dist}${name}`, { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
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

/** The playground is a bundle itself: its license, and what it says of those that are in it. */
async function playgroundNotice() {
  const folder = `${root}node_modules/${PLAYGROUND_PACKAGE}`;
  const [name, text] = await noticeOf(folder);
  const bundle = await readFile(`${folder}/esm/${PLAYGROUND_FILE}.js`, 'utf8');
  const packages = new Set(
    [...bundle.matchAll(/\/\.pnpm\/((?:@[\w.-]+\+)?[\w.-]+@[\w.-]+)/g)].map(([, id]) => id.replace('+', '/')),
  );
  const comments = new Set(
    [...bundle.matchAll(/\/\*!?[^*]*(?:@license|@preserve|Copyright)[\s\S]*?\*\//g)].map(([comment]) => plain(comment)),
  );
  return [
    name,
    [text, 'It holds, as far as it says:', [...packages].sort().join('\n'), ...[...comments].sort()].join('\n\n'),
  ];
}

/** A comment of a script that stands in a text of another script. */
function plain(comment) {
  return comment.replaceAll('\\n', '\n').replaceAll('\\"', '"');
}

async function replaceFile(name, contents) {
  const path = `${dist}${name}`;
  const present = await readFile(path).catch(() => null);
  if (present?.equals(contents)) return;
  const draft = `${path}.${process.pid}${DRAFT_SUFFIX}`;
  // `npx forklore` runs it as a program, and makes it one only when it meets it for the first time.
  await writeFile(draft, contents, { mode: name === PROGRAM ? 0o755 : 0o644 });
  await rename(draft, path);
}

// `node scripts/build.mjs` builds everything, the dashboard only where it is stale; with `dashboard`, that alone.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] !== DASHBOARD) {
    await buildProgram();
    if (await isStale(`${BROWSER}/${STAMP}`, BROWSER_SOURCES)) await buildBrowserClient();
    if (await isStale(`${TYPES}/${STAMP}`, TYPE_SOURCES)) await buildTypes();
  }
  if (await isDashboardStale()) {
    await buildDashboard().catch((error) => {
      // The message shows the place in the source; the trace leads through Vite only.
      process.stderr.write(`error: the dashboard cannot be built\n${error.message}\n`);
      process.exitCode = 1;
    });
  }
}
