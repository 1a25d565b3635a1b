import type { Network } from '../consensus/genesis.ts';
import { totalSubsidy } from '../consensus/subsidy.ts';
import { verifyFull } from '../server/store/integrity.ts';
import { Store } from '../server/store/store.ts';
import { demand } from './failure.ts';

/** What a folder holds, as far as two nodes of one network agree on it. */
export interface FolderContents {
  readonly tip: string;
  readonly height: number;
  readonly stateRoot: string;
  /** Base units of all accounts. */
  readonly supply: bigint;
  /** Ids of pending transactions, in order. */
  readonly pending: readonly string[];
}

/**
 * Replays a folder that nobody has open from genesis, and checks its supply: what genesis gave out and the subsidies of
 * all blocks, to the unit. Throws `StoreError` or `TortureFailure`.
 */
export async function examineFolder(directory: string, params: Network): Promise<FolderContents> {
  const store = await Store.open({ directory, params });
  try {
    await verifyFull(store, params);
    const supply = sum(Array.from(store.accounts(), ([, { balance }]) => balance));
    const expected = sum([...params.genesisState.values()].map((account) => account?.balance ?? 0n));
    const due = expected + totalSubsidy(store.height, params);
    demand(supply === due, `the supply of ${directory} is ${supply}, not ${due}`);
    const pending = store.journal().map(({ txid }) => txid);
    return { tip: store.tip, height: store.height, stateRoot: store.stateRoot, supply, pending: pending.sort() };
  } finally {
    await store.close();
  }
}

/** Throws `TortureFailure` unless two folders hold the same. */
export function demandEqual(victim: FolderContents, twin: FolderContents): void {
  for (const key of ['tip', 'height', 'stateRoot', 'supply', 'pending'] as const) {
    const [mine, other] = [String(victim[key]), String(twin[key])];
    demand(mine === other, `${key} is ${mine}, but ${other} in the twin that was never killed`);
  }
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
