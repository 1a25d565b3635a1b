import { createRequire } from 'node:module';
import type { Piscina } from 'piscina';

const require = createRequire(import.meta.url);

type PoolOptions = ConstructorParameters<typeof Piscina>[0];

/** A pool of threads. Piscina is loaded for the first: a node in a test hardly ever needs one, and would start later. */
export function openWorkerPool<Task, Result>(options: PoolOptions): Piscina<Task, Result> {
  const { Piscina } = require('piscina') as typeof import('piscina');
  return new Piscina<Task, Result>(options);
}
