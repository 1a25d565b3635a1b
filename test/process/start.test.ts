import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Api } from '../../testing/api.ts';
import { freePorts, isFree } from '../../testing/free-ports.ts';
import { killPrograms, Program, removeFolders, run, startNode, temporaryFolder } from '../../testing/processes.ts';

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

  it('says which node mining programs cannot connect to, and starts nothing', async () => {
    const taken = await takenPort();
    const basePort = await freePorts(2);
    const flags = ['--nodes', '2', '--base-port', `${basePort}`, '--dashboard-port', '0', '--ephemeral'];
    const ended = await run(
      ['start', ...flags, '--stratum', `${taken.port - 1}`, '--log-level', 'error'],
      environment(),
    );
    taken.release();
    const stderr = `node-${basePort + 1}: error: mining programs cannot connect at 127.0.0.1:${taken.port}: port ${taken.port} is already in use; choose another with --stratum\n`;
    expect(ended).toEqual({ code: 1, stdout: '', stderr });
  });

  it('passes over ports that are taken, and tells programs where everything is', async () => {
    const basePort = await freePorts(NODES + 2);
    const taken = createServer().listen(basePort + 1, '127.0.0.1');
    await once(taken, 'listening');
    const flags = ['--base-port', `${basePort}`, '--dashboard-port', '0', '--network', 'regtest', '--mine', 'off'];
    const program = new Program(['start', ...flags, '--json'], environment());
    const [line = ''] = await program.output(/^.*\n/);
    const { dashboardUrl, nodes } = JSON.parse(line);
    const ports = [basePort, basePort + 2, basePort + 3];
    expect(nodes).toEqual(
      ports.map((port) => {
        const url = `http://127.0.0.1:${port}`;
        return { name: `node-${port}`, url, graphqlUrl: `${url}/graphql`, port };
      }),
    );
    expect(await nodesOf(dashboardUrl)).toEqual({ nodes: nodes.map(({ url }: { url: string }) => url) });
    await Promise.all(nodes.map(({ url }: { url: string }) => new Api(url).untilPeers(2)));
    expect((await program.signal('SIGTERM')).stdout).toBe(line);
    taken.close();
  });

  it('finds ports also beside another that starts in the same moment', async () => {
    const basePort = await freePorts(2 * NODES);
    const flags = ['--base-port', `${basePort}`, '--dashboard-port', '0', '--network', 'regtest', '--mine', 'off'];
    const programs = [1, 2].map(() => new Program(['start', ...flags, '--json'], environment()));
    const lines = await Promise.all(programs.map((program) => program.output(/^.*\n/)));
    const ports = lines.flatMap(([line = '']) => JSON.parse(line).nodes.map(({ port }: { port: number }) => port));
    expect(new Set(ports).size).toBe(2 * NODES);
    for (const program of programs) expect((await program.signal('SIGTERM')).code).toBe(0);
  });

  it('tells of each block in one line, whichever node mined it', async () => {
    const basePort = await freePorts(2);
    const flags = ['--nodes', '2', '--base-port', `${basePort}`, '--dashboard-port', '0', '--network', 'regtest'];
    const program = new Program(['start', ...flags, '--mine', 'off'], environment());
    await program.output(/Press Ctrl-C to stop\./);
    const [first, second] = [basePort, basePort + 1].map((port) => new Api(`http://127.0.0.1:${port}`)) as [Api, Api];
    await Promise.all([first.untilPeers(1), second.untilPeers(1)]);
    await first.query('mutation { mine(count: 2) { __typename } }');
    await second.untilTip(await first.tip());
    await second.query('mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") { __typename } }');
    await second.query('mutation { mine { __typename } }');
    await first.untilTip(await second.tip());
    await program.output(/block 3/);
    const ended = await program.signal('SIGTERM');
    const lines = ended.stdout.split('\n').filter((line) => line.includes('block '));
    expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, '').replace(/…[0-9a-f]{8}/, '…'))).toEqual([
      `block 1  …  by node-${basePort}, 0 transfers`,
      expect.stringMatching(new RegExp(`^block 2 {2}… {2}by node-${basePort}, 0 transfers, \\d+\\.\\d s later$`)),
      expect.stringMatching(new RegExp(`^block 3 {2}… {2}by node-${basePort + 1}, 1 transfer, \\d+\\.\\d s later$`)),
    ]);
    expect(ended.stderr.trim()).toBe('Stopping; press Ctrl-C again to force.');
  });

  it('never mines into the chain that somebody keeps, unless that node asks to join', async () => {
    const env = environment();
    const folder = temporaryFolder();
    const kept = await startNode(['--port', '0', '--data-dir', folder], env);
    const basePort = await freePorts(2);
    const program = new Program(['start', '--nodes', '2', '--base-port', `${basePort}`, '--dashboard-port', '0'], env);
    await program.output(/Press Ctrl-C to stop\./);
    const nodes = [basePort, basePort + 1].map((port) => new Api(`http://127.0.0.1:${port}`)) as [Api, Api];
    // What runs on the machine is looked for before a node says that it runs.
    await Promise.all(nodes.map((node) => node.untilPeers(1)));
    expect(await kept.api.query('{ peers { url } }')).toEqual({ peers: [] });
    expect(await kept.api.height()).toBe(0);
    await kept.program.signal('SIGTERM');
    const joined = await startNode(
      ['--port', '0', '--data-dir', folder, '--peer', `http://127.0.0.1:${basePort}`],
      env,
    );
    await joined.api.untilPeers(1);
  });
});

describe('forklore dashboard', () => {
  it('serves the dashboard of other nodes until Ctrl-C, and warns of those that are not there', async () => {
    const port = await freePorts(1);
    const nodes = ['--node', `http://localhost:${port}/graphql`, '--node', 'https://Lab.example.org'];
    const program = new Program(['dashboard', '--port', '0', ...nodes]);
    await program.output(/Press Ctrl-C to stop\./);
    await program.errorOutput(new RegExp(`^warning: no node answers at http://127\\.0\\.0\\.1:${port} .*\\n`, 'm'));
    const [, url = ''] = /^\s*Forklore dashboard: (http:\/\/127\.0\.0\.1:\d+)\n/.exec(program.stdout) ?? [];
    expect(program.stdout).toContain(`http://127.0.0.1:${port}\n`);
    expect(await nodesOf(url)).toEqual({ nodes: [`http://127.0.0.1:${port}`, 'https://lab.example.org'] });
    await keepAlive(url);
    expect(await program.signal('SIGINT')).toMatchObject({ code: 0 });
  });

  it('says which port is in use, and ends with 1', async () => {
    const { port, release } = await takenPort();
    const ended = await run(['dashboard', '--port', `${port}`]);
    release();
    const stderr = `error: port ${port} is already in use; choose another with --port\n`;
    expect(ended).toEqual({ code: 1, stdout: '', stderr });
  });
});
