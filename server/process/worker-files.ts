import { bundledWorker, type WorkerFile, type WorkerName } from './bundled-worker.ts';

const SOURCES: Record<WorkerName, string> = {
  'mining-task': '../../workers/mining-task.ts',
  'verification-task': '../../workers/verification-task.ts',
  'seed-task': '../../simulator/command/seed-task.ts',
  'cluster-node': '../cluster/cluster-node.ts',
};

/**
 * The only place that knows where worker files are: next to the bundle as `NAME.js`, or in the source tree. A thread
 * does not inherit the loader of its parent, so that TypeScript sources bring it with them.
 */
export function workerFile(name: WorkerName): WorkerFile {
  if (!import.meta.url.endsWith('.ts')) return bundledWorker(name, new URL('./', import.meta.url));
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
