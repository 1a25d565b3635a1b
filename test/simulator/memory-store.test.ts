import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../consensus/errors.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { totalSubsidy } from '../../consensus/subsidy.ts';
import { DamageError, DiskError, MemoryStore } from '../../simulator/memory-store.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import {
  genesisPoint,
  mineBlock,
  mineChain,
  pathTo,
  writesToConnect,
  writeToDisconnect,
} from '../../testing/chain-builder.ts';

const genesis = genesisPoint(REGTEST);
const tip = mineChain(genesis, 4);

function filledStore(): MemoryStore {
  const store = new MemoryStore(REGTEST);
  for (const point of pathTo(tip)) store.apply(writesToConnect(point));
  store.commit();
  return store;
}

/** All that can be read of a store. */
function contents(store: MemoryStore) {
  const headers = [...store.headers()];
  return {
    tip: store.tip,
    stateRoot: store.stateRoot,
    accounts: [...store.accounts()].sort(),
    headers,
    bodies: headers.map(({ hash }) => store.body(hash)),
    undos: headers.map(({ hash }) => store.undo(hash)),
    journal: [...store.journal()],
    supply: store.supply(),
  };
}

describe('a simulated disk', () => {
  it('shows what was applied at once, and loses it with a power cut before the commit', () => {
    const store = filledStore();
    const before = contents(store);
    const entry = { txid: 'ab'.repeat(32), raw: new Uint8Array([1]), receivedMs: 1, unbroadcast: true };
    store.apply([writeToDisconnect(tip), { kind: 'journal-put', entry }]);
    expect(store.tip).toBe(tip.parent?.block.hash);
    expect(store.isDirty).toBe(true);
    store.rollback();
    expect(contents(store)).toEqual(before);
    expect(store.isDirty).toBe(false);
  });

  it('refuses to commit when it is full, with nothing half-written', () => {
    const store = filledStore();
    const before = contents(store);
    store.failure = 'no space left on device';
    store.apply([writeToDisconnect(tip)]);
    expect(() => store.commit()).toThrow(DiskError);
    expect(contents(store)).toEqual(before);
  });

  it('refuses a block that does not belong on the tip, and changes nothing', () => {
    const store = filledStore();
    const before = contents(store);
    const elsewhere = mineBlock(genesis, { extraNonce: 1 });
    const [withoutBody] = writesToConnect(mineBlock(tip)).filter(({ kind }) => kind === 'connect');
    for (const writes of [writesToConnect(elsewhere), [writeToDisconnect(tip.parent!)], [withoutBody!]]) {
      expect(() => store.apply(writes)).toThrow(InvariantError);
      store.rollback();
    }
    expect(contents(store)).toEqual(before);
  });

  it('has rot found by whoever reads it, wherever it is', () => {
    const random = new SeededRandom(4);
    for (let i = 0; i < 20; i++) {
      const store = filledStore();
      expect(store.rot(random)).toBe(true);
      expect(() => contents(store)).toThrow(DamageError);
    }
  });

  it('has nothing to rot before anything is stored', () => {
    expect(new MemoryStore(REGTEST).rot(new SeededRandom(1))).toBe(false);
  });

  it('goes back to genesis with what is whole, so that it can be connected again', () => {
    const store = filledStore();
    const random = new SeededRandom(9);
    store.rot(random);
    store.reindex();
    expect(store.tip).toBe(REGTEST.genesis.hash);
    expect(store.supply()).toBe(REGTEST.allocationTotal);
    expect(() => contents(store)).not.toThrow();
    // What builds on a lost body waits for it.
    const arrivals = [...store.headers()].map(({ arrival }) => arrival > 0);
    expect(arrivals).toEqual([...arrivals].sort((a, b) => Number(b) - Number(a)));
  });

  it('knows all balances together', () => {
    expect(filledStore().supply()).toBe(REGTEST.allocationTotal + totalSubsidy(4, REGTEST));
  });
});
