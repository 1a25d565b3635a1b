import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Api } from '../support/api.ts';
import { freePorts, isFree } from '../support/free-ports.ts';
import { killPrograms, Program, removeFolders, run, temporaryFolder } from '../support/processes.ts';

const NODES = 3;

afterEach(async () => {
  await killPrograms();
  removeFolders();
});

const environment = () => ({ FORKLORE_RUNTIME_DIR: temporaryFolder() });

/** A port that somebody listens on until `release` is called. */
async function takenPort(): Promise<{ readonly port: number; release(): void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, release: () => server.close() };
}

/** Opens a connection that is kept alive, as browsers do. */
async function keepAlive(url: string): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await once(socket, 'data');
}

const nodesOf = async (url: string): Promise<unknown> => (await fetch(`${url}/nodes.json`)).json();

describe('forklore start', () => {
  it('runs nodes that mine, each within its cap, and the dashboard that shows them, until Ctrl-C', async () => {
    const basePort = await freePorts(NODES);
    const flags = ['--base-port', `${basePort}`, '--dashboard-port', '0', '--ephemeral', '--no-discovery'];
    const program = new Program(['start', ...flags], environment());
    await program.output(/Press Ctrl-C to stop\./);
    const [, url = ''] = /^\s*Forklore dashboard: (http:\/\/127\.0\.0\.1:\d+)\n/.exec(program.stdout) ?? [];
    const urls = Array.from({ length: NODES }, (_, index) => `http://127.0.0.1:${basePort + index}`);
    expect(await nodesOf(url)).toEqual({ nodes: urls });
    for (const node of urls) expect(program.stdout).toContain(`${node}/graphql`);
    expect(program.stdout).toContain('PUBLICLY KNOWN KEYS');

    const page = await fetch(`${url}/blocks`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<script type="module"');

    for (const [index, node] of urls.map((nodeUrl) => new Api(nodeUrl)).entries()) {
      const miner = async () => (await node.query('{ miner { mode threads hashrateLimit hashesDone } }')).miner;
      const working = await node.until(
        'subscription { minerChanged { mode } }',
        miner,
        ({ hashesDone }) => BigInt(hashesDone) > 0n,
      );
      expect(working).toMatchObject({ mode: 'CONTINUOUS', threads: 1, hashrateLimit: 120_000 + 60_000 * index });
    }

    await keepAlive(url);
    const ended = await program.signal('SIGINT');
    expect(ended.code).toBe(0);
    for (const used of [url, ...urls]) expect(await isFree(Number(new URL(used).port))).toBe(true);
  });

  it('lets its page talk to its nodes also by a name that is not of loopback', async () => {
    const basePort = await freePorts(1);
    const flags = ['--nodes', '1', '--base-port', `${basePort}`, '--dashboard-port', '0', '--mine', 'off'];
    const more = ['--allow-host', 'lab.example.org', '--ephemeral', '--network', 'regtest', '--no-discovery'];
    const program = new Program(['start', ...flags, ...more], environment());
    const [, port = ''] = await program.output(/dashboard: http:\/\/127\.0\.0\.1:(\d+)/);
    const statusFor = async (origin: string) => {
      const answer = await fetch(`http://127.0.0.1:${basePort}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: '{"query":"{ __typename }"}',
      });
      return answer.status;
    };
    expect(await statusFor(`http://lab.example.org:${port}`)).toBe(200);
    expect(await statusFor('http://lab.example.org')).toBe(403);
    expect((await program.signal('SIGTERM')).code).toBe(0);
  });

  it('starts nothing when the port of the dashboard is in use', async () => {
    const taken = await takenPort();
    const basePort = await freePorts(1);
    const flags = ['--nodes', '1', '--base-port', `${basePort}`, '--dashboard-port', `${taken.port}`, '--ephemeral'];
    const ended = await run(['start', ...flags], environment());
    taken.release();
    const stderr = `error: port ${taken.port} is already in use; choose another with --dashboard-port\n`;
    expect(ended).toEqual({ code: 1, stdout: '', stderr });
  });

  it('does not stay when no node can start', async () => {
    const taken = await takenPort();
    const flags = ['--nodes', '1', '--base-port', `${taken.port}`, '--dashboard-port', '0', '--ephemeral'];
    const ended = await run(['start', ...flags, '--network', 'regtest', '--no-discovery'], environment());
    taken.release();
    const stderr = `node-${taken.port}: error: port ${taken.port} is already in use; choose another with --base-port\n`;
    expect(ended).toEqual({ code: 1, stdout: '', stderr });
  });
});

describe('forklore dashboard', () => {
  it('serves the dashboard of other nodes until Ctrl-C', async () => {
    const nodes = ['--node', 'http://localhost:5001/graphql', '--node', 'https://Lab.example.org'];
    const program = new Program(['dashboard', '--port', '0', ...nodes]);
    await program.output(/Press Ctrl-C to stop\./);
    const [, url = ''] = /^\s*Forklore dashboard: (http:\/\/127\.0\.0\.1:\d+)\n/.exec(program.stdout) ?? [];
    expect(program.stdout).toContain('http://localhost:5001\n');
    expect(await nodesOf(url)).toEqual({ nodes: ['http://localhost:5001', 'https://lab.example.org'] });
    await keepAlive(url);
    expect(await program.signal('SIGINT')).toMatchObject({ code: 0, stderr: '' });
  });

  it('says which port is in use, and ends with 1', async () => {
    const { port, release } = await takenPort();
    const ended = await run(['dashboard', '--port', `${port}`]);
    release();
    const stderr = `error: port ${port} is already in use; choose another with --port\n`;
    expect(ended).toEqual({ code: 1, stdout: '', stderr });
  });
});
