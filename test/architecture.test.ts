import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);

/** Sources that break the architecture, by where they stand, with what the linter must say. */
const BREACHES: readonly (readonly [path: string, source: string, complaint: string])[] = [
  ['consensus/a.ts', "import '../protocol/node.ts';", 'consensus/ imports only itself'],
  ['consensus/b.ts', "import 'node:fs';", 'consensus/ imports only itself'],
  ['consensus/contract/a.ts', "import '../../protocol/node.ts';", 'consensus/ imports only itself'],
  ['consensus/contract/operations/a.ts', 'export const a = Date.now();', 'takes time as an argument'],
  ['consensus/c.ts', 'export const a = Math.random();', 'takes randomness as an argument'],
  ['consensus/d.ts', 'export const a = Date.now();', 'takes time as an argument'],
  ['protocol/a.ts', "import '../server/store/store.ts';", 'protocol/ imports only itself and consensus/'],
  ['protocol/b.ts', "import 'ws';", 'protocol/ imports only itself and consensus/'],
  ['protocol/c.ts', 'export const a = async () => 1;', 'is synchronous'],
  ['protocol/d.ts', 'export async function a(b: Promise<number>) { return await b; }', 'is synchronous'],
  ['simulator/a.ts', "import '../server/node/driver.ts';", 'simulator/ imports only protocol/ and consensus/'],
  ['simulator/b.ts', 'export const a = Math.random();', 'takes randomness as an argument'],
  ['simulator/model/a.ts', "import '../../consensus/merkle.ts';", 'only byte layouts, never a rule'],
  ['simulator/model/b.ts', "import '../../protocol/node.ts';", 'only byte layouts, never a rule'],
  ['simulator/model/c.ts', "import '../network.ts';", 'only byte layouts, never a rule'],
  [
    'simulator/model/d.ts',
    "import { checkBlockSanity } from '../../consensus/block.ts';\nexport const d = checkBlockSanity;",
    'only byte layouts, never a rule',
  ],
  [
    'simulator/model/e.ts',
    "import { doubleSha256 } from '../../consensus/hash.ts';\nexport const e = doubleSha256;",
    'only byte layouts, never a rule',
  ],
  ['simulator/model/contract/a.ts', "import '../../../consensus/contract/value.ts';", 'shares nothing with'],
  ['workers/b.ts', "import '../cli/program.ts';", 'workers/ imports only consensus/'],
  ['simulator/c.ts', "import '../client/types.ts';", 'simulator/ imports only protocol/ and consensus/'],
  ['server/i.ts', "import '../bench/run.ts';", 'server/ imports consensus/, protocol/'],
  ['cli/b.ts', "import '../scripts/schema-types.ts';", 'cli/ imports server/, client/, simulator/'],
  ['client/d.ts', "import './node/limited-web-socket.ts';", 'client/ imports only consensus/'],
  ['client/e.ts', "import 'pino';", 'client/ imports only consensus/'],
  ['workers/a.ts', "import '../protocol/node.ts';", 'workers/ imports only consensus/'],
  ['server/a.ts', "import '../workers/sha256d.ts';", 'of workers/ only the task types'],
  ['server/b.ts', "import '../simulator/network.ts';", 'server/ imports consensus/, protocol/'],
  ['server/g.ts', "import '../torture/soak.ts';", 'server/ imports consensus/, protocol/'],
  ['server/h.ts', "import '../cli/program.ts';", 'server/ imports consensus/, protocol/'],
  ['cli/a.ts', "import '../protocol/node.ts';", 'cli/ imports server/, client/, simulator/'],
  ['library/a.ts', "import '../cli/program.ts';", 'library/ imports server/, client/ and consensus/'],
  ['library/b.ts', "import '../protocol/node.ts';", 'library/ imports server/, client/ and consensus/'],
  ['server/j.ts', "import '../library/main.ts';", 'server/ imports consensus/, protocol/'],
  ['cli/c.ts', "import '../library/main.ts';", 'cli/ imports server/, client/, simulator/'],
  ['client/f.ts', "import '../library/main.ts';", 'client/ imports only consensus/'],
  ['bench/a.ts', "import '../torture/soak.ts';", 'torture/ is for its own commands'],
  ['server/f.ts', "import '../client/documents.ts';", 'server/ imports consensus/, protocol/'],
  ['client/a.ts', "import '../protocol/node.ts';", 'client/ imports only consensus/'],
  ['client/b.ts', "import 'node:fs';", 'client/ imports only consensus/'],
  ['client/c.ts', 'export const c = document.title;', 'Do not use the global variable document'],
  [
    'client/node/a.ts',
    "import '../../server/node/driver.ts';",
    'client/node/ imports only client/, and HTTP and WebSocket of Node.js',
  ],
  ['client/node/b.ts', "import 'node:fs';", 'client/node/ imports only client/, and HTTP and WebSocket of Node.js'],
  ['client/node/c.ts', "import 'undici';", 'client/node/ imports only client/, and HTTP and WebSocket of Node.js'],
  ['client/node/d.ts', 'export const d = navigator.userAgent;', 'Do not use the global variable navigator'],
  ['dashboard/a.ts', "import '../protocol/node.ts';", 'dashboard/ imports only client/ and consensus/'],
  ['dashboard/b.ts', "import 'node:fs';", 'dashboard/ imports only client/ and consensus/'],
  [
    'dashboard/c.svelte',
    "<script>\nimport '../cli/settings/node-settings.ts';\n</script>",
    'dashboard/ imports only client/ and consensus/',
  ],
  ['server/c.ts', "import { d } from './d.ts';\nexport const c = d;", 'part of a cycle'],
  ['server/d.ts', "import { c } from './c.ts';\nexport const d = c;", 'part of a cycle'],
  ['protocol/f.ts', "import type { G } from './g.ts';\nexport interface F {\n  readonly g: G;\n}", 'part of a cycle'],
  [
    'protocol/g.ts',
    "import type { F } from './f.ts';\nexport interface G {\n  readonly f: F | null;\n}",
    'part of a cycle',
  ],
  ['server/e.ts', "export * from './c.ts';", 'barrel'],
];
const ALLOWED: readonly (readonly [path: string, source: string])[] = [
  ['consensus/ok.ts', "import { sha256 } from '@noble/hashes/sha2.js';\nexport const a = sha256;"],
  ['protocol/ok.ts', "import { a } from '../consensus/ok.ts';\nexport const b = a;"],
  ['simulator/command/ok.ts', "import 'node:fs';\nexport const seed = Math.random();"],
  ['simulator/ok.ts', "import { b } from '../protocol/ok.ts';\nexport const c = b;"],
  [
    'simulator/model/ok.ts',
    "import { sha256 } from '@noble/hashes/sha2.js';\nimport { decodeBlock } from '../../consensus/block.ts';\nimport { a } from './part.ts';\nexport const c = [a, decodeBlock, sha256];",
  ],
  ['cli/ok.ts', "import { c } from '../server/ok.ts';\nimport 'node:fs';\nexport const d = c;"],
  [
    'library/ok.ts',
    "import { d } from '../client/ok.ts';\nimport { c } from '../server/ok.ts';\nimport 'node:fs';\nexport const e = [c, d];",
  ],
  ['client/ok.ts', "import { a } from '../consensus/ok.ts';\nexport const d = [a, fetch, WebSocket];"],
  [
    'client/node/ok.ts',
    "import { WebSocket } from 'ws';\nimport { d } from '../ok.ts';\nexport const e = [d, WebSocket];",
  ],
  [
    'dashboard/ok.ts',
    "import { d } from '../client/ok.ts';\nimport { a } from '../consensus/ok.ts';\nexport const e = [a, d];",
  ],
  ['server/ok.ts', "import { b } from '../protocol/ok.ts';\nimport 'node:fs';\nexport const c = b;"],
];
/** What a pure room must not know, and the type checker's word for it. */
const PLATFORM = [
  'setTimeout(() => 1, 1)',
  'process.exit()',
  'Buffer.alloc(1)',
  'fetch("x")',
  'crypto',
  'document',
  'performance',
];

let folder: string;
let complaints: Map<string, string>;

function write(path: string, source: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${source}\n`);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'forklore-architecture-'));
  for (const name of ['biome.json', '.gitignore', 'scripts/lint']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  for (const [path, source] of [...BREACHES, ...ALLOWED]) write(path, source);
  const { stdout } = spawnSync(bin('biome'), ['lint', '--reporter=json', '--max-diagnostics=none', '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  complaints = new Map();
  for (const { location, message, advices } of JSON.parse(stdout).diagnostics) {
    const path = typeof location.path === 'string' ? location.path : location.path.file;
    const text = JSON.stringify([message, advices]);
    complaints.set(path, `${complaints.get(path) ?? ''}${text}`);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the linter', () => {
  it.each(BREACHES)('refuses %s: %s', (path, _, complaint) => {
    expect(complaints.get(path)).toContain(complaint);
  });

  it.each(ALLOWED)('allows %s', (path) => {
    expect(complaints.get(path)).toBeUndefined();
  });
});

describe('the rooms', () => {
  const ROOMS = ['consensus', 'protocol', 'workers', 'server', 'client', 'cli', 'library', 'simulator', 'dashboard'];

  // `type T = import('./file.ts').T` and `createRequire` pass the linter's rules about imports unseen.
  it('import by import statements only, or by `await import`', () => {
    const files = ROOMS.flatMap((room) =>
      readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(?:ts|svelte)$/.test(name) && !name.endsWith('graphql-env.d.ts'))
        .map((name) => join(room, name)),
    );
    expect(files.length).toBeGreaterThan(300);
    const hidden = /\bcreateRequire\b|\bimport\('[^']*'\)(?:\.[A-Z]|\[)/;
    // It loads packages, by the names that its type lists.
    const known = join('server', 'process', 'require-package.ts');
    expect(files.filter((file) => hidden.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([known]);
  });
});

describe('the compiler', () => {
  it('knows no clock, disk, network or browser in consensus/ and protocol/', () => {
    const probes = join(folder, 'probes');
    mkdirSync(probes);
    PLATFORM.forEach((source, index) => {
      write(`probes/p${index}.ts`, `${source};\nexport {};`);
    });
    const config = { extends: join(ROOT, 'tsconfig.pure.json'), include: [probes] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { stdout } = spawnSync(bin('tsc'), ['-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
    for (const source of PLATFORM) {
      const [name] = /^\w+/.exec(source) ?? [];
      expect(stdout).toMatch(new RegExp(`Cannot find name '${name}'`));
    }
  });
});

describe('the rooms', () => {
  it('have no file that checks are switched off for', () => {
    for (const room of ['consensus', 'protocol', 'simulator', 'workers']) {
      for (const name of readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })) {
        if (!name.endsWith('.ts')) continue;
        const text = readFileSync(join(ROOT, room, name), 'utf8');
        expect(text, `${room}/${name}`).not.toMatch(/@ts-ignore|@ts-expect-error|@ts-nocheck|biome-ignore/);
      }
    }
  });
});
