import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The one that fails, and two at the same time, of which the first does not end before the second. */
const SUITE = `
import { afterEach, expect } from 'vitest';
import { nodeTest } from ${JSON.stringify(join(ROOT, 'library/vitest.ts'))};

const test = nodeTest({ name: 'north' });

test('comes before', async ({ node }) => {
  await node.client.mine({ count: 4 });
});

test('fails', async ({ node }) => {
  const id = await node.snapshot();
  await node.client.mine({ count: 2 });
  await node.client.submit('00').catch(() => {});
  await node.revert(id);
  throw new Error('on purpose');
});

let end;
const ended = new Promise((resolve) => {
  end = resolve;
});
afterEach(({ task }) => {
  if (task.name === 'begins second') end();
});
test.concurrent('begins first', async ({ node }) => {
  await ended;
  expect((await node.client.tip()).height).toBe(0);
});
test.concurrent('begins second', async ({ node }) => {
  await node.client.mine();
});

test('comes after', async ({ node }) => {
  expect((await node.client.tip()).height).toBe(0);
});
`;

interface Result {
  readonly title: string;
  readonly status: 'passed' | 'failed';
  readonly failureMessages: readonly string[];
}

let results: readonly Result[];
let shown: string;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'forklore-library-'));
  try {
    writeFileSync(join(folder, 'suite.test.ts'), SUITE);
    const report = join(folder, 'report.json');
    const flags = ['run', '--root', folder, '--testTimeout=150000', '--hookTimeout=150000'];
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const options = { cwd: folder, env: { ...process.env, NO_COLOR: '1' } };
    shown = await new Promise((resolve) => {
      // Its exit status says that tests of the suite fail.
      execFile(process.execPath, [vitest, ...flags, ...reporters], options, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    results = JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap(
      ({ assertionResults }: { readonly assertionResults: readonly Result[] }) => assertionResults,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('shows the log of a test that fails, with all that happened in it and nothing that happened before or after', () => {
  const [, log = ''] = /^the log of north:\n((?:.*north.*\n)+)/m.exec(shown) ?? [];
  const messages = Array.from(log.matchAll(/ north (.*?) \{.*"(?:height|code)":"?(.*?)"?,/g), ([, ...parts]) => parts);
  expect(messages).toEqual([
    ['new tip', '1'],
    ['new tip', '2'],
    ['operation refused', 'malformed'],
    ['went back to a snapshot', '0'],
  ]);
});

it('fails a test that begins while another one has the node, and no other', () => {
  expect(results.map(({ title, status }) => [title, status])).toEqual([
    ['comes before', 'passed'],
    ['fails', 'failed'],
    ['begins first', 'passed'],
    ['begins second', 'failed'],
    ['comes after', 'passed'],
  ]);
  expect(results[3]?.failureMessages[0]).toContain(
    'Error: two tests use this node at the same time: "begins first" and "begins second"; run them one after the other, or start a node of its own in each\n',
  );
});
