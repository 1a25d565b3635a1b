import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const markdown = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const PAGES = ['.', 'docs', 'docs/decisions', '.github'].flatMap(markdown);
/** A file or folder of a room, as it is written in code style; `{a,b}` and `*` stand for several. */
const PATH =
  /`((?:consensus|protocol|workers|server|client|cli|dashboard|simulator|testing|torture|bench|test|scripts|docs)\/[\w./*{},-]*)`/g;
/** They tell what was, and so name files that are gone. */
const OF_THE_PAST = ['CHANGELOG.md', 'docs/decisions/0020-rooms.md'];

const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
/** The heading's anchor, as GitHub makes it. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/** Whether all that a path stands for is there. */
function isThere(path: string): boolean {
  const [, before = '', choices, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  if (choices !== undefined) return choices.split(',').every((choice) => isThere(before + choice + after));
  if (!path.includes('*')) return existsSync(join(ROOT, path));
  const name = new RegExp(
    `^${path
      .slice(path.lastIndexOf('/') + 1)
      .replaceAll('.', '\\.')
      .replaceAll('*', '.*')}$`,
  );
  const folder = join(ROOT, dirname(path));
  return existsSync(folder) && readdirSync(folder).some((file) => name.test(file));
}

describe('the documents', () => {
  it.each(PAGES)('%s has no link that leads nowhere', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#([^)\s]+))?\)/g)];
    const broken = links.filter(([, path = '', place]) => {
      const target = join(dirname(page), path);
      if (!existsSync(join(ROOT, target))) return true;
      return (
        place !== undefined &&
        ![...read(target).matchAll(/^#+ (.*)$/gm)].some(([, text = '']) => anchor(text) === place)
      );
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it.each(PAGES.filter((page) => !OF_THE_PAST.includes(page)))('%s names no file that is not there', (page) => {
    const missing = [...read(page).matchAll(PATH)].map(([, path = '']) => path).filter((path) => !isThere(path));
    expect(missing).toEqual([]);
  });
});

it('the documents ask the API for fields that it has', () => {
  const schema = buildSchema(read('schema.graphql'));
  const wrong = PAGES.flatMap((page) =>
    [...read(page).matchAll(/^```graphql\n(.*?)^```$/gms)].flatMap(([, asked = '']) =>
      validate(schema, parse(asked)).map(({ message }) => `${page}: ${message}`),
    ),
  );
  expect(wrong).toEqual([]);
});

describe('the decisions', () => {
  const pages = markdown('docs/decisions').filter((page) => !page.endsWith('README.md'));

  it('all have a date and a status', () => {
    for (const page of pages) expect(read(page), page).toMatch(/^# \d{4} — .+\n\nDate: \d{4}-\d\d-\d\d\. Status: /);
  });

  it('are all in the index, with their dates and titles', () => {
    const index = read('docs/decisions/README.md');
    for (const page of pages) {
      const [, number, title, date] = /^# (\d{4}) — (.+)\n\nDate: (\S+)\./.exec(read(page)) ?? [];
      expect(index).toContain(`| [${number}](${page.slice('docs/decisions/'.length)}) | ${date} | ${title} |`);
    }
  });
});
