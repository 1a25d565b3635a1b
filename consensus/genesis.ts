import type { Address } from './address.ts';
import { type Block, encodeBlock } from './block.ts';
import { ByteWriter } from './codec.ts';
import type { DevelopmentAccounts } from './development-accounts.ts';
import { assertInvariant } from './errors.ts';
import { type Hash, ZERO_HASH } from './hash.ts';
import { concatBytes, utf8ToBytes } from './hex.ts';
import { merkleRoot } from './merkle.ts';
import type { NetworkParams } from './params.ts';
import { sha256 } from './sha256.ts';
import type { AccountChanges } from './state.ts';
import type { StateChange } from './state-change.ts';
import { EMPTY_ROOT, updateStateTree } from './state-tree.ts';
import { COINBASE_EXTRA_NONCE_BYTES, encodeCoinbase } from './transaction.ts';
import { networkIdOf } from './transaction-parts.ts';

const GENESIS_VERSION = 1;
const GENESIS_RECIPIENT: Address = '00'.repeat(20);

/** Longest UTF-8 name: with the digest before it, it fills the coinbase's tag. */
export const MAX_NETWORK_NAME_BYTES = 32;

/** What a network is made from. */
export interface NetworkDefinition {
  readonly name: string;
  readonly addressPrefix: string;
  /** Base units that accounts have from the start. */
  readonly allocations: ReadonlyMap<Address, bigint>;
  readonly spacingSeconds: number;
  readonly halfLifeSeconds: number;
  /** Easiest bits allowed, and those of the genesis block. */
  readonly bits: number;
  readonly retarget: boolean;
  readonly futureLimitSeconds: number;
  readonly initialSubsidy: bigint;
  readonly halvingInterval: number;
  /** Header time of the genesis block, in seconds since 1970. */
  readonly genesisTime: number;
  /** Header nonce of the genesis block. */
  readonly genesisNonce: number;
  readonly developmentAccounts: DevelopmentAccounts | null;
  readonly controls: boolean;
}

/** A network: the parameters of its rules, and where its chain starts. */
export interface Network extends NetworkParams {
  readonly genesis: Block;
  /** Accounts that exist from the start. */
  readonly genesisState: AccountChanges;
}

/**
 * A network from its definition. Equal definitions give equal genesis blocks, different ones different hashes. The
 * genesis block is derived when it is asked for: a program knows more networks than it uses, and hashing their states
 * takes milliseconds of its start.
 *
 * @param genesisHash what the genesis block must hash to, where that is written down
 */
export function deriveNetwork(definition: NetworkDefinition, genesisHash?: Hash): Network {
  const { allocations, bits, genesisNonce, ...params } = definition;
  let derived: ReturnType<typeof derive> | undefined;
  function derive() {
    const { block, state } = deriveGenesis(definition);
    const isAsWritten = genesisHash === undefined || block.hash === genesisHash;
    // A change of any layout or parameter would silently start another network.
    assertInvariant(isAsWritten, `genesis of ${definition.name} is ${block.hash}, not ${genesisHash}`);
    return { block, state, networkId: networkIdOf(block.hash) };
  }
  const genesis = () => {
    derived ??= derive();
    return derived;
  };
  return {
    ...params,
    get genesis() {
      return genesis().block;
    },
    get genesisState() {
      return genesis().state;
    },
    get networkId() {
      return genesis().networkId;
    },
    limitBits: bits,
    genesisBits: bits,
    allocationTotal: [...allocations.values()].reduce((sum, balance) => sum + balance, 0n),
  };
}

/**
 * The genesis block and the state after it. It is valid by definition: its proof of work is not checked and its
 * coinbase, at height 0, pays nothing. The coinbase's state root and tag bind the allocations and every parameter.
 */
export function deriveGenesis(definition: NetworkDefinition): { block: Block; state: AccountChanges } {
  const state: AccountChanges = new Map();
  for (const [address, balance] of definition.allocations) state.set(address, { balance, nonce: 0n });
  const { root } = updateStateTree({ stateNode: () => undefined }, EMPTY_ROOT, state);
  const coinbase = encodeCoinbase({
    height: 0,
    recipient: GENESIS_RECIPIENT,
    reward: 0n,
    stateRoot: root,
    extraNonce: new Uint8Array(COINBASE_EXTRA_NONCE_BYTES),
    tag: concatBytes(sha256(encodeParameters(definition)), utf8ToBytes(definition.name)),
  });
  const header = {
    version: GENESIS_VERSION,
    prevHash: ZERO_HASH,
    merkleRoot: merkleRoot([coinbase.txid]),
    time: definition.genesisTime,
    bits: definition.bits,
    nonce: definition.genesisNonce,
  };
  return { block: encodeBlock(header, [coinbase]), state };
}

/**
 * `prefixLength u8, prefix, spacing u32, halfLife u32, bits u32, retarget u8, futureLimit u32, subsidy u64,
 * halvingInterval u32`: every parameter that the genesis block does not hold in another place.
 */
function encodeParameters(definition: NetworkDefinition): Uint8Array {
  const prefix = utf8ToBytes(definition.addressPrefix);
  return new ByteWriter(1 + prefix.length + 4 + 4 + 4 + 1 + 4 + 8 + 4)
    .u8(prefix.length)
    .bytes(prefix)
    .u32(definition.spacingSeconds)
    .u32(definition.halfLifeSeconds)
    .u32(definition.bits)
    .u8(definition.retarget ? 1 : 0)
    .u32(definition.futureLimitSeconds)
    .u64(definition.initialSubsidy)
    .u32(definition.halvingInterval)
    .finish();
}

/** What gives an empty state the content of the genesis state, which no block connects. */
export function genesisChange({ genesisState }: Pick<Network, 'genesisState'>): StateChange {
  const { root, added, removed } = updateStateTree({ stateNode: () => undefined }, EMPTY_ROOT, genesisState);
  return {
    stateRoot: root,
    accounts: genesisState,
    slots: new Map(),
    codes: new Map(),
    nodesAdded: added,
    nodesRemoved: removed,
  };
}
