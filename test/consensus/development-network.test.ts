import { describe, expect, it } from 'vitest';
import { checkBlockSanity } from '../../consensus/block.ts';
import { DEVELOPMENT_MNEMONIC, WELL_KNOWN_ACCOUNTS } from '../../consensus/development-accounts.ts';
import { DevelopmentNetworkError, networkOfAccounts, networkOfBalances } from '../../consensus/development-network.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { deriveKeyPair, keyPairAmong, seedOf } from '../../consensus/keys.ts';
import { MnemonicError } from '../../consensus/mnemonic.ts';
import { REGTEST } from '../../consensus/networks.ts';

const MNEMONIC = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const COIN = 100_000_000n;

it('the seed that is written down is that of the well-known mnemonic', () => {
  expect(WELL_KNOWN_ACCOUNTS.seed).toBe(bytesToHex(seedOf(DEVELOPMENT_MNEMONIC)));
});

describe('a network of chosen accounts', () => {
  it('has the rules of regtest, and another genesis block for other accounts', () => {
    const network = networkOfAccounts({ count: 3, balance: 5n * COIN });
    const { name, addressPrefix, networkId, genesis, genesisState, allocationTotal, developmentAccounts, ...rules } =
      network;
    expect(REGTEST).toMatchObject(rules);
    expect(name).toMatch(/^regtest\+[0-9a-f]{8}$/);
    expect(addressPrefix).toBe('dlore');
    checkBlockSanity(genesis, network);
    expect(allocationTotal).toBe(15n * COIN);
    expect(networkOfAccounts({ mnemonic: DEVELOPMENT_MNEMONIC, balance: 5n * COIN, count: 3 })).toEqual(network);
    const others = [
      { count: 4, balance: 5n * COIN },
      { count: 3 },
      { count: 3, balance: 5n * COIN, mnemonic: MNEMONIC },
    ];
    const all = [network, REGTEST, ...others.map(networkOfAccounts)];
    expect(new Set(all.map((each) => each.genesis.hash)).size).toBe(all.length);
    expect(new Set(all.map((each) => each.name)).size).toBe(all.length);
  });

  it('has accounts whose names and keys follow from the words', () => {
    const { developmentAccounts, genesisState } = networkOfAccounts({
      count: 12,
      mnemonic: ` ${MNEMONIC.toUpperCase()} `,
    });
    if (developmentAccounts === null) throw new Error('it has accounts');
    const { accounts } = developmentAccounts;
    expect(accounts.map(({ name }) => name).slice(8)).toEqual(['Ivan', 'Judy', 'account-11', 'account-12']);
    for (const index of [0, 11]) {
      const account = accounts[index];
      if (!account) throw new Error('there are twelve');
      expect(keyPairAmong(developmentAccounts, account)).toEqual(deriveKeyPair(MNEMONIC, index));
      expect(genesisState.get(account.address)).toEqual({ balance: 1_000n * COIN, nonce: 0n });
    }
    expect(developmentAccounts.mnemonic).toBe(MNEMONIC);
  });

  it('has the well-known accounts where only their number or balance is another', () => {
    const { developmentAccounts } = networkOfAccounts({ count: 11 });
    expect(developmentAccounts?.accounts.slice(0, 10)).toEqual(WELL_KNOWN_ACCOUNTS.accounts);
    expect(developmentAccounts?.accounts[10]?.address).toBe(deriveKeyPair(DEVELOPMENT_MNEMONIC, 10).address);
  });

  it.each([
    ['must be a whole number from 1 to 1000, not 0', { count: 0 }],
    ['must be a whole number from 1 to 1000, not 1.5', { count: 1.5 }],
    ['must be a whole number from 1 to 1000, not 1001', { count: 1_001 }],
    ['must be more than 0', { balance: 0n }],
    [
      'must be at most 18444644078.71186161 for 10 accounts, not 92233720368.54775808',
      { count: 10, balance: 2n ** 63n },
    ],
  ])('is refused: %s', (message, options) => {
    expect(() => networkOfAccounts(options)).toThrow(DevelopmentNetworkError);
    expect(() => networkOfAccounts(options)).toThrow(message);
  });

  it('is refused with words that are no mnemonic', () => {
    expect(() => networkOfAccounts({ mnemonic: 'one two three' })).toThrow(MnemonicError);
  });
});

describe('a network of given balances', () => {
  it('funds exactly these addresses, and knows no keys', () => {
    const balances = new Map([['12'.repeat(20), 7n]]);
    const network = networkOfBalances(balances);
    expect([...network.genesisState]).toEqual([['12'.repeat(20), { balance: 7n, nonce: 0n }]]);
    expect(network).toMatchObject({ developmentAccounts: null, controls: true, allocationTotal: 7n });
    expect(networkOfBalances(new Map(balances))).toEqual(network);
  });

  it('is refused where the balances have no encoding together', () => {
    const balances = new Map([
      ['12'.repeat(20), 2n ** 63n],
      ['34'.repeat(20), 2n ** 63n],
    ]);
    expect(() => networkOfBalances(balances)).toThrow('all balances together must be at most');
  });
});
