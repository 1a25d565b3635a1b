// Tells whose work is in what the build makes: each package that a bundler took something of, with its license. Made from
// what the bundlers say, so that nothing is forgotten.
import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** In each folder that is served or shipped. */
export const NOTICES = 'THIRD-PARTY-NOTICES.txt';

const LICENSE_FILE = /^(licen[cs]e|copying|notice|ofl)([.-].*)?$/i;
/** https://spdx.org/licenses/MIT, below its copyright line. */
const MIT_TEXT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
const RULE = '-'.repeat(80);

/** The part of a module's path that names its package: the last one, where packages hold packages. */
const PACKAGE_FOLDER = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/**
 * The text for the packages of these modules.
 * @param modules paths or ids of a bundler, where they are not absolute below `base`; those outside of node_modules are our own
 * @param further texts of what is copied and not bundled, by `name version`
 * @throws Error where a package brings no text of its license
 */
export async function noticesOf(modules, base, further = []) {
  const folders = new Set();
  for (const id of modules) {
    // Ids of Vite may begin with a zero, and end with a query.
    const path = resolve(base, id.replace(/^\0/, '').replace(/[?#].*$/, ''));
    const [, folder] = PACKAGE_FOLDER.exec(path) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  const texts = new Map([...(await Promise.all([...folders].map(noticeOf))), ...further]);
  const sections = [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, text]) => `${name}\n\n${text.trim()}\n`);
  const head = `Forklore holds the work of others, under these licenses. ${texts.size} packages.\n`;
  return [head, ...sections].join(`\n${RULE}\n\n`);
}

/** Name and version, and the license, of the package in a folder. */
export async function noticeOf(folder) {
  const { name, version, license, author, repository } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const files = (await readdir(folder)).filter((file) => LICENSE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(`${folder}/${file}`, 'utf8')));
  const by = typeof author === 'string' ? author : author?.name;
  if (texts.length === 0) {
    // Some packages name their license and do not bring its text.
    if (license !== 'MIT') throw new Error(`${name} brings no text of its license (${license})`);
    texts.push(`MIT License\n\nCopyright (c) ${by ?? `the authors of ${name}`}\n\n${MIT_TEXT}`);
  }
  const from = typeof repository === 'string' ? repository : repository?.url;
  const facts = [`License: ${license ?? 'see below'}`, by && `By: ${by}`, from && `From: ${from}`].filter(Boolean);
  return [`${name} ${version}`, [facts.join('\n'), ...texts.map((text) => text.trim())].join('\n\n')];
}

/** For Vite: writes the file beside the page, for all modules and all files that are in it. */
export function noticesPlugin() {
  let base = '';
  return {
    name: 'third-party-notices',
    configResolved(config) {
      base = config.root;
    },
    async generateBundle(_options, bundle) {
      const files = Object.values(bundle).flatMap((output) => output.originalFileNames ?? []);
      const source = await noticesOf([...this.getModuleIds(), ...files], base);
      this.emitFile({ type: 'asset', fileName: NOTICES, source });
    },
  };
}
