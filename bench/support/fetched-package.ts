import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is compared with is no dependency of the project: it is fetched once, into the user's cache. */
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'forklore-bench');

/**
 * A file of a package of the registry, which is fetched where it is not there yet.
 * @param version exact
 * @returns its path; null where the package cannot be fetched, or has no such file
 */
export function fetchedPackage(name: string, version: string, file: string): string | null {
  const folder = join(CACHE, `${name}@${version}`);
  const path = join(folder, 'node_modules', name, file);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
    try {
      execFileSync('npm', [...args, `${name}@${version}`], { stdio: 'ignore', shell: process.platform === 'win32' });
    } catch {
      return null;
    }
  }
  return existsSync(path) ? path : null;
}
