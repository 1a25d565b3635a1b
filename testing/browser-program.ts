import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants, mkdir, readFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';

const require = createRequire(import.meta.url);
const SYSTEM_BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * The browser of the tests: `$CHROMIUM`; else the headless shell of a package, which draws the same pages with a third of the
 * processor time of a whole browser; else, where that shell does not run, one of the system.
 * Throws where there is none.
 */
export async function browserProgram(): Promise<string> {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const shell = await unpackedShell();
  if (await runs(shell)) return shell;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of SYSTEM_BROWSERS) {
      const path = join(folder, name);
      if (await isThere(path, constants.X_OK)) return path;
    }
  }
  throw new Error(
    `there is no browser: the one of @sparticuz/chromium does not run here; set CHROMIUM to the path of one`,
  );
}

/** For Vitest, before any test, so that not every file unpacks it. */
export default async function setup(): Promise<void> {
  await browserProgram();
}

/** The shell, which the package holds compressed. Several processes may unpack it at once: it appears whole, by a rename. */
async function unpackedShell(): Promise<string> {
  // Neither file is an entry of the package.
  const root = join(dirname(require.resolve('@sparticuz/chromium')), '../..');
  const packed = join(root, 'bin/chromium.br');
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = fileURLToPath(new URL('../node_modules/.cache/forklore', import.meta.url));
  const path = join(folder, `chromium-${version}`);
  if (await isThere(path, constants.X_OK)) return path;
  await mkdir(folder, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(unfinished, { mode: 0o755 }));
  await rename(unfinished, path);
  return path;
}

/** Whether a program can be started here: it may be for another processor, or lack a library. */
const runs = (path: string): Promise<boolean> =>
  promisify(execFile)(path, ['--version']).then(
    () => true,
    () => false,
  );

const isThere = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );
