import { describe, expect, it } from 'vitest';
import { checkBlockSanity, coinbaseOf, decodeBlock } from '../../consensus/block.ts';
import { DEVELOPMENT_ACCOUNTS, WELL_KNOWN_ACCOUNTS } from '../../consensus/development-accounts.ts';
import { deriveGenesis, deriveNetwork, type NetworkDefinition } from '../../consensus/genesis.ts';
import { hashToBytes, ZERO_HASH } from '../../consensus/hash.ts';
import { checkHeaderSanity } from '../../consensus/header.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { CheckedState } from './fixtures.ts';

const definition: NetworkDefinition = {
  name: 'lab',
  addressPrefix: 'lore',
  allocations: new Map(DEVELOPMENT_ACCOUNTS.map(({ address }) => [address, 100_000_000_000n])),
  spacingSeconds: 10,
  halfLifeSeconds: 120,
  bits: 0x1e03ffff,
  retarget: true,
  futureLimitSeconds: 120,
  initialSubsidy: 5_000_000_000n,
  halvingInterval: 210_000,
  genesisTime: Date.UTC(2026, 0, 1) / 1_000,
  genesisNonce: 390_710,
  developmentAccounts: WELL_KNOWN_ACCOUNTS,
  controls: false,
};

describe('the built-in networks', () => {
  it('are what their definitions derive from the development accounts', () => {
    expect(deriveNetwork(definition)).toEqual(LAB);
    expect(
      deriveNetwork({
        ...definition,
        name: 'regtest',
        addressPrefix: 'rlore',
        bits: 0x207fffff,
        retarget: false,
        futureLimitSeconds: 7_200,
        genesisNonce: 0,
        controls: true,
      }),
    ).toEqual(REGTEST);
  });

  it.each([LAB, REGTEST])('$name has a sane genesis block with real proof of work', (network) => {
    const { genesis } = network;
    checkHeaderSanity(genesis.header, genesis.hash, network);
    checkBlockSanity(genesis, network);
    expect(decodeBlock(genesis.raw)).toEqual(genesis);
    expect(genesis.header.prevHash).toBe(ZERO_HASH);
  });

  it.each([LAB, REGTEST])('$name starts with the allocations, not with a reward', (network) => {
    const coinbase = coinbaseOf(network.genesis);
    expect(coinbase).toMatchObject({ height: 0, reward: 0n, recipient: '00'.repeat(20) });
    expect(coinbase.stateRoot).toBe(CheckedState.of(network.genesisState).stateRoot);
    expect(network.genesisState.size).toBe(10);
  });

  it.each([LAB, REGTEST])('$name is told apart by the first bytes of its genesis hash', (network) => {
    expect(network.networkId).toBe(bytesToHex(hashToBytes(network.genesis.hash).subarray(0, 4)));
    expect(network.genesis.hash.endsWith(bytesToHex(hashToBytes(network.genesis.hash).subarray(0, 1)))).toBe(true);
  });
});

describe('a genesis block', () => {
  it('names its network in the tag', () => {
    const { tag } = coinbaseOf(LAB.genesis);
    expect(tag.subarray(32)).toEqual(utf8ToBytes('lab'));
  });

  it('differs with every parameter', () => {
    const changes: Partial<NetworkDefinition>[] = [
      { name: 'lib' },
      { addressPrefix: 'lure' },
      { allocations: new Map([...definition.allocations].slice(1)) },
      { spacingSeconds: 11 },
      { halfLifeSeconds: 121 },
      { bits: 0x1e03fffe },
      { retarget: false },
      { futureLimitSeconds: 121 },
      { initialSubsidy: 1n },
      { halvingInterval: 1 },
      { genesisTime: 0 },
      { genesisNonce: 0 },
    ];
    const hashes = changes.map((change) => deriveGenesis({ ...definition, ...change }).block.hash);
    expect(new Set([LAB.genesis.hash, ...hashes]).size).toBe(changes.length + 1);
  });

  it('does not depend on the order of the allocations', () => {
    const allocations = new Map([...definition.allocations].reverse());
    expect(deriveGenesis({ ...definition, allocations }).block.hash).toBe(LAB.genesis.hash);
  });
});
