import { describe, expect, it } from 'vitest';
import { CLUSTER_FLAGS, NODE_FLAGS } from '../../cli/settings/node-flags.ts';
import { parseNodeOptions } from '../../cli/settings/node-settings.ts';
import { NodeError } from '../../library/node-error.ts';
import { NETWORK_SETTINGS, NODE_SETTINGS, optionsOfNode, planOfNetwork } from '../../library/settings.ts';
import type { NetworkSettings, NodeSettings } from '../../library/types.ts';

const CALLER = 'startNode';
const random = { u32: () => 7 };
const kinds = (flags: typeof NODE_FLAGS) =>
  Object.fromEntries(flags.map(({ key, isList }) => [key, isList ? 'list' : 'one']));

describe('the settings of a program', () => {
  it('are the flags of the command line', () => {
    // One option stands for three flags.
    const asOptions = ({ accounts, balance, accountsMnemonic, ...others }: ReturnType<typeof kinds>) => {
      expect([accounts, balance, accountsMnemonic]).toEqual(['one', 'one', 'one']);
      return { ...others, accounts: 'accounts' };
    };
    const { config, ...node } = kinds(NODE_FLAGS);
    expect(NODE_SETTINGS).toEqual(asOptions(node));
    const { config: _, json, ...cluster } = kinds(CLUSTER_FLAGS);
    expect(NETWORK_SETTINGS).toEqual(asOptions(cluster));
    expect([config, json]).toEqual(['one', 'one']);
  });

  it('mean what the flags mean', () => {
    const given: NodeSettings = {
      port: 5003,
      peer: ['http://127.0.0.1:5000', 'http://127.0.0.1:5001/'],
      network: 'lab',
      mine: 'interval:2.5',
      hashrateLimit: '500k',
      minerAddress: 'Carol',
      name: 'north',
      miningThreads: 2,
    };
    const flags = new Map(
      Object.entries(given).map(([key, value]) => [key, Array.isArray(value) ? value : `${value}`]),
    );
    for (const key of ['ephemeral', 'noDiscovery']) flags.set(key, 'true');
    expect(optionsOfNode(CALLER, given)).toEqual(parseNodeOptions(flags, {}));
  });

  it('are those of a test where nothing is said: regtest, any port, nothing kept, alone', () => {
    expect(optionsOfNode(CALLER, {})).toMatchObject({
      network: { name: 'regtest' },
      port: 0,
      host: '127.0.0.1',
      dataDir: null,
      discovery: false,
      mining: { mode: 'off' },
    });
  });

  it('keep a chain where they name a folder', () => {
    expect(optionsOfNode(CALLER, { dataDir: '/tmp/chain' }).dataDir).toBe('/tmp/chain');
  });

  it('leave out what is undefined', () => {
    expect(optionsOfNode(CALLER, { port: undefined })).toEqual(optionsOfNode(CALLER, {}));
  });

  it.each<[NodeSettings | Record<string, unknown>, string]>([
    [{ port: 65_536 }, 'port must be a whole number from 0 to 65535, not "65536"'],
    [{ port: Number.NaN }, 'port must be a whole number from 0 to 65535, not "NaN"'],
    [{ port: null }, 'port must be a string, a number, true or false'],
    [
      { port: 6000 },
      'port: browsers refuse to connect to port 6000, which belongs to another protocol; choose another',
    ],
    [{ network: 'main' }, 'network must be lab, regtest or a network file that ends in .json, not "main"'],
    [{ mine: 'often' }, 'mine must be continuous, on-transaction, interval:SECONDS or off, not "often"'],
    [{ peer: [5000] }, 'peer must be a string or a list of strings'],
    [{ logLevel: 'loud' }, 'logLevel must be trace, debug, info, warn, error, fatal or silent, not "loud"'],
    [{ deterministic: '' }, 'deterministic must be a seed of 1 to 100 characters'],
    [{ ephemeral: true, dataDir: 'x' }, 'ephemeral and dataDir exclude each other: give one of them'],
    [{ ephemeral: false }, 'ephemeral: false needs dataDir, the folder in which the chain is kept'],
    [{ discovery: true, noDiscovery: true }, 'discovery and noDiscovery exclude each other: give one of them'],
    [{ minerAddress: 'Nobody' }, 'minerAddress must be an address or a development account\'s name, not "Nobody"'],
  ])('%j are refused: %s', (given, message) => {
    expect(() => optionsOfNode(CALLER, given)).toThrow(new NodeError('bad-option', `${CALLER}: ${message}`));
  });

  it('name all that there are where one is misspelt', () => {
    const misspelt = { prot: 5000 } as NodeSettings;
    expect(() => optionsOfNode(CALLER, misspelt)).toThrow(
      /^startNode: there is no option "prot"; there are port, host, /,
    );
  });
});

describe('the settings of a network', () => {
  it('give each node any free port, a name and, of a folder, a folder of its own', () => {
    const { nodes, dials } = planOfNetwork(
      'startNetwork',
      { nodes: 3, topology: 'line', dataDir: '/tmp/chains' },
      random,
    );
    expect(nodes.map(({ port, name, dataDir }) => ({ port, name, dataDir }))).toEqual([
      { port: 0, name: 'node-0', dataDir: '/tmp/chains/0' },
      { port: 0, name: 'node-1', dataDir: '/tmp/chains/1' },
      { port: 0, name: 'node-2', dataDir: '/tmp/chains/2' },
    ]);
    expect(dials).toEqual([[], [0], [1]]);
  });

  it('give them ports that follow each other where the first one is named', () => {
    const { nodes } = planOfNetwork('startNetwork', { nodes: 2, basePort: 5100, name: 'x' }, random);
    expect(nodes.map(({ port, name }) => [port, name])).toEqual([
      [5100, 'x-0'],
      [5101, 'x-1'],
    ]);
  });

  it.each<[NetworkSettings | Record<string, unknown>, RegExp]>([
    [{ nodes: 0 }, /^startNetwork: nodes must be a whole number from 1 to 64, not "0"$/],
    [{ topology: 'tree' }, /^startNetwork: topology must be mesh, line, ring, star or random, not "tree"$/],
    [{ port: 5000 }, /^startNetwork: there is no option "port"; there are nodes, topology, basePort, /],
    [{ discovery: true, topology: 'line' }, /^startNetwork: discovery would connect every node to every other/],
  ])('%j are refused', (given, message) => {
    expect(() => planOfNetwork('startNetwork', given, random)).toThrow(message);
  });
});
