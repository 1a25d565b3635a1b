import { readFileSync } from 'node:fs';
import { createContractWorld } from 'forklore/contract';
import { expect, it } from 'vitest';
import type { Lottery } from './lottery.ts';

const source = readFileSync(new URL('lottery.ts', import.meta.url), 'utf8');
const PRICE = 100_000_000n;
const SALES_END = 110;
/** The hash of this block is the dice. */
const DICE_HEIGHT = SALES_END + 1;

function openLottery() {
  const world = createContractWorld({ height: 100 });
  const [alice, bob, carol] = world.accounts;
  const lottery = world.deploy<Lottery>({ source, from: alice, arguments: [SALES_END] });
  const buy = (from: typeof alice) => lottery.with({ from, amount: PRICE }).send.buy();
  return { world, alice, bob, carol, lottery, buy };
}

/** A hash whose last digits are this number. */
const hashOf = (dice: number) => dice.toString(16).padStart(64, '0');

it('pays everything to the ticket that the hash points to, once', () => {
  const { world, bob, carol, lottery, buy } = openLottery();
  for (const player of [bob, carol, bob]) buy(player);
  world.height = DICE_HEIGHT + 1;
  world.setBlockHash(DICE_HEIGHT, hashOf(0x1000));
  // 4096 modulo 3 tickets.
  expect(lottery.send.draw().payments).toMatchObject([{ to: carol.address, amount: 3n * PRICE }]);
  expect(() => lottery.send.draw()).toThrow('paid already');
  world.height += 256;
  expect(() => lottery.with({ from: bob }).send.takeBack()).toThrow('paid already');
});

it('is won by the miner of that block, who can throw blocks away until one pleases him', () => {
  const { world, alice, bob, carol, lottery, buy } = openLottery();
  for (const player of [alice, bob, carol]) buy(player);
  world.height = DICE_HEIGHT + 1;
  // Carol mines; whoever draws cannot know how many blocks she did not show.
  let tried = 7;
  while (lottery.view.winnerBy(hashOf(tried)) !== carol.address) tried++;
  world.setBlockHash(DICE_HEIGHT, hashOf(tried));
  expect(lottery.send.draw().payments).toMatchObject([{ to: carol.address }]);
});

it('draws only when the hash is known and no ticket is sold any more', () => {
  const { world, bob, lottery, buy } = openLottery();
  buy(bob);
  world.height = DICE_HEIGHT;
  expect(() => buy(bob)).toThrow('the sale is over');
  expect(() => lottery.send.draw()).toThrow('not thrown');
});

it('pays every ticket back, once, where nobody has drawn in time', () => {
  const { world, alice, bob, carol, lottery, buy } = openLottery();
  for (const player of [bob, carol, bob]) buy(player);
  world.height = DICE_HEIGHT + 256;
  expect(() => lottery.with({ from: bob }).send.takeBack()).toThrow('can still be drawn');
  world.height = DICE_HEIGHT + 257;
  expect(() => lottery.send.draw()).toThrow('too late');
  expect(lottery.with({ from: bob }).send.takeBack().payments).toMatchObject([{ to: bob.address, amount: 2n * PRICE }]);
  expect(() => lottery.with({ from: bob }).send.takeBack()).toThrow('nothing to pay back');
  expect(() => lottery.with({ from: alice }).send.takeBack()).toThrow('nothing to pay back');
  expect(lottery.balance).toBe(PRICE);
});

it('sells tickets at their price only, and draws nothing where none is sold', () => {
  const { world, bob, lottery } = openLottery();
  const offer = (amount: bigint) => lottery.with({ from: bob, amount }).send.buy();
  expect(() => offer(0n)).toThrow('a ticket costs');
  expect(() => offer(PRICE * 2n)).toThrow('a ticket costs');
  world.height = DICE_HEIGHT + 1;
  expect(() => lottery.send.draw()).toThrow('no tickets');
});

it('is not deployed where the sale would be over', () => {
  const world = createContractWorld({ height: 100 });
  const [alice] = world.accounts;
  expect(() => world.deploy<Lottery>({ source, from: alice, arguments: [100] })).toThrow('over already');
});
