import { expect, it } from 'vitest';
import type { Address } from '../../consensus/address.ts';
import { type Account, EMPTY_ACCOUNT } from '../../consensus/state.ts';
import { accountLeaf, EMPTY_ROOT, StateTreeEditor } from '../../consensus/state-tree.ts';
import { updateTrees } from '../../consensus/tree-steps.ts';

const LEAVES = 200;
/** Of a group of leaves, in gas. */
const MOST_WORK = 128_000;

const view = {
  stateRoot: EMPTY_ROOT,
  account: () => undefined,
  stateNode: () => undefined,
  slot: () => undefined,
  code: () => undefined,
};

/** Accounts with one coin each whose keys in the tree begin with the same byte, which whoever makes addresses can choose. */
function accountsAlike(): Map<Address, Account> {
  const accounts = new Map<Address, Account>();
  for (let i = 0; accounts.size < LEAVES; i++) {
    const address = i.toString(16).padStart(40, '0');
    const account = { ...EMPTY_ACCOUNT, balance: 1n };
    if (accountLeaf(address, account).key[0] === 0) accounts.set(address, account);
  }
  return accounts;
}

it('leaves whose keys begin alike are changed in groups of the usual size, with the root that they have at once', () => {
  const accounts = accountsAlike();
  const input = { accounts, slots: new Map(), receiptsLeaf: undefined, onStorageRoot: () => undefined };
  const steps = updateTrees(new StateTreeEditor(view), view, input);
  const work: number[] = [];
  let step = steps.next();
  for (; !step.done; step = steps.next()) work.push(step.value);
  expect(Math.max(...work)).toBeLessThanOrEqual(MOST_WORK);
  const leaves = Array.from(accounts, ([address, account]) => accountLeaf(address, account));
  expect(step.value).toBe(new StateTreeEditor(view).update(EMPTY_ROOT, leaves));
});
