import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import {
  builtInNetworkOf,
  checkNetworkClaim,
  checkRecipientPrefix,
  defaultFee,
  MAX_UNTYPED_FEE,
  MINIMUM_DEFAULT_FEE,
  prefixOfAddress,
  SpendingError,
  untypedFee,
} from '../../consensus/spending-rules.ts';
import { MAX_MEMO_BYTES, transferBytes } from '../../consensus/transaction.ts';

const bob = developmentAccountByName('Bob')!.address;
const problemOf = (check: () => unknown): string | null => {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof SpendingError) return error.problem;
    throw error;
  }
};

describe('the fee that nobody typed', () => {
  it('is 0.00001 coin, or what the size costs where the node demands more', () => {
    expect(defaultFee(1_000n, transferBytes(0))).toBe(MINIMUM_DEFAULT_FEE);
    expect(defaultFee(0n, transferBytes(MAX_MEMO_BYTES))).toBe(1_000n);
    expect(defaultFee(10_000n, 200)).toBe(2_000n);
  });

  it('is rounded up, so that the node takes it', () => {
    expect(defaultFee(10_001n, 147)).toBe(1_471n);
  });

  it('is never above the cap, whatever the node demands', () => {
    expect(untypedFee(500_000n, 200)).toBe(MAX_UNTYPED_FEE);
    expect(problemOf(() => untypedFee(500_005n, 200))).toBe('fee-above-cap');
    // The trial of an independent look: 588 coins.
    expect(() => untypedFee(400_000_000_000n, 147)).toThrow(
      'the node demands a fee of 588, and more than 0.001 is not',
    );
  });
});

describe('what a node says of its network', () => {
  const labClaim = { network: 'lab', addressPrefix: 'lore', genesisHash: LAB.genesis.hash };
  const own = { network: 'classroom', addressPrefix: 'class', genesisHash: 'ab'.repeat(32) };

  it('is believed where it fits', () => {
    expect(problemOf(() => checkNetworkClaim(labClaim))).toBeNull();
    expect(
      problemOf(() =>
        checkNetworkClaim({ network: 'regtest', addressPrefix: 'rlore', genesisHash: REGTEST.genesis.hash }),
      ),
    ).toBeNull();
    expect(problemOf(() => checkNetworkClaim(own))).toBeNull();
  });

  it.each([
    ['the prefix of lab with another genesis block', { ...own, addressPrefix: 'lore' }],
    ['the prefix of lab with the genesis block of regtest', { ...labClaim, genesisHash: REGTEST.genesis.hash }],
    ['the name of lab with another genesis block', { ...own, network: 'lab' }],
    [
      'a genesis block of the same id as that of lab, for which every signature would be valid there',
      { ...own, genesisHash: '1'.repeat(56) + LAB.genesis.hash.slice(-8) },
    ],
    ['the genesis block of lab with another prefix', { ...labClaim, addressPrefix: 'class' }],
    ['the genesis block of lab with another name', { ...labClaim, network: 'classroom' }],
  ])('is refused: %s', (_, claim) => {
    expect(problemOf(() => checkNetworkClaim(claim))).toBe('false-network');
  });

  it.each([
    // Bech32 writes any prefix in lower case: this one would look like that of lab.
    ['a prefix in upper case', { ...own, addressPrefix: 'LORE' }],
    ['a prefix that looks like one', { ...own, addressPrefix: 'l\u043ere' }],
    ['no prefix', { ...own, addressPrefix: '' }],
    ['a genesis hash that is none', { ...own, genesisHash: '00' }],
    ['a genesis hash in upper case', { ...labClaim, genesisHash: LAB.genesis.hash.toUpperCase() }],
  ])('cannot be: %s', (_, claim) => {
    expect(problemOf(() => checkNetworkClaim(claim))).toBe('impossible-network');
  });
});

describe('an address that was typed', () => {
  it('is paid in its own network only', () => {
    expect(problemOf(() => checkRecipientPrefix(formatAddress(bob, 'lore'), 'lore'))).toBeNull();
    expect(problemOf(() => checkRecipientPrefix(formatAddress(bob, 'lore').toUpperCase(), 'lore'))).toBeNull();
    expect(problemOf(() => checkRecipientPrefix(formatAddress(bob, 'lore'), 'rlore'))).toBe('other-prefix');
    expect(problemOf(() => checkRecipientPrefix('Bob', 'lore'))).toBe('other-prefix');
  });

  it('has the prefix before its last digit 1', () => {
    expect(prefixOfAddress(formatAddress(bob, 'class'))).toBe('class');
    expect(prefixOfAddress('Bob')).toBe('');
  });
});

it('knows the network of a built-in prefix', () => {
  expect(builtInNetworkOf('lore')).toBe(LAB);
  expect(builtInNetworkOf('rlore')).toBe(REGTEST);
  expect(builtInNetworkOf('class')).toBeUndefined();
});
