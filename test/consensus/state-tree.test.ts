import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../consensus/address.ts';
import { InvariantError } from '../../consensus/errors.ts';
import type { NodeHash } from '../../consensus/hash.ts';
import { bytesToHex, concatBytes, hexToBytes } from '../../consensus/hex.ts';
import { sha256 } from '../../consensus/sha256.ts';
import type { Account, AccountChanges } from '../../consensus/state.ts';
import { accountProof, EMPTY_ROOT, updateStateTree, verifyAccountProof } from '../../consensus/state-tree.ts';
import { account as accounts, hexOf } from './arbitraries.ts';
import { CheckedState } from './fixtures.ts';

/** The definition word by word, rebuilt from nothing, with the keys as texts of bits. */
function treeByDefinition(state: ReadonlyMap<Address, Account>): { root: NodeHash; nodes: Set<NodeHash> } {
  const nodes = new Set<NodeHash>();
  const put = (...parts: Uint8Array[]) => {
    const hash = sha256(concatBytes(...parts));
    nodes.add(bytesToHex(hash));
    return hash;
  };
  const leaves = [...state].map(([address, { balance, nonce }]) => {
    const value = new DataView(new ArrayBuffer(16));
    value.setBigUint64(0, balance, true);
    value.setBigUint64(8, nonce, true);
    const key = sha256(hexToBytes(address));
    const bits = Array.from(key, (byte) => byte.toString(2).padStart(8, '0')).join('');
    return { key, bits, valueHash: sha256(new Uint8Array(value.buffer)) };
  });
  const subtree = (prefix: string): Uint8Array => {
    const inside = leaves.filter((leaf) => leaf.bits.startsWith(prefix));
    if (inside.length === 0) return new Uint8Array(32);
    if (inside.length === 1) return put(Uint8Array.of(0), inside[0]!.key, inside[0]!.valueHash);
    return put(Uint8Array.of(1), subtree(`${prefix}0`), subtree(`${prefix}1`));
  };
  return { root: bytesToHex(subtree('')), nodes };
}

function expectExactly(state: CheckedState): void {
  const { root, nodes } = treeByDefinition(state.accounts);
  expect(state.stateRoot).toBe(root);
  expect(new Set(state.nodes.keys())).toEqual(nodes);
}

/** Two addresses whose keys agree in their first 11 bits, and one that agrees in fewer. */
function closeAddresses(): { near: [Address, Address]; far: Address } {
  const seen = new Map<number, Address>();
  for (let n = 0; ; n++) {
    const address = n.toString(16).padStart(40, '0');
    const key = sha256(hexToBytes(address));
    const prefix = (key[0]! << 3) | (key[1]! >> 5);
    const other = seen.get(prefix);
    if (other !== undefined) {
      const far = [...seen].find(([p]) => p >> 10 !== prefix >> 10)![1];
      return { near: [other, address], far };
    }
    seen.set(prefix, address);
  }
}

const fewAddresses = fc.integer({ min: 0, max: 30 }).map((n) => n.toString(16).padStart(40, '0'));
const changes: fc.Arbitrary<AccountChanges> = fc
  .array(fc.tuple(fewAddresses, fc.option(accounts, { nil: undefined })), { maxLength: 12 })
  .map((entries) => new Map(entries));
const populated = fc
  .dictionary(hexOf(20), accounts, { minKeys: 1, maxKeys: 20 })
  .map((d) => new Map(Object.entries(d)));

describe('state tree', () => {
  it('has the root and exactly the nodes of a tree built from nothing, after any updates', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 10 }), (updates) => {
        const state = new CheckedState();
        for (const update of updates) {
          state.change(update);
          expectExactly(state);
        }
      }),
    );
  });

  it('does not depend on the order of insertion', () => {
    fc.assert(
      fc.property(populated, (all) => {
        const [together, forwards, backwards] = [new CheckedState(), new CheckedState(), new CheckedState()];
        together.change(all);
        for (const entry of all) forwards.change(new Map([entry]));
        for (const entry of [...all].reverse()) backwards.change(new Map([entry]));
        expect(forwards.stateRoot).toBe(together.stateRoot);
        expect(backwards.stateRoot).toBe(together.stateRoot);
        expectExactly(backwards);
      }),
    );
  });

  it('collapses when accounts go, down to nothing', () => {
    const { near, far } = closeAddresses();
    const account = { balance: 1n, nonce: 0n };
    const state = CheckedState.of(new Map([...near, far].map((address) => [address, account])));
    expect(state.nodes.size).toBeGreaterThan(12);
    state.change(new Map([[near[0], undefined]]));
    expectExactly(state);
    expect(state.nodes.size).toBe(3);
    state.change(new Map([[far, undefined]]));
    expectExactly(state);
    state.change(new Map([[near[1], undefined]]));
    expect(state.stateRoot).toBe(EMPTY_ROOT);
    expect(state.nodes.size).toBe(0);
  });

  it('neither adds nor removes anything when nothing changes', () => {
    fc.assert(
      fc.property(populated, hexOf(20), (all, stranger) => {
        fc.pre(!all.has(stranger));
        const state = CheckedState.of(all);
        for (const same of [new Map(), all, new Map([[stranger, undefined]])]) {
          const update = updateStateTree(state, state.stateRoot, same);
          expect(update).toEqual({ root: state.stateRoot, added: new Map(), removed: new Set() });
        }
      }),
    );
  });

  it('touches only the path of an account', () => {
    const state = new CheckedState();
    const address = (n: number) => n.toString(16).padStart(40, '0');
    state.change(new Map(Array.from({ length: 1_000 }, (_, n) => [address(n), { balance: BigInt(n), nonce: 0n }])));
    const { added, removed } = updateStateTree(
      state,
      state.stateRoot,
      new Map([[address(7), { balance: 0n, nonce: 1n }]]),
    );
    expect(added.size).toBeLessThan(25);
    expect(removed.size).toBe(added.size);
  });

  it('takes a missing node for our own bug', () => {
    const state = CheckedState.of(new Map([['00'.repeat(20), { balance: 1n, nonce: 0n }]]));
    state.nodes.clear();
    expect(() => state.change(new Map([['11'.repeat(20), { balance: 1n, nonce: 0n }]]))).toThrow(InvariantError);
    expect(() => accountProof(state, state.stateRoot, '00'.repeat(20))).toThrow(InvariantError);
  });
});

describe('account proofs', () => {
  it('show what every account is, and nothing else', () => {
    fc.assert(
      fc.property(populated, (all) => {
        const state = CheckedState.of(all);
        for (const [address, account] of all) {
          const proof = accountProof(state, state.stateRoot, address);
          const says = (claim: Account | undefined) => verifyAccountProof(state.stateRoot, address, claim, proof);
          expect(says(account)).toBe(true);
          expect(says(undefined)).toBe(false);
          expect(says({ ...account, balance: account.balance ^ 1n })).toBe(false);
          expect(says({ ...account, nonce: account.nonce ^ 1n })).toBe(false);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('show that an account is absent', () => {
    fc.assert(
      fc.property(populated, hexOf(20), (all, stranger) => {
        fc.pre(!all.has(stranger));
        const state = CheckedState.of(all);
        const proof = accountProof(state, state.stateRoot, stranger);
        expect(verifyAccountProof(state.stateRoot, stranger, undefined, proof)).toBe(true);
        expect(verifyAccountProof(state.stateRoot, stranger, { balance: 0n, nonce: 0n }, proof)).toBe(false);
      }),
    );
    const nothing = accountProof(new CheckedState(), EMPTY_ROOT, '00'.repeat(20));
    expect(verifyAccountProof(EMPTY_ROOT, '00'.repeat(20), undefined, nothing)).toBe(true);
  });

  it('do not pass for another account or another tree', () => {
    const { near, far } = closeAddresses();
    const account = { balance: 1n, nonce: 0n };
    const state = CheckedState.of(new Map([...near, far].map((address) => [address, account])));
    const { stateRoot } = state;
    const proof = accountProof(state, stateRoot, near[0]);
    expect(verifyAccountProof(stateRoot, far, account, proof)).toBe(false);
    expect(verifyAccountProof(stateRoot, far, undefined, proof)).toBe(false);
    expect(verifyAccountProof(stateRoot, near[1], undefined, proof)).toBe(false);
    expect(verifyAccountProof(EMPTY_ROOT, near[0], account, proof)).toBe(false);
  });

  it('are refused when they are no hashes or too long', () => {
    const address = '00'.repeat(20);
    const account = { balance: 1n, nonce: 0n };
    const state = CheckedState.of(new Map([[address, account]]));
    const { leaf } = accountProof(state, state.stateRoot, address);
    const says = (siblings: string[]) => verifyAccountProof(state.stateRoot, address, account, { siblings, leaf });
    expect(says([])).toBe(true);
    expect(says(['xyz'])).toBe(false);
    expect(says(new Array(257).fill(EMPTY_ROOT))).toBe(false);
    const badLeaf = { siblings: [], leaf: { key: leaf!.key, valueHash: '' } };
    expect(verifyAccountProof(state.stateRoot, address, account, badLeaf)).toBe(false);
  });
});
