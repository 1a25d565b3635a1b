import type { NodeHash } from '../../consensus/hash.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { sha256 } from '../../consensus/sha256.ts';
import type { Account } from '../../consensus/state.ts';
import type { MemoryState } from '../../protocol/memory-state.ts';
import { expectStored } from './finding.ts';
import type { Store } from './store.ts';

/**
 * Compares what is stored of the state at the tip with a state that was replayed from genesis. Throws `Finding` with the first
 * difference.
 */
export function compareState(store: Store, state: MemoryState): void {
  const { stateRoot } = store;
  expectStored(stateRoot === state.stateRoot, `the state root is ${stateRoot}, replayed ${state.stateRoot}`);
  const accounts = store.rowCount('accounts');
  expectStored(accounts === state.accounts.size, `${accounts} accounts, replayed ${state.accounts.size}`);
  for (const [address, account] of store.accounts()) {
    expectStored(isSame(account, state.account(address)), `account ${address} is not what a replay gives`);
  }
  compareContracts(store, state);
  expectStored(store.rowCount('stateNodes') === state.nodes.size, 'the state tree has nodes that do not belong to it');
  for (const hash of state.nodes.keys())
    expectStored(isWholeNode(store.stateNode(hash), hash), `state node ${hash} is missing`);
}

/** Whether these are the bytes of a node of the state tree with this hash. */
export function isWholeNode(node: Uint8Array | undefined, hash: NodeHash): boolean {
  return node !== undefined && bytesToHex(sha256(node)) === hash;
}

function compareContracts(store: Store, state: MemoryState): void {
  let slots = 0;
  for (const [contract, values] of state.slots) {
    for (const [path, value] of values) {
      const stored = store.slot(contract, path);
      expectStored(isEqual(stored, value), `slot ${path} of contract ${contract} is not what a replay gives`);
    }
    slots += values.size;
  }
  const stored = store.rowCount('slots');
  expectStored(stored === slots, `${stored} slots of contracts, replayed ${slots}`);
  for (const [codeHash, source] of state.codes) {
    expectStored(isEqual(store.code(codeHash), source), `source ${codeHash} is not what a replay gives`);
  }
  const codes = store.rowCount('codes');
  expectStored(codes === state.codes.size, `${codes} sources, replayed ${state.codes.size}`);
}

function isSame(a: Account, b: Account | undefined): boolean {
  const { codeHash, storageRoot } = a.contract ?? {};
  return (
    a.balance === b?.balance &&
    a.nonce === b.nonce &&
    codeHash === b.contract?.codeHash &&
    storageRoot === b.contract?.storageRoot
  );
}

function isEqual(stored: Uint8Array | undefined, replayed: Uint8Array): boolean {
  return stored !== undefined && Buffer.compare(stored, replayed) === 0;
}
