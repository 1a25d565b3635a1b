import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { banner, genesisAccounts } from '../../cli/output/banner.ts';
import { listedAccounts } from '../../cli/output/listed-accounts.ts';
import { parseNodeOptions } from '../../cli/settings/node-settings.ts';
import { formatAddress } from '../../consensus/address.ts';
import { networkOfAccounts } from '../../consensus/development-network.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { deriveKeyPair } from '../../consensus/keys.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { OptionError } from '../../server/process/expected-error.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { forklore } from './stub-node.ts';

const MNEMONIC = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const flags = (values: Record<string, string | boolean>) => new Map(Object.entries({ ephemeral: true, ...values }));
const networkOf = (values: Record<string, string>, environment = {}) =>
  parseNodeOptions(flags(values), environment).network;

describe('--accounts, --balance and --mnemonic', () => {
  it('make the same network from any source, and each of them one of its own', () => {
    const wanted = networkOfAccounts({ count: 12, balance: 500_000_000n, mnemonic: MNEMONIC });
    expect(networkOf({ accounts: '12', balance: '5', accountsMnemonic: MNEMONIC })).toEqual(wanted);
    const variables = {
      FORKLORE_ACCOUNTS: '12',
      FORKLORE_BALANCE: '5',
      FORKLORE_ACCOUNTS_MNEMONIC: MNEMONIC,
      FORKLORE_NETWORK: 'regtest',
    };
    expect(networkOf({}, variables)).toEqual(wanted);
    for (const [one, options] of [
      [{ accounts: '3' }, { count: 3 }],
      [{ balance: '0.5' }, { balance: 50_000_000n }],
      [{ accountsMnemonic: MNEMONIC }, { mnemonic: MNEMONIC }],
    ] as const) {
      expect(networkOf(one)).toEqual(networkOfAccounts(options));
    }
    expect(networkOf({ network: 'regtest' })).toBe(REGTEST);
  });

  it('never take the words of a wallet from FORKLORE_MNEMONIC', () => {
    expect(networkOf({ accounts: '2' }, { FORKLORE_MNEMONIC: MNEMONIC })).toEqual(networkOfAccounts({ count: 2 }));
    expect(networkOf({ network: 'regtest' }, { FORKLORE_MNEMONIC: MNEMONIC })).toBe(REGTEST);
  });

  it('name accounts that may be paid for blocks', () => {
    const { minerAddress } = parseNodeOptions(flags({ accounts: '11', minerAddress: 'ACCOUNT-11' }), {});
    expect(minerAddress).toBe(networkOfAccounts({ count: 11 }).developmentAccounts?.accounts[10]?.address);
  });

  it.each<[message: string, values: Record<string, string>]>([
    ['--accounts must be a whole number from 1 to 1000, not "0"', { accounts: '0' }],
    ['--accounts must be a whole number from 1 to 1000, not "many"', { accounts: 'many' }],
    ['--balance must be more than 0', { balance: '0' }],
    ['--balance "1e3": ', { balance: '1e3' }],
    [
      '--balance must be at most 184446440787.11861615 for 1 account, not 184467440737.09551615',
      { accounts: '1', balance: '184467440737.09551615' },
    ],
    ['--mnemonic: has 3 words; a mnemonic has 12, 15, 18, 21 or 24', { accountsMnemonic: 'test test test' }],
    [
      '--accounts makes a network of its own with the rules of regtest: leave out --network lab',
      { accounts: '1', network: 'lab' },
    ],
    [
      '--mnemonic makes a network of its own with the rules of regtest: leave out --network x.json',
      { accountsMnemonic: MNEMONIC, network: 'x.json' },
    ],
    [
      '--miner-address must be an address or a development account\'s name, not "Carol"',
      { accounts: '2', minerAddress: 'Carol' },
    ],
  ])('are refused: %s', (message, values) => {
    expect(() => networkOf(values)).toThrow(OptionError);
    expect(() => networkOf(values)).toThrow(message);
  });
});

describe('the accounts of a network of its own', () => {
  const network = networkOfAccounts({ count: 22, mnemonic: MNEMONIC });

  it('are printed with words and keys, as many as a screen has room for', () => {
    const text = banner({
      version: '1',
      name: 'n',
      network: network.name,
      genesisHash: network.genesis.hash,
      graphqlUrl: 'http://127.0.0.1:1/graphql',
      networkUrls: [],
      announce: null,
      playgroundUrl: null,
      dataDir: null,
      tipHeight: 0,
      tipHash: network.genesis.hash,
      mining: null,
      stratum: null,
      adminTokenFile: null,
      developmentAccounts: genesisAccounts(network),
      listedAccounts: listedAccounts(network),
      colors: false,
    });
    expect(text).toContain(`Mnemonic: ${MNEMONIC}`);
    for (const index of [0, 19]) expect(text).toContain(bytesToHex(deriveKeyPair(MNEMONIC, index).secretKey));
    expect(text).not.toContain('account-21');
    expect(text).toContain('… and 2 more: query devAccounts');
  });

  it('are not listed where they are the well-known ones, or there are no development controls', () => {
    expect(listedAccounts(network)).toMatchObject({ mnemonic: MNEMONIC });
    expect(listedAccounts({ ...network, controls: false })).toBeNull();
    for (const other of [REGTEST, LAB]) expect(listedAccounts(other)).toBeNull();
  });
});

describe('a node of such a network', () => {
  const network = networkOfAccounts({ count: 12, mnemonic: MNEMONIC });
  const addressAt = (index: number) => formatAddress(deriveKeyPair(MNEMONIC, index).address, 'dlore');
  let live: LiveNode;
  beforeAll(async () => {
    live = await startLiveNode({ network });
  });
  afterAll(() => live.stop());
  const run = (...args: string[]) => forklore([...args, '--node', live.url]);

  it('tells names, addresses and keys, and pays its own Judy', async () => {
    const { devAccounts } = await live.api.query('{ devAccounts { name address secretKey } }');
    expect(devAccounts).toHaveLength(12);
    expect(devAccounts[11]).toEqual({
      name: 'account-12',
      address: addressAt(11),
      secretKey: bytesToHex(deriveKeyPair(MNEMONIC, 11).secretKey),
    });
    const { miner, account } = await live.api.query('{ miner { address } account(address: "account-12") { name } }');
    expect(miner.address).toBe(addressAt(9));
    expect(account.name).toBe('account-12');
  });

  it('signs for them', async () => {
    const SEND = `mutation { sendFromDevAccount(from: "Bob", to: "account-11", amount: "3") {
      ... on TransactionAccepted { transaction { sender recipient } } ... on TransactionRejected { code } } }`;
    const { sendFromDevAccount } = await live.api.query(SEND);
    expect(sendFromDevAccount.transaction).toEqual({ sender: addressAt(1), recipient: addressAt(10) });
  });

  it('is sent transfers by name from the command line, which asks it for the key', async () => {
    for (const [from, to, payer, payee] of [
      ['Alice', 'Bob', 0, 1],
      ['account-12', 'ALICE', 11, 0],
      ['Carol', addressAt(3), 2, 3],
    ] as const) {
      const { code, stdout, stderr } = await run('send', from, to, '2', '--json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ from: addressAt(payer), to: addressAt(payee), amount: '2' });
    }
  });

  it('does not decide whom a name means where coins are not everyone’s', async () => {
    const words = 'letter advice cage absurd amount doctor acoustic avoid letter advice cage above';
    const from = formatAddress(deriveKeyPair(words, 0).address, 'dlore');
    for (const to of ['Bob', 'account-11']) {
      const { code, stderr } = await forklore(['send', from, to, '1', '--node', live.url], {
        environment: { FORKLORE_MNEMONIC: words },
      });
      expect(code).toBe(1);
      const claim = `error: only the node says who ${to} is on ${network.name}`;
      expect(stderr).toBe(`${claim}: give the address, or send from a development account; nothing was sent\n`);
    }
  });
});
