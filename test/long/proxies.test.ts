// The files in deploy/caddy and deploy/nginx as they are, but for the certificate: on a machine of the test's own, a network
// namespace, that is called lab.example.org by itself alone.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterEach, describe, expect } from 'vitest';
import { cardOf, factOf, launch, untilText } from '../../testing/browser.ts';
import { eventually } from '../../testing/eventually.ts';
import { itNeeding } from '../../testing/long.ts';
import { NetworkHost } from '../../testing/network-host.ts';
import { killPrograms, removeFolders, temporaryFolder } from '../../testing/processes.ts';

const NAME = 'lab.example.org';
const LAB = `https://${NAME}/forklore`;
const NODES = [0, 1].map((number) => ({ port: 5000 + number, url: `${LAB}/nodes/${number}`, name: `node-${number}` }));
const LIMIT_MS = 600_000;
/** Of each step in the browser: the playground has nine megabytes, and the machine may be busy. */
const PAGE_LIMIT_MS = 180_000;

let host: NetworkHost | undefined;
let browser: Browser | undefined;
let proxy: ChildProcess | undefined;

afterEach(async () => {
  await browser?.close();
  await killPrograms();
  if (proxy?.exitCode === null) {
    proxy.kill();
    await once(proxy, 'exit');
  }
  host?.remove();
  browser = undefined;
  proxy = undefined;
  host = undefined;
  removeFolders();
});

interface Certificate {
  readonly file: string;
  readonly key: string;
}

function makeCertificate(folder: string): Certificate {
  const [file, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', file], { stdio: 'ignore' });
  return { file, key };
}

/** The command of a proxy that listens on ports 80 and 443. */
type Proxy = (folder: string, certificate: Certificate) => readonly string[];

const caddy: Proxy = (folder, { file, key }) => {
  const config = join(folder, 'Caddyfile');
  const text = readFileSync('deploy/caddy/Caddyfile', 'utf8').replace(/^lab.*\{$/m, `$&\n\ttls ${file} ${key}`);
  writeFileSync(config, text);
  return ['env', `HOME=${folder}`, 'caddy', 'run', '--adapter', 'caddyfile', '--config', config];
};

const nginx: Proxy = (folder, { file, key }) => {
  const site = readFileSync('deploy/nginx/forklore.conf', 'utf8')
    .replace(/(?<=ssl_certificate +)\S+(?=;)/, file)
    .replace(/(?<=ssl_certificate_key +)\S+(?=;)/, key);
  writeFileSync(join(folder, 'forklore.conf'), site);
  const config = join(folder, 'nginx.conf');
  const http = `access_log off; include ${join(folder, 'forklore.conf')};`;
  writeFileSync(config, `user root; daemon off; pid ${folder}/pid; error_log stderr; events {} http { ${http} }`);
  return ['nginx', '-p', folder, '-c', config];
};

async function startLab(start: Proxy, folder: string, certificate: Certificate): Promise<NetworkHost> {
  const machine = new NetworkHost('proxy', folder, [NAME]);
  host = machine;
  const tokenFile = join(folder, 'token');
  const common = ['--network', 'regtest', '--ephemeral', '--no-discovery', '--admin-token-file', tokenFile];
  const nodes = NODES.map(({ port, url, name }) =>
    machine.start(['node', '--port', String(port), '--announce', url, '--name', name, '--graphiql', ...common]),
  );
  await Promise.all(nodes.map((node) => node.output(/PUBLICLY KNOWN KEYS/)));
  const shown = NODES.flatMap(({ url }) => ['--node', url]);
  await machine.start(['dashboard', '--allow-host', NAME, ...shown]).output(/dashboard: http/);
  const [command = '', ...args] = [...machine.inside, ...start(folder, certificate)];
  const log = join(folder, 'proxy.log');
  proxy = spawn('sh', ['-c', 'exec "$0" "$@" 2>>"$LOG"', command, ...args], {
    stdio: 'ignore',
    env: { ...process.env, LOG: log },
  });
  await eventually(async () => {
    expect(proxy?.exitCode, existsSync(log) ? readFileSync(log, 'utf8') : '').toBeNull();
    execFileSync('ip', ['netns', 'exec', machine.namespace, 'bash', '-c', ': < /dev/tcp/127.0.0.1/443'], {
      stdio: 'ignore',
    });
  });
  return machine;
}

async function openPage(machine: NetworkHost, folder: string, url: string) {
  browser = await launch([], (path) => {
    const file = join(folder, 'browser');
    writeFileSync(file, `#!/bin/sh\nexec ${machine.inside.join(' ')} '${path}' "$@"\n`);
    chmodSync(file, 0o755);
    return file;
  });
  const page = await browser.newPage({ locale: 'en-US', ignoreHTTPSErrors: true });
  page.setDefaultTimeout(PAGE_LIMIT_MS);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(url);
  return { page, problems };
}

describe.each([
  ['Caddy', 'caddy', caddy],
  ['nginx', 'nginx', nginx],
] as const)('nodes and a dashboard below base paths of %s, by HTTPS', (_, need, start) => {
  itNeeding(
    ['networks', need],
    'are asked, controlled, joined and watched',
    async () => {
      const folder = temporaryFolder();
      const certificate = makeCertificate(folder);
      const machine = await startLab(start, folder, certificate);
      const trusting = { NODE_EXTRA_CA_CERTS: certificate.file };
      const run = (...args: readonly string[]) => machine.run(args, trusting);
      const [first, second] = NODES as [(typeof NODES)[0], (typeof NODES)[0]];
      const token = ['--admin-token-file', join(folder, 'token')];

      const { code, stderr } = await machine.start(['mine', '--node', first.url], trusting).finished;
      expect([code, stderr]).toEqual([1, expect.stringMatching(/token/)]);
      await run('mine', '2', '--node', first.url, ...token);

      // A third node joins by the URL that holds the path, and the second learns it of the third.
      const flags = ['--network', 'regtest', '--ephemeral', '--no-discovery', '--port', '5900'];
      const third = machine.start(['node', ...flags, '--peer', first.url], trusting);
      await third.output(/PUBLICLY KNOWN KEYS/);
      await run('wait', '--height', '2', '--node', '5900', '--timeout', '120');
      const [peer] = JSON.parse(await run('peers', '--json', '--node', '5900'));
      expect(peer.url).toBe(`https://${NAME}:443/forklore/nodes/0`);
      await run('connect', second.url, '--node', '5900');
      await run('wait', '--height', '2', '--node', second.url, '--timeout', '120');

      const { page, problems } = await openPage(machine, folder, `${LAB}/block/2`);
      await page.getByRole('heading', { level: 1, name: 'Block 2' }).waitFor();
      await page.goto(LAB);
      expect(page.url()).toBe(`${LAB}/`);
      for (const { name } of NODES) await untilText(factOf(cardOf(page, name), 'Tip'), /^\s*2\b/);
      await run('mine', '--node', second.url, ...token);
      for (const { name } of NODES) await untilText(factOf(cardOf(page, name), 'Tip'), /^\s*3\b/);

      await page.goto(`${first.url}/`);
      await page.waitForURL(`${first.url}/graphql`);
      await page.getByRole('button', { name: /Execute query/ }).click();
      await page.locator('.result-window').getByText('"regtest"').waitFor();
      expect(problems).toEqual([]);
    },
    LIMIT_MS,
  );
});
