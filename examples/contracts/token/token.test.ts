import { readFileSync } from 'node:fs';
import { createContractWorld } from 'forklore/contract';
import { expect, it } from 'vitest';
import type { Token } from './token.ts';

const source = readFileSync(new URL('token.ts', import.meta.url), 'utf8');
const SUPPLY = 1_000n;

function newToken() {
  const world = createContractWorld();
  const [alice, bob, carol] = world.accounts;
  const token = world.deploy<Token>({ source, from: alice, arguments: ['Leaf', 2, SUPPLY] });
  const balances = () => [alice, bob, carol].map((account) => token.view.balanceOf(account));
  return { world, alice, bob, carol, token, balances };
}

it('belongs to whoever deployed it, who gives units away', () => {
  const { alice, bob, token, balances } = newToken();
  const { events } = token.send.transfer(bob, 300n);
  expect(events).toMatchObject([{ name: 'Transferred', values: [alice.address, bob.address, 300n] }]);
  expect(balances()).toEqual([700n, 300n, 0n]);
});

it('moves no more than there is, and nothing of nothing', () => {
  const { bob, carol, token, balances } = newToken();
  expect(() => token.send.transfer(bob, SUPPLY + 1n)).toThrow('there are only 1000');
  expect(() => token.send.transfer(bob, 0n)).toThrow('an amount is positive');
  expect(() => token.send.transfer(bob, -1n)).toThrow('an amount is positive');
  expect(() => token.with({ from: carol }).send.transfer(bob, 1n)).toThrow('there are only 0');
  expect(balances()).toEqual([SUPPLY, 0n, 0n]);
});

it('makes no units where somebody pays himself', () => {
  const { alice, token, balances } = newToken();
  token.send.transfer(alice, SUPPLY);
  expect(balances()).toEqual([SUPPLY, 0n, 0n]);
});

it('lets a spender take what was allowed, and no more', () => {
  const { alice, bob, carol, token, balances } = newToken();
  expect(() => token.send.allow(bob, 0n, -1n)).toThrow('never negative');
  token.send.allow(bob, 0n, 50n);
  const byBob = token.with({ from: bob }).send;
  byBob.take(alice, carol, 30n);
  expect(token.view.allowance(alice, bob)).toBe(20n);
  expect(() => byBob.take(alice, carol, 21n)).toThrow('the allowance is 20');
  expect(() => byBob.take(alice, carol, -5n)).toThrow('an amount is positive');
  byBob.take(alice, bob, 20n);
  expect(balances()).toEqual([950n, 20n, 30n]);
  expect(() => token.with({ from: carol }).send.take(alice, carol, 1n)).toThrow('the allowance is 0');
});

it('changes no allowance of which something was taken meanwhile', () => {
  const { alice, bob, token } = newToken();
  token.send.allow(bob, 0n, 5n);
  // Alice makes it 3; Bob sees that in the mempool, and takes the 5 first.
  token.with({ from: bob }).send.take(alice, bob, 5n);
  expect(() => token.send.allow(bob, 5n, 3n)).toThrow('the allowance is 0 now');
  expect(() => token.with({ from: bob }).send.take(alice, bob, 3n)).toThrow('the allowance is 0');
});

it('allows no more than the owner has in the end', () => {
  const { alice, bob, token, balances } = newToken();
  token.send.allow(bob, 0n, SUPPLY * 2n);
  expect(() => token.with({ from: bob }).send.take(alice, bob, SUPPLY + 1n)).toThrow('there are only 1000');
  expect(token.view.allowance(alice, bob)).toBe(SUPPLY * 2n);
  expect(balances()).toEqual([SUPPLY, 0n, 0n]);
});

it('takes no coins: they would stay for ever', () => {
  const { bob, token } = newToken();
  expect(() => token.with({ amount: 1n }).send.transfer(bob, 1n)).toThrow('transfer takes no coins');
});

it('is not deployed without a name and units, or with decimals that nobody could show', () => {
  const world = createContractWorld();
  const [alice] = world.accounts;
  const deploy = (name: string, decimals: number, supply: bigint) =>
    world.deploy<Token>({ source, from: alice, arguments: [name, decimals, supply] });
  expect(() => deploy('', 2, SUPPLY)).toThrow('a token has a name');
  expect(() => deploy('Leaf', 19, SUPPLY)).toThrow('0 to 18 decimals');
  expect(() => deploy('Leaf', 2, 0n)).toThrow('at least one unit');
});
