import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Api } from '../../testing/api.ts';
import { eventually } from '../../testing/eventually.ts';
import { freePorts, isFree } from '../../testing/free-ports.ts';
import { killPrograms, Program, removeFolders, run, startNode, temporaryFolder } from '../../testing/processes.ts';

/** From Ctrl-C to the end. */
const STOP_LIMIT_MS = 5_000;
/** Longer than a node waits before it dials a peer again that it has lost. */
const REDIAL_MS = 1_500;
afterEach(async () => {
  await killPrograms();
  removeFolders();
});

interface Cluster {
  readonly program: Program;
  readonly basePort: number;
  readonly nodes: readonly Api[];
}

async function startCluster(count: number, ...args: string[]): Promise<Cluster> {
  const basePort = await freePorts(count);
  const flags = [
    '--nodes',
    `${count}`,
    '--base-port',
    `${basePort}`,
    '--network',
    'regtest',
    '--ephemeral',
    '--no-discovery',
  ];
  const program = new Program(['cluster', ...flags, ...args], { FORKLORE_RUNTIME_DIR: temporaryFolder() });
  await program.output(/PUBLICLY KNOWN KEYS/);
  const urls = Array.from({ length: count }, (_, index) => `http://127.0.0.1:${basePort + index}`);
  for (const url of urls) expect(program.stdout).toContain(`${url}/graphql`);
  return { program, basePort, nodes: urls.map((url) => new Api(url)) };
}

const peersOf = async (node: Api): Promise<number> => (await node.query('{ peers { state } }')).peers.length;

describe('a cluster', () => {
  it('starts three nodes that share blocks, and ends cleanly at Ctrl-C', async () => {
    const { program, basePort, nodes } = await startCluster(3);
    expect(program.stdout).toContain('cluster: 3 nodes, regtest');
    await Promise.all(nodes.map((node) => node.untilPeers(2)));
    await nodes[0]?.query('mutation { mine(count: 2) { __typename } }');
    const tip = (await nodes[0]?.tip()) ?? '';
    await Promise.all(nodes.map((node) => node.untilTip(tip)));

    const askedMs = performance.now();
    const ended = await program.signal('SIGINT');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('Stopping; press Ctrl-C again to force.');
    expect(performance.now() - askedMs).toBeLessThan(STOP_LIMIT_MS);
    // All nodes are threads of the one process; nothing is left that could listen.
    for (let index = 0; index < 3; index++) expect(await isFree(basePort + index)).toBe(true);
  });

  it('lets an operator part any two of its nodes, mine on both sides, and connect them again', async () => {
    const { basePort, nodes } = await startCluster(3);
    await Promise.all(nodes.map((node) => node.untilPeers(2)));
    const urlOf = (index: number): string => `http://127.0.0.1:${basePort + index}`;
    const peersOfNode = async (index: number): Promise<{ id: string; url: string }[]> =>
      (await (nodes[index] as Api).query('{ peers { id url } }')).peers;
    const areConnected = async (a: number, b: number): Promise<boolean> =>
      [
        ...(await peersOfNode(a)).map(({ url }) => url === urlOf(b)),
        ...(await peersOfNode(b)).map(({ url }) => url === urlOf(a)),
      ].includes(true);
    for (const [a, b] of [
      [0, 1],
      [2, 0],
      [1, 2],
    ] as const) {
      const peer = (await peersOfNode(a)).find(({ url }) => url === urlOf(b));
      await nodes[a]?.query('mutation ($id: ID!) { disconnectPeer(id: $id) { __typename } }', { id: peer?.id });
      await Promise.all([nodes[a]?.untilPeers(1), nodes[b]?.untilPeers(1)]);
      // Nodes that dial again do so within a second. Both sides have work to do meanwhile.
      const partedMs = performance.now();
      while (performance.now() - partedMs < REDIAL_MS) {
        await nodes[a]?.query('mutation { mine { __typename } }');
        await nodes[b]?.query('mutation { mine { __typename } }');
        expect([a, b, await areConnected(a, b)]).toEqual([a, b, false]);
      }
      // By the one that was disconnected: it may as well.
      await nodes[b]?.query('mutation ($url: String!) { connectPeer(url: $url) { __typename } }', { url: urlOf(a) });
      await Promise.all(nodes.map((node) => node.untilPeers(2)));
    }
    const tip = (await nodes[0]?.tip()) ?? '';
    await Promise.all(nodes.map((node) => node.untilTip(tip)));
  });

  it('connects its nodes in the shape that was asked for', async () => {
    const { nodes } = await startCluster(4, '--topology', 'line');
    const [first, second, third, fourth] = nodes as [Api, Api, Api, Api];
    await Promise.all([first.untilPeers(1), second.untilPeers(2), third.untilPeers(2), fourth.untilPeers(1)]);
    expect(await Promise.all(nodes.map(peersOf))).toEqual([1, 2, 2, 1]);
    await first.query('mutation { mine { __typename } }');
    await fourth.untilTip(await first.tip());
    expect(await Promise.all(nodes.map(peersOf))).toEqual([1, 2, 2, 1]);
  });

  it('ends at once at the second Ctrl-C', async () => {
    const { program, basePort } = await startCluster(2);
    // A request that is never finished, which a clean end waits for.
    const socket = connect(basePort, '127.0.0.1').on('error', () => {});
    const head = `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:${basePort}\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}Content-Length: 100\r\nExpect: 100-continue\r\n\r\n`);
    await once(socket, 'data');
    const stopping = program.errorOutput(/Stopping/);
    program.child.kill('SIGINT');
    await stopping;
    await program.signal('SIGINT');
    expect(program.child.signalCode).toBe('SIGINT');
    socket.destroy();
  });

  it('keeps each chain over a restart, even when it was killed', async () => {
    const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
    const folder = temporaryFolder();
    const basePort = await freePorts(2);
    const args = [
      'cluster',
      '--nodes',
      '2',
      '--base-port',
      `${basePort}`,
      '--network',
      'regtest',
      '--data-dir',
      folder,
    ];
    const program = new Program(args, env);
    await program.output(/PUBLICLY KNOWN KEYS/);
    const nodes = [basePort, basePort + 1].map((port) => new Api(`http://127.0.0.1:${port}`)) as [Api, Api];
    await nodes[0].query('mutation { mine(count: 3) { __typename } }');
    const tip = await nodes[0].tip();
    await nodes[1].untilTip(tip);
    await program.signal('SIGKILL');
    const again = new Program(args, env);
    await again.output(/PUBLICLY KNOWN KEYS/);
    expect(await Promise.all(nodes.map((node) => node.tip()))).toEqual([tip, tip]);
    expect((await again.signal('SIGTERM')).code).toBe(0);
  });

  it('begins with the states of a file that the command line has saved, each node with its own', async () => {
    const lone = ['--port', '0', '--network', 'regtest', '--ephemeral', '--no-discovery'];
    const [high, low] = await Promise.all([startNode(lone), startNode(lone)]);
    await high.api.query('mutation { mine(count: 2) { __typename } }');
    await low.api.query('mutation { mine(to: "Bob") { __typename } }');
    const file = join(temporaryFolder(), 'both.state');
    const saved = await run(['snapshot', 'save', file, '--node', high.url, '--node', low.url]);
    expect(saved).toEqual({ code: 0, stdout: `${file}: 2 nodes, at height 2, 1\n`, stderr: '' });
    const [tip, side] = [await high.api.tip(), await low.api.tip()];

    const { nodes } = await startCluster(2, '--load-state', file);
    await Promise.all(nodes.map((node) => node.untilTip(tip)));
    const known = await Promise.all(
      nodes.map(
        async (node) => (await node.query('query ($hash: Hash) { block(hash: $hash) { hash } }', { hash: side })).block,
      ),
    );
    // Nobody asks for a block of the branch with less work: only who began with it has it.
    expect(known).toEqual([null, { hash: side }]);

    const flags = ['--base-port', `${await freePorts(3)}`, '--network', 'regtest', '--ephemeral', '--no-discovery'];
    const ended = await run(['cluster', '--nodes', '3', ...flags, '--load-state', file]);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain(`--load-state ${file}: it holds the states of 2 nodes, and 3 nodes are started`);
  });

  it('says which port is in use, and ends with 1', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const flags = ['--nodes', '1', '--base-port', `${port}`, '--network', 'regtest', '--ephemeral', '--no-discovery'];
    const ended = await run(['cluster', ...flags], { FORKLORE_RUNTIME_DIR: temporaryFolder() });
    taken.close();
    const stderr = `node-${port}: error: port ${port} is already in use; choose another with --base-port\n`;
    expect(ended).toEqual({ code: 1, stdout: '', stderr });
  });

  it('does not call whoever listens at a port that it did not get, and goes on with the other nodes', async () => {
    const env = { FORKLORE_RUNTIME_DIR: temporaryFolder() };
    const base = await freePorts(3);
    const kept = await startNode(
      ['--network', 'regtest', '--port', `${base + 1}`, '--data-dir', temporaryFolder()],
      env,
    );
    const flags = ['--nodes', '3', '--base-port', `${base}`, '--network', 'regtest', '--ephemeral'];
    const program = new Program(['cluster', ...flags], env);
    await program.output(/cluster: 2 of 3 nodes/);
    expect(program.stderr).toContain(`node-${base + 1}: error: port ${base + 1} is already in use`);
    const [first, third] = [base, base + 2].map((port) => new Api(`http://127.0.0.1:${port}`)) as [Api, Api];
    await Promise.all([first.untilPeers(1), third.untilPeers(1)]);
    await first.query('mutation { mine { __typename } }');
    await third.untilTip(await first.tip());
    expect(await kept.api.query('{ peers { url } tip { height } }')).toEqual({ peers: [], tip: { height: 0 } });
    expect((await program.signal('SIGTERM')).code).toBe(0);
  });

  it('tells programs which node ends, and with which code', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const flags = ['--nodes', '1', '--base-port', `${port}`, '--network', 'regtest', '--ephemeral'];
    const ended = await run(['cluster', ...flags, '--log-format', 'json'], { FORKLORE_RUNTIME_DIR: temporaryFolder() });
    taken.close();
    const message = `port ${port} is already in use; choose another with --base-port`;
    const lines = ended.stderr.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'node-failed', node: `node-${port}`, exitCode: 1, msg: message },
    ]);
    expect([ended.code, ended.stdout]).toEqual([1, '']);
  });

  it('ends at a signal while it is still starting', async () => {
    const base = await freePorts(2);
    const flags = ['--nodes', '2', '--base-port', `${base}`, '--network', 'regtest', '--ephemeral'];
    const program = new Program(['cluster', ...flags], { FORKLORE_RUNTIME_DIR: temporaryFolder() });
    // Its ports are taken before its nodes run.
    await eventually(async () => expect(await isFree(base)).toBe(false));
    const ended = await program.signal('SIGTERM');
    expect(ended.code).toBe(0);
    for (const port of [base, base + 1]) expect(await isFree(port)).toBe(true);
  });
});
