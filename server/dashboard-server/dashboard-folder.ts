import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExpectedError } from '../process/expected-error.ts';

/** The page from which everything else is loaded. */
export const INDEX_FILE = 'index.html';

/**
 * The folder of the built dashboard: beside the bundle, or in `dist/` of the source tree.
 *
 * @throws ExpectedError when the program was built without it
 */
export function dashboardFolder(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const folder = fileURLToPath(new URL(isSource ? '../../dist/dashboard' : './dashboard', import.meta.url));
  if (existsSync(join(folder, INDEX_FILE))) return folder;
  throw new ExpectedError(`the dashboard is not built: ${folder} has no ${INDEX_FILE}; build it with: npm run build`);
}
