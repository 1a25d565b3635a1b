/** The programs that run in threads of their own, tasks of Piscina but for `cluster-node`. */
export type WorkerName = 'mining-task' | 'verification-task' | 'seed-task' | 'cluster-node';

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

/** A worker file of the bundle. @param folder that of the bundle, such as `dist/` */
export function bundledWorker(name: WorkerName, folder: URL): WorkerFile {
  return { filename: new URL(`${name}.js`, folder).href, execArgv: [NO_REQUIRE_OF_MODULES] };
}
