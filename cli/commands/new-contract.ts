import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAX_NAME_CHARS } from '../../consensus/contract/limits.ts';
import { isTypeNameable } from '../../consensus/contract/words.ts';
import { systemProblem } from '../../server/process/system-problem.ts';
import { VERSION } from '../../server/process/version.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { type ProjectNames, projectFiles } from '../contract/project-files.ts';
import { json } from '../output/output.ts';
import { checkoutOf } from '../own-command.ts';
import { shellWord } from '../shell-word.ts';
import type { CliContext } from './client-context.ts';

/** Words of small letters and digits with hyphens between them, which are a name for npm, for files and, joined, for a class. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * `forklore contract new`: writes the files of a project into a folder that is not there yet.
 * @param given name of the folder, or a path that ends in it
 */
export function newContract(given: string, flags: { readonly json?: boolean }, { terminal }: CliContext): void {
  const folder = resolve(given);
  const name = basename(folder);
  const contract = classNameOf(name);
  const files = [...projectFiles({ file: name, contract, forklore: packageFor(folder) })];
  createFolder(given, folder);
  for (const [path, text] of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    // Nothing is ever replaced, not even what appears meanwhile.
    writeFileSync(file, text, { flag: 'wx' });
  }
  const paths = files.map(([path]) => path);
  if (flags.json) return terminal.print(json({ folder, contract, files: paths }));
  terminal.print(paths.map((path) => join(given, path)).join('\n'));
  const install = isInstalledAbove(folder) ? '' : ' && npm install';
  terminal.printError(`\nnext: cd ${shellWord(given)}${install} && npm test`);
}

/** The class of a project: `piggy-bank` is `PiggyBank`. Throws `UsageError` for a name that gives none. */
function classNameOf(name: string): string {
  const contract = name.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  if (!NAME.test(name) || contract.length > MAX_NAME_CHARS) {
    throw new UsageError(
      `NAME must be words of small letters and digits, such as piggy-bank, of at most ${MAX_NAME_CHARS}, not "${name}"`,
    );
  }
  if (isTypeNameable(contract)) return contract;
  throw new UsageError(`NAME: a contract cannot be called ${contract}, which is a word of the language`);
}

/** What npm is asked for: this checkout by its path, an installed package by its version. */
function packageFor(folder: string): ProjectNames['forklore'] {
  const checkout = checkoutOf();
  if (checkout === null) return `^${VERSION}`;
  return `file:${relative(folder, fileURLToPath(checkout)).replaceAll('\\', '/')}`;
}

function createFolder(given: string, folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    throw new CommandError(`cannot make the folder ${given} (${systemProblem(error)}); nothing was written`);
  }
}

/** Whether programs in a folder find the package already, in a folder above, as Node.js looks for it. */
function isInstalledAbove(folder: string): boolean {
  const above = dirname(folder);
  if (existsSync(join(folder, 'node_modules/forklore/package.json'))) return true;
  return above !== folder && isInstalledAbove(above);
}
