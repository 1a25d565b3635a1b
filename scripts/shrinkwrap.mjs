// Before `npm pack`: writes npm-shrinkwrap.json, so that whoever installs the package gets the dependencies that it was
// tested with; our `overrides` do not reach them. It holds what package-lock.json says of the dependencies at run time, and
// nothing of those for development. With --remove, afterwards: in a checkout npm would prefer it to package-lock.json.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SHRINKWRAP = `${root}npm-shrinkwrap.json`;
const ROOT_FIELDS = ['name', 'version', 'license', 'dependencies', 'bin', 'engines'];

const readJson = async (path) => JSON.parse(await readFile(path, 'utf8'));

/** The entries of a lock file that the dependencies of its root need, by their paths. */
export function runtimePackages(packages) {
  const found = new Map();
  const take = (from, { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} }) => {
    const names = Object.keys({ ...dependencies, ...optionalDependencies });
    const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta[name]?.optional);
    for (const name of [...names, ...peers]) {
      const path = placeOf(packages, from, name);
      if (path === null && optionalDependencies?.[name] !== undefined) continue;
      if (path === null)
        throw new Error(`package-lock.json has no ${name} for ${from || 'the package'}; run: npm install`);
      if (found.has(path)) continue;
      const { dev: _dev, devOptional: _devOptional, ...entry } = packages[path];
      found.set(path, entry);
      take(path, entry);
    }
  };
  take('', { dependencies: packages[''].dependencies });
  return found;
}

/** Where Node.js finds a package for another one: in its own folder, or in one above it. */
function placeOf(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === '') return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === '--remove') await rm(SHRINKWRAP, { force: true });
  else {
    const { name, version, lockfileVersion, packages } = await readJson(`${root}package-lock.json`);
    const own = Object.fromEntries(ROOT_FIELDS.map((field) => [field, packages[''][field]]));
    const rest = [...runtimePackages(packages)].sort(([a], [b]) => (a < b ? -1 : 1));
    const shrinkwrap = {
      name,
      version,
      lockfileVersion,
      requires: true,
      packages: { '': own, ...Object.fromEntries(rest) },
    };
    await writeFile(SHRINKWRAP, `${JSON.stringify(shrinkwrap, null, 2)}\n`);
  }
}
