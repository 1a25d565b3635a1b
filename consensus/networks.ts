import { COIN } from './amount.ts';
import { DEVELOPMENT_ALLOCATIONS, WELL_KNOWN_ACCOUNTS } from './development-accounts.ts';
import { deriveNetwork, type Network } from './genesis.ts';
import type { Hash } from './hash.ts';

/** 2026-01-01T00:00:00Z, in seconds since 1970. */
const GENESIS_TIME = 1_767_225_600;

const LAB_GENESIS_NONCE = 390_710;
const LAB_GENESIS_HASH: Hash = '00000340f05db24aa3eb7858059e9ccadb366758df1413473d92f23df0d2ab79';
const REGTEST_GENESIS_NONCE = 0;
const REGTEST_GENESIS_HASH: Hash = '2f2c372a750f6aa6ff351056c10cc061f0b7bdbf5610f2744d06dfbb65938ee5';

const SHARED = {
  allocations: DEVELOPMENT_ALLOCATIONS,
  spacingSeconds: 10,
  halfLifeSeconds: 120,
  initialSubsidy: 50n * COIN,
  halvingInterval: 210_000,
  genesisTime: GENESIS_TIME,
  developmentAccounts: WELL_KNOWN_ACCOUNTS,
};

/** The default network: real proof of work that any laptop manages, a block every 10 s, self-adjusting. */
export const LAB: Network = deriveNetwork(
  {
    ...SHARED,
    name: 'lab',
    addressPrefix: 'lore',
    bits: 0x1e03_ffff,
    retarget: true,
    futureLimitSeconds: 120,
    controls: false,
    genesisNonce: LAB_GENESIS_NONCE,
  },
  LAB_GENESIS_HASH,
);

/** The network for tests: every second hash is a block. */
export const REGTEST: Network = deriveNetwork(
  {
    ...SHARED,
    name: 'regtest',
    addressPrefix: 'rlore',
    bits: 0x207f_ffff,
    retarget: false,
    futureLimitSeconds: 7_200,
    controls: true,
    genesisNonce: REGTEST_GENESIS_NONCE,
  },
  REGTEST_GENESIS_HASH,
);
