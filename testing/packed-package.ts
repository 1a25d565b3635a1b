import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** With an empty npm cache the few dependencies come from the registry. */
const INSTALL_LIMIT_MS = 30_000;
/** The test run has just built; building once more would take the program away from the other tests. */
const NO_SCRIPTS = '--ignore-scripts';
const SHRINKWRAP = join(ROOT, 'scripts/shrinkwrap.mjs');

const execute = promisify(execFile);

/** The package as it would be published, installed alone in a folder. */
export interface PackedPackage {
  /** Paths in the package. */
  readonly files: readonly string[];
  /** Ends the registry that it came from. */
  close(): void;
}

/** Runs npm, or what npm brings, in a folder. */
export function npm(command: 'npm' | 'npx', args: readonly string[], cwd: string) {
  return execute(command, args, { cwd, timeout: INSTALL_LIMIT_MS, encoding: 'utf8' });
}

/** Packs this checkout, which has been built, and installs it in an empty folder. */
export async function installPacked(folder: string): Promise<PackedPackage> {
  // What npm runs before and after it packs, but the build.
  await execute(process.execPath, [SHRINKWRAP]);
  const packed = await npm('npm', ['pack', '--json', NO_SCRIPTS, '--pack-destination', folder], ROOT).finally(() =>
    execute(process.execPath, [SHRINKWRAP, '--remove']),
  );
  const [{ filename, files, integrity }] = JSON.parse(packed.stdout);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const flags = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', NO_SCRIPTS];
  const registry = await startRegistry(join(folder, filename), integrity);
  await npm('npm', ['install', ...flags, '--registry', registry.url, 'forklore'], folder);
  return { files: files.map(({ path }: { path: string }) => path), close: registry.close };
}

/**
 * A registry that has this package alone, as it would be published, and leads to the user's registry for all others: of a
 * file npm does not look at the shrinkwrap.
 */
async function startRegistry(tarball: string, integrity: string): Promise<{ url: string; close(): void }> {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const others = (await npm('npm', ['config', 'get', 'registry'], ROOT)).stdout.trim().replace(/\/$/, '');
  const server = createServer((request, response) => {
    const { version } = manifest;
    const dist = { tarball: `${url}/forklore.tgz`, integrity };
    const versions = { [version]: { ...manifest, dist, _hasShrinkwrap: true } };
    if (request.url === '/forklore') {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ name: 'forklore', 'dist-tags': { latest: version }, versions }));
    } else if (request.url === '/forklore.tgz') response.end(readFileSync(tarball));
    else response.writeHead(302, { Location: `${others}${request.url}` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => server.close() };
}
