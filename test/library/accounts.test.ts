import { describe, expect, it } from 'vitest';
import { parseNodeOptions } from '../../cli/settings/node-settings.ts';
import { formatAddress } from '../../consensus/address.ts';
import { COIN } from '../../consensus/amount.ts';
import type { Network } from '../../consensus/genesis.ts';
import { deriveKeyPair } from '../../consensus/keys.ts';
import { NodeError } from '../../library/node-error.ts';
import { optionsOfNode, planOfNetwork } from '../../library/settings.ts';
import type { NodeSettings } from '../../library/types.ts';

const CALLER = 'startNode';
const MNEMONIC = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const { address: ours } = deriveKeyPair(MNEMONIC, 0);
const { address: theirs } = deriveKeyPair(MNEMONIC, 1);
const balancesOf = ({ genesisState }: Network) =>
  new Map([...genesisState].map(([address, account]) => [address, account?.balance]));
const networkOf = (accounts: NodeSettings['accounts']) => optionsOfNode(CALLER, { accounts }).network;

describe('derived accounts', () => {
  it('are those of the flags of the command line', () => {
    const flags = { network: 'regtest', accounts: '2', balance: '5.5', accountsMnemonic: MNEMONIC };
    const { network } = parseNodeOptions(new Map(Object.entries(flags)), {});
    expect(networkOf({ count: 2, balance: '5.5', mnemonic: MNEMONIC })).toEqual(network);
    expect(networkOf({ count: 2, balance: (55n * COIN) / 10n, mnemonic: MNEMONIC })).toEqual(network);
    expect(network.developmentAccounts?.accounts.map(({ address }) => address)).toEqual([ours, theirs]);
  });

  it('are ten with 1000 coins each where nothing is said', () => {
    const network = networkOf({});
    expect(network.developmentAccounts?.accounts).toHaveLength(10);
    expect([...balancesOf(network).values()]).toEqual(Array(10).fill(1_000n * COIN));
  });
});

describe('funded addresses', () => {
  it('are the only ones with coins, written as key pairs have them or as people do', () => {
    const network = networkOf({ balances: { [ours]: 7n, [formatAddress(theirs, 'dlore')]: '0.5' } });
    expect(balancesOf(network)).toEqual(
      new Map([
        [ours, 7n],
        [theirs, COIN / 2n],
      ]),
    );
    expect(network.developmentAccounts).toBeNull();
    expect(network.name).toMatch(/^regtest\+[0-9a-f]{8}$/);
  });

  it('are paid for blocks as the last development account is, unless somebody else is named', () => {
    const accounts = { balances: { [ours]: '1', [theirs]: '1' } };
    expect(optionsOfNode(CALLER, { accounts }).minerAddress).toBe(theirs);
    const minerAddress = formatAddress(ours, 'dlore');
    expect(optionsOfNode(CALLER, { accounts, minerAddress }).minerAddress).toBe(ours);
  });

  it('are the same for all nodes of a network', () => {
    const { nodes } = planOfNetwork(
      'startNetwork',
      { nodes: 2, accounts: { balances: { [ours]: '1' } } },
      {
        u32: () => 7,
      },
    );
    expect(nodes.map(({ network }) => balancesOf(network).get(ours))).toEqual([COIN, COIN]);
  });
});

it.each<[unknown, string]>([
  [3, 'accounts must be an object such as { count: 3 } or { balances: { [address]: 5n } }'],
  [[ours], 'accounts must be an object such as { count: 3 } or { balances: { [address]: 5n } }'],
  [{ number: 3 }, 'accounts has no field "number"; there are count, balance, mnemonic, balances'],
  [{ count: '3' }, 'accounts.count must be a number'],
  [{ count: 0 }, 'accounts.count must be a whole number from 1 to 1000, not "0"'],
  [{ balance: 5 }, 'accounts.balance must be base units as a bigint, or coins as text such as "1.5"'],
  [{ balance: -5n }, 'accounts.balance "-0.00000005": amount is negative'],
  [{ balance: 'much' }, 'accounts.balance "much": amount is not a decimal number such as 10 or 0.5'],
  [{ balance: '0' }, 'accounts.balance must be more than 0'],
  [{ mnemonic: 7 }, 'accounts.mnemonic must be a string'],
  [{ mnemonic: 'three blind mice' }, 'accounts.mnemonic: word 3, "mice", is not in the BIP 39 English list'],
  [
    { balances: {}, mnemonic: MNEMONIC },
    'accounts.balances and accounts.mnemonic exclude each other: give one of them',
  ],
  [{ balances: new Map([[ours, 1n]]) }, 'accounts.balances must be an object that has a balance for each address'],
  [{ balances: [ours] }, 'accounts.balances must be an object that has a balance for each address'],
  [{ balances: { Alice: 1n } }, 'accounts.balances "Alice": not an address: it should start with dlore1'],
  [
    { balances: { [ours]: 1 } },
    `accounts.balances "${ours}" must be base units as a bigint, or coins as text such as "1.5"`,
  ],
  [{ balances: { [ours]: 0n } }, `accounts.balances "${ours}": the balance must be more than 0`],
  [
    { balances: { [ours]: 1n, [formatAddress(ours, 'dlore')]: 1n } },
    `accounts.balances "${formatAddress(ours, 'dlore')}": this address has a balance already`,
  ],
  [
    { balances: { [ours]: '184467440737' } },
    'accounts.balances: all balances together must be at most 184446440787.11861615, not 184467440737',
  ],
])('accounts are refused that are %o: %s', (accounts, message) => {
  const given = { accounts } as NodeSettings;
  expect(() => optionsOfNode(CALLER, given)).toThrow(new NodeError('bad-option', `${CALLER}: ${message}`));
});

it.each([
  [{ count: 2 }, 'accounts.count'],
  [{ balances: { [ours]: 1n } }, 'accounts.balances'],
])('%o makes a network, and no other can be named', (accounts, label) => {
  expect(() => optionsOfNode(CALLER, { accounts, network: 'lab' })).toThrow(
    `${label} makes a network of its own with the rules of regtest: leave out network lab`,
  );
});
