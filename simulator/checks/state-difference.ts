import type { BlockReceipt } from '../../consensus/block-execution.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import type { Account } from '../../consensus/state.ts';
import type { StateChange } from '../../consensus/state-change.ts';
import type { MemoryStore } from '../memory-store.ts';
import type { ModelBlock } from '../model/reference-model.ts';
import type { ModelAccount } from '../model/state-root.ts';

/** How what a node changes differs from the state that the model has then; undefined where it does not. */
export function differenceOfChange(change: StateChange, expected: ModelBlock): string | undefined {
  const { accounts, slots, sources } = expected;
  if (change.stateRoot !== expected.stateRoot) return `has another state root after ${expected.hash}`;
  for (const [address, account] of change.accounts) {
    const difference = differenceOfAccount(address, accounts.get(address), account);
    if (difference) return difference;
  }
  for (const [contract, values] of change.slots) {
    for (const [path, value] of values) {
      const difference = differenceOfBytes(`slot ${path} of ${contract}`, slots.get(contract)?.get(path), value);
      if (difference) return difference;
    }
  }
  for (const [codeHash, source] of change.codes) {
    const difference = differenceOfBytes(`source ${codeHash}`, sources.get(codeHash), source);
    if (difference) return difference;
  }
  return undefined;
}

/** How the whole state of a node differs from that of the model, not only where it changed; undefined where it does not. */
export function differenceOfStore(store: MemoryStore, expected: ModelBlock): string | undefined {
  if (store.stateRoot !== expected.stateRoot) return `has another state root at ${expected.hash}`;
  if (store.supply() !== expected.supply) return `has a supply of ${store.supply()}, the model ${expected.supply}`;
  const accounts = new Map(store.accounts());
  if (accounts.size !== expected.accounts.size)
    return `has ${accounts.size} accounts, the model ${expected.accounts.size}`;
  for (const [address, account] of expected.accounts) {
    const difference = differenceOfAccount(address, account, accounts.get(address));
    if (difference) return difference;
  }
  return (
    differenceOfAll('slot', slotsOf(expected), new Map(store.slots())) ??
    differenceOfAll('source', expected.sources, new Map(store.codes()))
  );
}

/** How the receipts that a node writes with a block differ from those of the model; undefined where they do not. */
export function differenceOfReceipts(found: readonly BlockReceipt[], expected: ModelBlock): string | undefined {
  const { receipts } = expected;
  if (found.length !== receipts.length) return `writes ${found.length} receipts, the model has ${receipts.length}`;
  for (const [i, { txid, bytes }] of receipts.entries()) {
    const receipt = found[i];
    if (receipt?.txid !== txid) return `writes a receipt of ${receipt?.txid}, the model has one of ${txid}`;
    const difference = differenceOfBytes(`receipt of ${txid}`, bytes, receipt.bytes);
    if (difference) return difference;
  }
  return undefined;
}

/** By contract and path, one behind the other. */
function slotsOf({ slots }: ModelBlock): Map<string, Uint8Array> {
  const all = new Map<string, Uint8Array>();
  for (const [contract, values] of slots) {
    for (const [path, value] of values) all.set(contract + path, value);
  }
  return all;
}

function differenceOfAll(
  what: string,
  expected: ReadonlyMap<string, Uint8Array>,
  found: ReadonlyMap<string, Uint8Array>,
): string | undefined {
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const difference = differenceOfBytes(`${what} ${key}`, expected.get(key), found.get(key));
    if (difference) return difference;
  }
  return undefined;
}

function differenceOfAccount(
  address: string,
  expected: ModelAccount | undefined,
  found: Account | undefined,
): string | undefined {
  const [byModel, shown] = [shownAccount(expected), shownAccount(found)];
  return byModel === shown ? undefined : `account ${address} has ${shown}, by the model ${byModel}`;
}

function shownAccount(account: ModelAccount | undefined): string {
  if (account === undefined) return 'nothing';
  const { balance, nonce, contract } = account;
  const parts = contract ? `, source ${contract.codeHash}, slots ${contract.storageRoot}` : '';
  return `${balance} nonce ${nonce}${parts}`;
}

function differenceOfBytes(
  what: string,
  expected: Uint8Array | undefined,
  found: Uint8Array | undefined,
): string | undefined {
  const [byModel, shown] = [shownBytes(expected), shownBytes(found)];
  return byModel === shown ? undefined : `${what} is ${shown}, by the model ${byModel}`;
}

function shownBytes(bytes: Uint8Array | undefined): string {
  return bytes ? bytesToHex(bytes) : 'nothing';
}
