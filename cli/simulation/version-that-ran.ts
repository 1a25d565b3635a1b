import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../../server/process/version.ts';
import { checkoutOf } from '../own-command.ts';

/** The version that runs, so that a failure can be found again: of a checkout its commit, of a package its number. */
export function versionThatRan(): string {
  const checkout = checkoutOf();
  if (checkout === null) return VERSION;
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: fileURLToPath(checkout), encoding: 'utf8', stdio: 'pipe' }).trim();
    const revision = git('rev-parse', '--short=12', 'HEAD');
    return git('status', '--porcelain') === '' ? revision : `${revision}, with uncommitted changes`;
  } catch {
    // Copied without its history, or a machine without git.
    return VERSION;
  }
}
