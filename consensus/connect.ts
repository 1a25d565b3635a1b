import { ADDRESS_BYTES, type Address } from './address.ts';
import { type Block, coinbaseOf, transfersOf } from './block.ts';
import { ByteReader, ByteWriter, DecodeError } from './codec.ts';
import { assertInvariant, RuleError } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import { bytesToHex, hexToBytes } from './hex.ts';
import type { NetworkParams } from './params.ts';
import { type Account, type AccountChanges, type AccountReader, EMPTY_ACCOUNT } from './state.ts';
import { type NodeHash, type StateNodeReader, updateStateTree } from './state-tree.ts';
import { subsidyAt } from './subsidy.ts';
import type { Transfer } from './transaction.ts';

const ACCOUNT_BYTES = 16;
const ABSENT = 0;
const PRESENT = 1;

/** The state after some block. */
export interface StateView extends AccountReader, StateNodeReader {
  readonly stateRoot: NodeHash;
}

/** The writes that turn the state after one block into the state after another. */
export interface StateChange {
  readonly stateRoot: NodeHash;
  readonly accounts: AccountChanges;
  readonly nodesAdded: Map<NodeHash, Uint8Array>;
  readonly nodesRemoved: Set<NodeHash>;
}

/** What reverts a block: the state root and the touched accounts as they were before it. */
export interface Undo {
  readonly stateRoot: NodeHash;
  readonly accounts: AccountChanges;
}

/** Who is paid by a block, and how much in base units. */
export interface Payout {
  readonly recipient: Address;
  readonly reward: bigint;
}

/**
 * The sender's account after the transfer, the recipient's gain left out (they may be the same).
 * Throws `RuleError` `wrong-nonce` or `insufficient-balance`.
 */
function applyTransfer(transfer: Transfer, sender: Account): Account {
  // [reject] The nonce is exactly the sender's account nonce.
  if (transfer.nonce !== sender.nonce) {
    throw new RuleError('wrong-nonce', `${transfer.txid} has nonce ${transfer.nonce}, the account ${sender.nonce}`);
  }
  // [reject] Amount plus fee is at most the sender's balance.
  // The sum may exceed 64 bits; a bigint does not wrap.
  const cost = transfer.amount + transfer.fee;
  if (cost > sender.balance) {
    throw new RuleError('insufficient-balance', `${transfer.txid} takes ${cost}, the account has ${sender.balance}`);
  }
  return { balance: sender.balance - cost, nonce: sender.nonce + 1n };
}

/**
 * Executes transfers in order, then pays the coinbase, so that no transfer can spend the block's own reward.
 * Gives the touched accounts after and before. Throws `RuleError` `wrong-nonce` or `insufficient-balance`.
 */
export function executeTransfers(
  transfers: readonly Transfer[],
  coinbase: Payout,
  view: AccountReader,
): { accounts: AccountChanges; undo: AccountChanges } {
  const accounts = new Map<Address, Account>();
  const undo: AccountChanges = new Map();
  const read = (address: Address): Account => {
    const known = accounts.get(address);
    if (known !== undefined) return known;
    const before = view.account(address);
    undo.set(address, before);
    return before ?? EMPTY_ACCOUNT;
  };
  const pay = (address: Address, amount: bigint): void => {
    const { balance, nonce } = read(address);
    accounts.set(address, { balance: balance + amount, nonce });
  };

  for (const transfer of transfers) {
    accounts.set(transfer.sender, applyTransfer(transfer, read(transfer.sender)));
    pay(transfer.recipient, transfer.amount);
  }
  pay(coinbase.recipient, coinbase.reward);
  return { accounts, undo };
}

/** The state after a block with these transfers, for templates. Throws like {@link executeTransfers}. */
export function stateAfter(transfers: readonly Transfer[], coinbase: Payout, view: StateView): StateChange {
  return stateChange(executeTransfers(transfers, coinbase, view).accounts, view);
}

/**
 * Checks the rules that need the state before the block, and gives its effect. Signatures are verified separately,
 * before. Throws `RuleError` `coinbase-wrong-reward`, `wrong-nonce`, `insufficient-balance` or `wrong-state-root`.
 */
export function connectBlock(
  block: Block,
  height: number,
  view: StateView,
  params: NetworkParams,
): { change: StateChange; undo: Undo } {
  const coinbase = coinbaseOf(block);
  const transfers = transfersOf(block);
  // [reject] The reward is exactly the subsidy plus the fees.
  const subsidy = subsidyAt(height, params);
  const reward = transfers.reduce((sum, transfer) => sum + transfer.fee, subsidy);
  if (coinbase.reward !== reward) {
    throw new RuleError('coinbase-wrong-reward', `${coinbase.reward} instead of ${reward} at height ${height}`);
  }
  const { accounts, undo } = executeTransfers(transfers, coinbase, view);
  assertInvariant(
    totalBalance(accounts) - totalBalance(undo) === subsidy,
    `block ${block.hash} changes the total supply by something else than its subsidy`,
  );
  const change = stateChange(accounts, view);
  // [reject] The coinbase's state root is that of the state after the block.
  if (coinbase.stateRoot !== change.stateRoot) {
    throw new RuleError('wrong-state-root', `coinbase says ${coinbase.stateRoot}, the state is ${change.stateRoot}`);
  }
  return { change, undo: { stateRoot: view.stateRoot, accounts: undo } };
}

/** Reverts the tip's block. Throws `InvariantError` unless that gives the state root before it. */
export function disconnectBlock(undo: Undo, view: StateView): StateChange {
  const change = stateChange(undo.accounts, view);
  assertInvariant(
    change.stateRoot === undo.stateRoot,
    `disconnecting leads to state ${change.stateRoot} instead of ${undo.stateRoot}`,
  );
  return change;
}

/** `stateRoot 32 | count u32 | entries`, by address upwards: `address 20 | present u8 | balance u64, nonce u64 if present`. */
export function encodeUndo(undo: Undo): Uint8Array {
  const entries = [...undo.accounts].sort(([a], [b]) => (a < b ? -1 : 1));
  const presentCount = entries.filter(([, account]) => account !== undefined).length;
  const sizeBytes = HASH_BYTES + 4 + entries.length * (ADDRESS_BYTES + 1) + presentCount * ACCOUNT_BYTES;
  const writer = new ByteWriter(sizeBytes).bytes(hexToBytes(undo.stateRoot)).u32(entries.length);
  for (const [address, account] of entries) {
    writer.bytes(hexToBytes(address));
    if (account === undefined) writer.u8(ABSENT);
    else writer.u8(PRESENT).u64(account.balance).u64(account.nonce);
  }
  return writer.finish();
}

/** The inverse of {@link encodeUndo}. Throws `DecodeError`, also where addresses are not in order. */
export function decodeUndo(bytes: Uint8Array): Undo {
  const reader = new ByteReader(bytes);
  const stateRoot = bytesToHex(reader.bytes(HASH_BYTES));
  const accounts: AccountChanges = new Map();
  let previous = '';
  for (let left = reader.u32(); left > 0; left--) {
    const address = bytesToHex(reader.bytes(ADDRESS_BYTES));
    if (address <= previous) throw new DecodeError('addresses are not in order');
    previous = address;
    accounts.set(address, readOptionalAccount(reader));
  }
  reader.end();
  return { stateRoot, accounts };
}

function readOptionalAccount(reader: ByteReader): Account | undefined {
  const flag = reader.u8();
  if (flag === ABSENT) return undefined;
  if (flag !== PRESENT) throw new DecodeError(`flag ${flag} is neither absent nor present`);
  return { balance: reader.u64(), nonce: reader.u64() };
}

function stateChange(accounts: AccountChanges, view: StateView): StateChange {
  const { root, added, removed } = updateStateTree(view, view.stateRoot, accounts);
  return { stateRoot: root, accounts, nodesAdded: added, nodesRemoved: removed };
}

function totalBalance(accounts: AccountChanges): bigint {
  let total = 0n;
  for (const account of accounts.values()) total += account?.balance ?? 0n;
  return total;
}
