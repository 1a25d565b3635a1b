import { readFileSync } from 'node:fs';
import { createContractWorld } from 'forklore/contract';
import { expect, it } from 'vitest';
import type { NameRegister } from './name-register.ts';

const source = readFileSync(new URL('name-register.ts', import.meta.url), 'utf8');
const DEPOSIT = 100_000_000n;
const SALT = '6d1f0c5b9a3e';

function newRegister() {
  const world = createContractWorld({ height: 100 });
  const [alice, bob, carol] = world.accounts;
  const register = world.deploy<NameRegister>({ source, from: alice });
  const as = (from: typeof alice) => register.with({ from }).send;
  const claim = (from: typeof alice, name: string, salt = SALT) =>
    register.with({ from, amount: DEPOSIT }).send.claim(name, salt);
  /** Commits, waits and claims. */
  const take = (from: typeof alice, name: string) => {
    as(from).commit(register.view.commitmentOf(name, from, SALT));
    world.height += 3;
    return claim(from, name);
  };
  return { world, alice, bob, carol, register, as, claim, take };
}

it('gives a name to whoever has committed to it, for a deposit', () => {
  const { bob, register, take } = newRegister();
  expect(take(bob, 'noodles').events).toMatchObject([{ name: 'Claimed', values: [bob.address, 'noodles'] }]);
  expect(register.view.lookUp('noodles')).toBe(bob.address);
  expect(register.balance).toBe(DEPOSIT);
});

it('gives nothing without a commitment, too early or too late', () => {
  const { world, bob, register, as, claim } = newRegister();
  expect(() => claim(bob, 'noodles')).toThrow('commit to this name');
  as(bob).commit(register.view.commitmentOf('noodles', bob, SALT));
  expect(() => claim(bob, 'noodles')).toThrow('wait until height 103');
  expect(() => claim(bob, 'rice')).toThrow('commit to this name');
  world.height = 1_101;
  expect(() => claim(bob, 'noodles')).toThrow('too old');
  world.height = 1_100;
  claim(bob, 'noodles');
  expect(() => claim(bob, 'noodles')).toThrow('commit to this name');
});

it('gives nothing to somebody who copies a commitment and then the claim', () => {
  const { world, bob, carol, register, as, claim } = newRegister();
  const hash = register.view.commitmentOf('noodles', bob, SALT);
  as(carol).commit(hash);
  as(bob).commit(hash);
  world.height += 3;
  expect(() => claim(carol, 'noodles')).toThrow('commit to this name');
  claim(bob, 'noodles');
});

it('gives a name once', () => {
  const { bob, carol, take } = newRegister();
  take(bob, 'noodles');
  expect(() => take(carol, 'noodles')).toThrow('the name is taken');
});

it('takes the exact deposit only, and pays it back once', () => {
  const { bob, register, as, take } = newRegister();
  take(bob, 'noodles');
  const other = register.with({ from: bob, amount: DEPOSIT - 1n });
  expect(() => other.send.claim('rice', SALT)).toThrow('the deposit is 100000000');
  expect(as(bob).release('noodles').payments).toMatchObject([{ to: bob.address, amount: DEPOSIT }]);
  expect(() => as(bob).release('noodles')).toThrow('nobody has this name');
  expect(register.balance).toBe(0n);
});

it('lets the owner alone change, give and release a name', () => {
  const { alice, bob, carol, register, as, take } = newRegister();
  take(bob, 'noodles');
  expect(() => as(carol).point('noodles', carol)).toThrow('somebody else');
  expect(() => as(carol).give('noodles', carol)).toThrow('somebody else');
  expect(() => as(carol).release('noodles')).toThrow('somebody else');
  as(bob).point('noodles', alice);
  expect(register.view.lookUp('noodles')).toBe(alice.address);
  as(bob).give('noodles', carol);
  expect(register.view.lookUp('noodles')).toBe(carol.address);
  expect(() => as(bob).point('noodles', bob)).toThrow('somebody else');
  expect(as(carol).release('noodles').payments).toMatchObject([{ to: carol.address }]);
});

it.each(['ab', 'a'.repeat(33), 'Noodles', 'nоodles', 'two words', ''])('has no name %j', (name) => {
  const { bob, take } = newRegister();
  expect(() => take(bob, name)).toThrow('a name has 3 to 32');
});

it('knows no name that nobody has, and no commitment that is no hash', () => {
  const { bob, register, as } = newRegister();
  expect(() => register.view.lookUp('noodles')).toThrow('nobody has this name');
  expect(() => as(bob).commit('noodles')).toThrow('64 hex digits');
});
