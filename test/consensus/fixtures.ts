import type { Address } from '../../consensus/address.ts';
import { type Block, encodeBlock } from '../../consensus/block.ts';
import type { BlockContext } from '../../consensus/block-context.ts';
import { effectOf } from '../../consensus/connect.ts';
import { DEVELOPMENT_ACCOUNTS } from '../../consensus/development-accounts.ts';
import { RuleError } from '../../consensus/errors.ts';
import { type NodeHash, ZERO_HASH } from '../../consensus/hash.ts';
import { developmentKeyPair, type KeyPair } from '../../consensus/keys.ts';
import { merkleRoot } from '../../consensus/merkle.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { signTransfer } from '../../consensus/signature.ts';
import type { AccountChanges } from '../../consensus/state.ts';
import type { StateChange, StateView } from '../../consensus/state-change.ts';
import { updateStateTree } from '../../consensus/state-tree.ts';
import { subsidyAt } from '../../consensus/subsidy.ts';
import {
  type Coinbase,
  type CoinbaseFields,
  encodeCoinbase,
  type Transaction,
  type Transfer,
  type TransferFields,
} from '../../consensus/transaction.ts';
import type { Undo } from '../../consensus/undo.ts';
import { MemoryState } from '../../protocol/memory-state.ts';

export const [alice, bob, carol] = DEVELOPMENT_ACCOUNTS.slice(0, 3).map(developmentKeyPair) as [
  KeyPair,
  KeyPair,
  KeyPair,
];
export const miner: Address = 'ee'.repeat(20);

/** A state in memory that checks, with every change, that the change is exact. */
export class CheckedState extends MemoryState {
  static of(accounts: AccountChanges): CheckedState {
    const state = new CheckedState();
    state.change(accounts);
    return state;
  }

  change(accounts: AccountChanges): void {
    const { root, added, removed } = updateStateTree(this, this.stateRoot, accounts);
    const nodes = { nodesAdded: added, nodesRemoved: removed };
    this.apply({ stateRoot: root, accounts, slots: new Map(), codes: new Map(), ...nodes });
  }

  override apply(change: StateChange): void {
    for (const hash of change.nodesRemoved) {
      if (!this.nodes.has(hash)) throw new Error(`removed node ${hash} was not there`);
    }
    for (const hash of change.nodesAdded.keys()) {
      if (this.nodes.has(hash)) throw new Error(`added node ${hash} was there already`);
    }
    super.apply(change);
  }
}

/** Accounts, nodes and root as plain data, to compare. */
export function snapshot(state: CheckedState): unknown {
  return {
    root: state.stateRoot,
    accounts: [...state.accounts].sort(([a], [b]) => (a < b ? -1 : 1)),
    nodes: [...state.nodes.keys()].sort(),
  };
}

export function genesisState(): CheckedState {
  return CheckedState.of(REGTEST.genesisState);
}

/** A signed transfer on regtest: 1 base unit and no fee from nonce 0, unless changed. */
export function pay(from: KeyPair, to: Address, changes: Partial<TransferFields> = {}): Transfer {
  const { networkId } = REGTEST;
  const fields = { networkId, nonce: 0n, recipient: to, amount: 1n, fee: 0n, memo: new Uint8Array(), ...changes };
  return signTransfer(fields, from.secretKey);
}

/** What a block at a height reads of a chain that has no blocks. */
export function contextAt(height: number): BlockContext {
  return { height, medianTimePast: 0, blockHash: () => ZERO_HASH };
}

/** The undo record of a block without contracts. */
export function plainUndo(stateRoot: NodeHash, accounts: AccountChanges): Undo {
  return { stateRoot, accounts, slots: new Map(), newCodes: [], receiptsHash: null };
}

export function coinbaseFor(state: StateView, height: number, transfers: readonly Transfer[]): Coinbase {
  const reward = transfers.reduce((sum, transfer) => sum + transfer.fee, subsidyAt(height, REGTEST));
  const { stateRoot } = effectOf(transfers, { recipient: miner, reward }, state, contextAt(height)).change;
  return encodeCoinbase({
    height,
    recipient: miner,
    reward,
    stateRoot,
    extraNonce: new Uint8Array(8),
    tag: new Uint8Array(),
  });
}

/** A block with a correct Merkle root around any transactions. Its proof of work is left to chance. */
export function blockOf(transactions: readonly Transaction[]): Block {
  const txids = transactions.map((transaction) => transaction.txid);
  return encodeBlock(
    {
      version: 1,
      prevHash: REGTEST.genesis.hash,
      merkleRoot: merkleRoot(txids),
      time: REGTEST.genesis.header.time + 10,
      bits: REGTEST.genesisBits,
      nonce: 0,
    },
    transactions,
  );
}

/** The block that a correct miner makes; `changes` spoil its coinbase. */
export function blockAt(
  state: StateView,
  height: number,
  transfers: readonly Transfer[],
  changes: Partial<CoinbaseFields> = {},
): Block {
  return blockOf([encodeCoinbase({ ...coinbaseFor(state, height, transfers), ...changes }), ...transfers]);
}

/** Code of the rule that `act` finds broken; undefined when it throws nothing. */
export function brokenRule(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) return error.code;
    throw error;
  }
}
