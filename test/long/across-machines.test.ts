// What `start --host 0.0.0.0` promises to people at other machines: two network namespaces with a cable between them, a
// teacher's and a student's, and a real browser in the student's.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterEach, describe, expect } from 'vitest';
import { cardOf, factOf, launch, untilText } from '../../testing/browser.ts';
import { itNeeding } from '../../testing/long.ts';
import { killPrograms, Program, removeFolders, temporaryFolder } from '../../testing/processes.ts';

const TEACHER = { namespace: `forklore-teacher-${process.pid}`, address: '192.0.2.1' };
const STUDENT = { namespace: `forklore-student-${process.pid}`, address: '192.0.2.2' };
const HOSTS = [TEACHER, STUDENT] as const;
type Host = (typeof HOSTS)[number];

const browsers: Browser[] = [];

afterEach(async () => {
  await Promise.all(browsers.splice(0).map((browser) => browser.close()));
  await killPrograms();
  for (const { namespace } of HOSTS) {
    try {
      execFileSync('ip', ['netns', 'delete', namespace], { stdio: 'ignore' });
    } catch {
      // The test was skipped, or failed before it made it.
    }
  }
  removeFolders();
});

function layCable(): void {
  const ip = (...args: string[]) => execFileSync('ip', args);
  for (const { namespace } of HOSTS) ip('netns', 'add', namespace);
  const [a, b] = HOSTS;
  ip('-n', a.namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', b.namespace);
  for (const { namespace, address } of HOSTS) {
    ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-n', namespace, 'link', 'set', device, 'up');
  }
}

const inside = ({ namespace }: Host): string[] => ['ip', 'netns', 'exec', namespace];

const runtimeOf = (host: Host, folder: string): NodeJS.ProcessEnv => ({
  FORKLORE_RUNTIME_DIR: join(folder, host.namespace),
});

async function runOn(host: Host, folder: string, ...args: string[]): Promise<string> {
  const program = new Program(args, runtimeOf(host, folder), '', undefined, inside(host));
  const { code, stdout, stderr } = await program.finished;
  expect([code, stderr.includes('error')], stderr).toEqual([0, false]);
  return stdout;
}

async function openOn(host: Host, folder: string, url: string): Promise<{ page: Page; problems: string[] }> {
  const browser = await launch([], (path) => {
    const file = join(folder, `browser-${host.namespace}`);
    writeFileSync(file, `#!/bin/sh\nexec ${inside(host).join(' ')} '${path}' "$@"\n`);
    chmodSync(file, 0o755);
    return file;
  });
  browsers.push(browser);
  const page = await browser.newPage({ locale: 'en-US' });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(url);
  return { page, problems };
}

describe('forklore start --host 0.0.0.0', () => {
  itNeeding(['networks'], 'is watched, and joined, from another machine, and controlled with the token', async () => {
    layCable();
    const folder = temporaryFolder();
    const flags = ['--host', '0.0.0.0', '--network', 'regtest', '--mine', 'off'];
    const teacher = new Program(['start', ...flags], runtimeOf(TEACHER, folder), '', undefined, inside(TEACHER));
    await teacher.output(/Press Ctrl-C to stop\./);
    const [, dashboard = ''] = /on the network: +(http:\S+)/.exec(teacher.stdout) ?? [];
    expect(dashboard).toBe(`http://${TEACHER.address}:8000`);
    const [, tokenFile = ''] = /Admin token +(\S+)/.exec(teacher.stdout) ?? [];
    expect(readFileSync(tokenFile, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);

    const { page, problems } = await openOn(STUDENT, folder, dashboard);
    await page.getByText('You are looking on').waitFor();
    await page.getByText(`forklore node --peer http://${TEACHER.address}:5000`).waitFor();
    const names = ['node-5000', 'node-5001', 'node-5002'];
    for (const name of names) {
      const mine = cardOf(page, name).getByRole('button', { name: 'Mine a block' });
      await mine.waitFor();
      expect(await mine.isDisabled()).toBe(true);
    }

    // Nodes tell each other addresses of the network, and this page calls them by one of the machine.
    const own = await openOn(TEACHER, folder, 'http://127.0.0.1:8000');
    for (const { page: each } of [{ page }, own])
      await each.getByRole('group', { name: '3 nodes with 3 connections' }).waitFor();

    const node = `http://${TEACHER.address}:5001`;
    await runOn(TEACHER, folder, 'mine', '2', '--node', node, '--admin-token-file', tokenFile);
    for (const name of names) await untilText(factOf(cardOf(page, name), 'Tip'), /^\s*2\b/);

    // Signed at the student's machine, so that no node has to be trusted with it.
    const sent = await runOn(STUDENT, folder, 'send', 'Alice', 'Bob', '10', '--node', node);
    expect(sent).toMatch(/^[0-9a-f]{64}\n$/);
    for (const name of names) await untilText(factOf(cardOf(page, name), 'Pending'), '1');

    const joined = new Program(
      ['node', '--network', 'regtest', '--ephemeral', '--peer', `http://${TEACHER.address}:5000`],
      runtimeOf(STUDENT, folder),
      '',
      undefined,
      inside(STUDENT),
    );
    await joined.output(/PUBLICLY KNOWN KEYS/);
    await runOn(STUDENT, folder, 'mine');
    for (const name of names) await untilText(factOf(cardOf(page, name), 'Tip'), /^\s*3\b/);
    expect([...problems, ...own.problems]).toEqual([]);
    expect((await teacher.signal('SIGTERM')).code).toBe(0);
  });
});
