/** The programs that run in threads of their own, tasks of Piscina but for `cluster-node`, and their sources. */
const SOURCES = {
  'mining-task': '../../workers/mining-task.ts',
  'verification-task': '../../workers/verification-task.ts',
  'seed-task': '../../simulator/command/seed-task.ts',
  'cluster-node': '../cluster/cluster-node.ts',
} as const;

export type WorkerName = keyof typeof SOURCES;

/** What Piscina (`{ filename, execArgv }`) or `new Worker(new URL(filename), { execArgv })` needs to start a thread. */
export interface WorkerFile {
  /** Href of a URL: a file, or a few words of source that load one. */
  readonly filename: string;
  readonly execArgv: string[];
}

/**
 * Piscina tries `require` first. A thread that is ended while Node loads an ES module that way takes the whole process
 * with it (an assertion in `CreateRequiredModuleFacade`); refused, Piscina goes on to `import`, which can be ended.
 */
const NO_REQUIRE_OF_MODULES = '--no-experimental-require-module';

/**
 * The only place that knows where worker files are: next to the bundle as `NAME.js`, or in the source tree. A thread
 * does not inherit the loader of its parent, so that TypeScript sources bring it with them.
 */
export function workerFile(name: WorkerName): WorkerFile {
  if (!import.meta.url.endsWith('.ts')) {
    return { filename: new URL(`./${name}.js`, import.meta.url).href, execArgv: [NO_REQUIRE_OF_MODULES] };
  }
  const source = new URL(SOURCES[name], import.meta.url);
  if (name === 'cluster-node') return { filename: loadingSource(source), execArgv: [] };
  // Resolved here, because Node looks a bare `--import` specifier up from the current directory.
  return { filename: source.href, execArgv: ['--import', import.meta.resolve('tsx')] };
}

/** Node 20 never hands a thread's entry file to a loader given by `--import`: the entry has to be JavaScript. */
function loadingSource(source: URL): string {
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const code = `import { register } from ${loader}; register(); await import(${JSON.stringify(source.href)});`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
