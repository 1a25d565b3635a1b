import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build, type Plugin } from 'esbuild';
import type { Find, Hunt } from './hunt-worker.ts';
import type { PlantedBug } from './planted-bug.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Builds the simulator with a bug in it, or without one, and runs seeds in their own thread until one fails.
 * @param givenUp ends the search when aborted
 * @returns the first seed that fails; null where none does, or the search was ended
 * @throws Error where `bug.find` is not in the source exactly once
 */
export async function huntFor(
  bug: PlantedBug | null,
  first: number,
  last: number,
  givenUp?: AbortSignal,
): Promise<Find | null> {
  const folder = await mkdtemp(join(tmpdir(), 'forklore-planted-'));
  try {
    const outfile = join(folder, 'hunt.mjs');
    await bundleWith(bug, 'simulator/planted-bugs/hunt-worker.ts', outfile);
    if (givenUp?.aborted) return null;
    const { needsSecondRun = false, needsContracts = false, faults = null } = bug ?? {};
    return await runWorker(outfile, { first, last, needsSecondRun, needsContracts, faults }, givenUp);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Bundles a program with a bug in it, or without one.
 * @param entry its first file, relative to the project
 * @throws Error where `bug.find` is not in the source exactly once
 */
export async function bundleWith(bug: PlantedBug | null, entry: string, outfile: string): Promise<void> {
  const esbuild = fileURLToPath(import.meta.resolve('esbuild'));
  await build({
    entryPoints: [join(ROOT, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    // It finds its own program beside its own file.
    alias: { esbuild },
    external: [esbuild],
    plugins: bug ? [planting(bug)] : [],
  });
}

/** The source of the bug's file with the bug in it. Throws where its place is not there exactly once. */
export function plant({ name, file, find, replace }: PlantedBug): string {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const places = source.split(find).length - 1;
  if (places !== 1) throw new Error(`"${name}" has ${places} places in ${file}, not one`);
  return source.replace(find, () => replace);
}

function planting(bug: PlantedBug): Plugin {
  const contents = plant(bug);
  const path = join(ROOT, bug.file);
  return {
    name: 'plant a bug',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, (args) => (args.path === path ? { contents, loader: 'ts' } : undefined));
    },
  };
}

function runWorker(file: string, workerData: Hunt, givenUp: AbortSignal | undefined): Promise<Find | null> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData });
    const giveUp = (): void => void worker.terminate();
    givenUp?.addEventListener('abort', giveUp);
    let found: Find | null = null;
    worker.on('message', (message: Find | null) => {
      found = message;
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      givenUp?.removeEventListener('abort', giveUp);
      resolve(found);
    });
  });
}
