// Tells which room imports which: a drawing of the rooms that the product is made of, and a table of all.
//   node scripts/imports.mjs                      of this checkout
//   node scripts/imports.mjs --write              the same, written into docs/decisions/0020-rooms.md
//   node scripts/imports.mjs CHECKOUT [FOLDER…]   of another one; each FOLDER, such as server/cli, is a room of its own
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN = fileURLToPath(new URL('..', import.meta.url));
const [first = OWN, ...folders] = process.argv.slice(2);
const root = resolve(first === '--write' ? OWN : first);
/** Where `--write` puts it. */
const PAGE = `${OWN}docs/decisions/0020-rooms.md`;
const PLACE = /(?<=<!-- imports -->\n\n)[\s\S]*(?=\n\n<!-- \/imports -->)/;
const NO_ROOMS = ['docs', 'dist', 'node_modules'];
/** They may import everything, so that their arrows show nothing; they are in the table alone. */
const NOT_DRAWN = ['bench', 'scripts', 'test', 'test/support', 'testing', 'torture'];
const SOURCE = /(?<!\.d)\.(ts|svelte|mjs)$/;
/** `import … from`, `export … from`, and imports for their effects or by a call. */
const IMPORT =
  /^\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

const topLevel = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NO_ROOMS.includes(entry.name))
  .map(({ name }) => name);
// Folders of a room come first: what is in one of them is not counted for the room.
const rooms = [...folders, ...topLevel];

/** The room that a path below the checkout is in; undefined for files at the top. */
const roomOf = (path) => rooms.find((room) => path.startsWith(`${room}/`));

/** Import statements and the files that hold them, by `FROM TO`. */
const arrows = new Map();
for (const name of topLevel.flatMap((room) => filesOf(room))) {
  const from = roomOf(name);
  for (const [, ...paths] of readFileSync(join(root, name), 'utf8').matchAll(IMPORT)) {
    const path = paths.find((found) => found !== undefined);
    const to = path.startsWith('.') ? roomOf(below(join(root, name, '..', path))) : undefined;
    if (to === undefined || to === from) continue;
    const arrow = arrows.get(`${from} ${to}`) ?? { from, to, statements: 0, files: new Set() };
    arrow.statements++;
    arrow.files.add(name);
    arrows.set(`${from} ${to}`, arrow);
  }
}

function filesOf(room) {
  const names = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => SOURCE.test(name)).map((name) => below(join(root, room, name)));
}

function below(path) {
  return relative(root, path).replaceAll('\\', '/');
}

const sorted = [...arrows.values()].sort((a, b) => a.from.localeCompare(b.from) || b.statements - a.statements);
const drawn = sorted.filter(({ from, to }) => !NOT_DRAWN.includes(from) && !NOT_DRAWN.includes(to));
const text = [
  '```mermaid',
  'flowchart TD',
  ...drawn.map(({ from, to, statements }) => `  ${from} -->|${statements}| ${to}`),
  '```',
  '',
  '| from | to | import statements | files |',
  '|---|---|--:|--:|',
  ...sorted.map(({ from, to, statements, files }) => `| \`${from}/\` | \`${to}/\` | ${statements} | ${files.size} |`),
].join('\n');
if (first === '--write')
  writeFileSync(
    PAGE,
    readFileSync(PAGE, 'utf8').replace(PLACE, () => text),
  );
else console.log(text);
