import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { removeFolders, temporaryFolder } from '../../testing/processes.ts';

const LIBRARY = pathToFileURL(join(import.meta.dirname, '../../dist/library.js')).href;
const NODES = 100;

/** Starts and stops nodes one after another, and tells what is left: threads and sockets of the process, files of the system. */
const PROGRAM = `
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { startNode } from ${JSON.stringify(LIBRARY)};

const left = () => ({
  handles: process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|TCP|Pipe|Timeout/.test(name)).length,
  threads: readdirSync('/proc/self/task').length,
  files: readdirSync(tmpdir()).length,
});
const urls = new Set();
const once = async () => {
  const node = await startNode();
  await node.client.mine();
  urls.add((await node.client.tip()).height);
  await node.stop();
};
await once();
const before = left();
for (let index = 1; index < ${NODES}; index++) await once();
console.log(JSON.stringify({ before, after: left(), heights: [...urls] }));
`;

afterAll(() => removeFolders());

describe('a hundred nodes, one after another', () => {
  it('see nothing of each other, and leave no thread, socket or file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'program.mjs'), PROGRAM);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'program.mjs')], {
      env: { ...process.env, TMPDIR: temporaryFolder() },
    });
    const { before, after, heights } = JSON.parse(stdout);
    expect(heights).toEqual([1]);
    expect(after.files).toBe(before.files);
    expect(after.handles).toBeLessThanOrEqual(before.handles);
    expect(after.threads).toBeLessThanOrEqual(before.threads);
  });
});
