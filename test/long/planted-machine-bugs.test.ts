import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { MACHINE_BUGS } from '../../simulator/planted-bugs/machine-bugs.ts';
import { bundleWith } from '../../simulator/planted-bugs/plant.ts';
import type { PlantedBug } from '../../simulator/planted-bugs/planted-bug.ts';

/** What the checks of contracts find with a bug in the code, or without one. */
async function found(bug: PlantedBug | null): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'forklore-planted-'));
  try {
    const file = join(folder, 'checks.mjs');
    await bundleWith(bug, 'testing/contract-checks.ts', file);
    return await new Promise((resolve, reject) => {
      const worker = new Worker(file);
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('vectors, mistakes, snippets and random programs agree with contracts as they are', async () => {
  expect(await found(null)).toBeNull();
});

it.each(MACHINE_BUGS)('a planted bug of the machine is found: $name', async (bug) => {
  expect(await found(bug)).not.toBeNull();
});
