// Machines on one switch: three network namespaces with a cable each to a bridge in a fourth one, which has no way out. Once
// with addresses of the loopback range, and once with others: there, nodes tell each other their addresses, discourage by
// address, and let nobody control them without the token.
import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect } from 'vitest';
import { itNeeding } from '../../testing/long.ts';
import { ip, NetworkHost } from '../../testing/network-host.ts';
import { type Finished, killPrograms, removeFolders, temporaryFolder } from '../../testing/processes.ts';

const PORT = 6650;
/** Loopback addresses have to be led over the cable; see `layCable`. Those of RFC 5737 belong to nobody. */
const RANGES = [
  ['127.66.0.0/16', (number: number) => `127.66.0.${number}`],
  ['192.0.2.0/24', (number: number) => `192.0.2.${number}`],
] as const;
/** Above what the slowest part takes: a cable that is pulled is noticed by a ping without an answer. */
const LIMIT_MS = 600_000;
const WAIT_SECONDS = '300';
/** Calls a node as a peer, sends what no peer may send, and ends when it is put out. */
const SEND_NONSENSE = `
  const socket = new (require('ws'))(process.argv[1].replace('http', 'ws') + '/p2p', 'forklore.1');
  socket.on('open', () => socket.send(Buffer.alloc(64, 0xff)));
`;

const hosts: NetworkHost[] = [];

afterEach(async () => {
  await killPrograms();
  for (const host of hosts.splice(0)) host.remove();
  removeFolders();
});

interface Machine {
  readonly host: NetworkHost;
  readonly url: string;
  readonly tokenFile: string;
  /** Plugs its cable in, or pulls it. */
  setCable(state: 'up' | 'down'): void;
}

function newHost(label: string, folder: string): NetworkHost {
  const host = new NetworkHost(label, folder);
  hosts.push(host);
  return host;
}

function newSwitch(folder: string): NetworkHost {
  const hub = newHost('switch', folder);
  ip('-n', hub.namespace, 'link', 'add', 'br0', 'type', 'bridge');
  ip('-n', hub.namespace, 'link', 'set', 'br0', 'up');
  return hub;
}

function layCable(host: NetworkHost, hub: NetworkHost, port: string, address: string): void {
  const { namespace } = host;
  ip('-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', hub.namespace);
  ip('-n', hub.namespace, 'link', 'set', port, 'master', 'br0', 'up');
  const isLoopback = address.startsWith('127.');
  if (isLoopback) {
    for (const device of ['all', 'default', 'eth0'])
      ip('netns', 'exec', namespace, 'sysctl', '-qw', `net.ipv4.conf.${device}.route_localnet=1`);
    ip('-n', namespace, 'route', 'delete', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local');
    // What stays on the machine, as 127.0.0.1 does.
    ip('-n', namespace, 'route', 'add', 'local', '127.0.0.0/16', 'dev', 'lo', 'table', 'local');
  }
  ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  ip('-n', namespace, 'link', 'set', 'eth0', 'up');
}

async function startMachine(number: number, address: string, hub: NetworkHost, folder: string, peer: string | null) {
  const host = newHost(`host${number}`, folder);
  const port = `port${number}`;
  layCable(host, hub, port, address);
  const tokenFile = `${folder}/token-${number}`;
  const flags = ['--host', address, '--port', String(PORT), '--network', 'regtest', '--ephemeral', '--discovery'];
  flags.push('--admin-token-file', tokenFile, '--name', `host-${number}`);
  const program = host.start(['node', ...flags, ...(peer === null ? [] : ['--peer', peer])]);
  await program.output(/PUBLICLY KNOWN KEYS/);
  const setCable = (state: 'up' | 'down') => ip('-n', hub.namespace, 'link', 'set', port, state);
  return { host, url: `http://${address}:${PORT}`, tokenFile, setCable } satisfies Machine;
}

const ask = ({ host, url }: Machine, ...args: readonly string[]): Promise<string> => host.run([...args, '--node', url]);
const mine = (machine: Machine, count: number): Promise<string> =>
  ask(machine, 'mine', String(count), '--admin-token-file', machine.tokenFile);
const wait = (machine: Machine, ...args: readonly string[]): Promise<string> =>
  ask(machine, 'wait', ...args, '--timeout', WAIT_SECONDS);
const connect = ({ host, url, tokenFile }: Machine, other: Machine): Promise<Finished> =>
  host.start(['connect', other.url, '--node', url, '--admin-token-file', tokenFile]).finished;
const tipOf = async (machine: Machine): Promise<{ height: number; hash: string }> =>
  JSON.parse(await ask(machine, 'tip', '--json'));

describe.each(RANGES)('three machines with addresses of %s', (range, addressOf) => {
  itNeeding(
    ['networks'],
    'become one network, fork when a cable is pulled, and agree when it is plugged in',
    async () => {
      const folder = temporaryFolder();
      const hub = newSwitch(folder);
      const first = await startMachine(1, addressOf(1), hub, folder, null);
      const second = await startMachine(2, addressOf(2), hub, folder, first.url);
      const third = await startMachine(3, addressOf(3), hub, folder, second.url);
      const machines = [first, second, third];

      // The third was told of the second alone, and learns there of the first.
      await Promise.all(machines.map((machine) => wait(machine, '--peers', '2')));
      await mine(first, 1);
      await Promise.all(machines.map((machine) => wait(machine, '--height', '1')));

      third.setCable('down');
      await mine(third, 3);
      await mine(first, 1);
      await wait(second, '--height', '2');
      const [one, two, three] = await Promise.all(machines.map(tipOf));
      expect([one?.height, two?.height, three?.height]).toEqual([2, 2, 4]);
      expect(two?.hash).toBe(one?.hash);

      third.setCable('up');
      await Promise.all([first, second].map((machine) => wait(machine, '--height', '4')));
      expect((await Promise.all(machines.map(tipOf))).map(({ hash }) => hash)).toEqual(Array(3).fill(three?.hash));
      // The branch that lost is still known where it was made.
      expect(JSON.parse(await ask(first, 'tips', '--json'))).toHaveLength(2);
    },
    LIMIT_MS,
  );

  itNeeding(
    ['networks'],
    'are controlled by the token alone, and do not talk to an address that broke the rules',
    async () => {
      const folder = temporaryFolder();
      const hub = newSwitch(folder);
      const first = await startMachine(1, addressOf(1), hub, folder, null);
      const second = await startMachine(2, addressOf(2), hub, folder, null);
      const { code, stderr } = await second.host.start(['mine', '--node', first.url]).finished;
      expect([code, stderr]).toEqual([1, expect.stringMatching(/token/)]);
      await ask({ ...second, url: first.url }, 'mine', '--admin-token-file', first.tokenFile);
      expect((await tipOf(first)).height).toBe(1);

      execFileSync('ip', [...second.host.inside.slice(1), process.execPath, '-e', SEND_NONSENSE, first.url]);
      const { stderr: refusal } = await connect(second, first);
      if (range === '192.0.2.0/24') expect(refusal).toMatch(/misbehaved/);
      // All of a machine share the addresses of the loopback range, so that no address answers for what one did.
      else expect(refusal).toBe('');
    },
    LIMIT_MS,
  );
});
