import type { Piscina } from 'piscina';
import { requirePackage } from './require-package.ts';

type PoolOptions = ConstructorParameters<typeof Piscina>[0];

/** A pool of threads. Piscina is loaded for the first: a node in a test hardly ever needs one, and would start later. */
export function openWorkerPool<Task, Result>(options: PoolOptions): Piscina<Task, Result> {
  const { Piscina } = requirePackage('piscina');
  return new Piscina<Task, Result>(options);
}
