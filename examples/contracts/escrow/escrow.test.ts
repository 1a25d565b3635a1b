import { readFileSync } from 'node:fs';
import { createContractWorld } from 'forklore/contract';
import { expect, it } from 'vitest';
import type { Escrow } from './escrow.ts';

const source = readFileSync(new URL('escrow.ts', import.meta.url), 'utf8');
const PRICE = 500n;
const HELD_UNTIL = 110;

function heldSale() {
  const world = createContractWorld({ height: 100 });
  const [buyer, seller, arbiter, stranger] = world.accounts;
  // Its key says who the arbiter is; what it signs does not matter here.
  const { key } = world.sign(arbiter, buyer, 'my key');
  const deploy = () =>
    world.deploy<Escrow>({ source, from: buyer, amount: PRICE, arguments: [seller, key, HELD_UNTIL] });
  const escrow = deploy();
  const signed = (decision: string, from = arbiter) => world.sign(from, escrow.address, decision).signature;
  return { world, buyer, seller, stranger, deploy, escrow, signed };
}

it('pays the seller when the buyer is content', () => {
  const { seller, escrow } = heldSale();
  expect(() => escrow.with({ from: seller }).send.release()).toThrow('only the buyer');
  expect(escrow.send.release().payments).toEqual([{ from: escrow.address, to: seller.address, amount: PRICE }]);
});

it('pays the buyer back when the seller cannot deliver', () => {
  const { buyer, seller, escrow } = heldSale();
  expect(() => escrow.send.cancel()).toThrow('only the seller');
  expect(escrow.with({ from: seller }).send.cancel().payments).toMatchObject([{ to: buyer.address, amount: PRICE }]);
});

it.each(['pay the seller', 'pay the buyer'])('does what the arbiter has signed, whoever brings it: %s', (decision) => {
  const { buyer, seller, stranger, escrow, signed } = heldSale();
  const { payments } = escrow.with({ from: stranger }).send.decide(decision, signed(decision));
  const paid = decision === 'pay the seller' ? seller : buyer;
  expect(payments).toMatchObject([{ to: paid.address, amount: PRICE }]);
});

it('does nothing that somebody else has signed, or that was signed as another decision', () => {
  const { seller, escrow, signed } = heldSale();
  const decide = escrow.with({ from: seller }).send.decide;
  expect(() => decide('pay the seller', signed('pay the seller', seller))).toThrow('has not signed this');
  expect(() => decide('pay the seller', signed('pay the buyer'))).toThrow('has not signed this');
  expect(() => decide('pay me', signed('pay me'))).toThrow('decisions are');
  expect(() => decide('pay the seller', 'signed')).toThrow('has not signed this');
});

it('does nothing that was signed for another sale', () => {
  const { escrow, deploy, signed } = heldSale();
  const other = deploy();
  expect(other.address).not.toBe(escrow.address);
  expect(() => other.send.decide('pay the seller', signed('pay the seller'))).toThrow('for this contract');
});

it('is settled once, whatever is signed afterwards', () => {
  const { world, escrow, signed } = heldSale();
  escrow.send.decide('pay the seller', signed('pay the seller'));
  expect(() => escrow.send.decide('pay the seller', signed('pay the seller'))).toThrow('settled already');
  expect(() => escrow.send.decide('pay the buyer', signed('pay the buyer'))).toThrow('settled already');
  expect(() => escrow.send.release()).toThrow('settled already');
  world.height = HELD_UNTIL + 1;
  expect(() => escrow.send.takeBack()).toThrow('settled already');
});

it('goes back to the buyer after the last height, and never before', () => {
  const { world, buyer, seller, escrow } = heldSale();
  world.height = HELD_UNTIL;
  expect(() => escrow.send.takeBack()).toThrow('can still decide');
  world.height = HELD_UNTIL + 1;
  expect(() => escrow.with({ from: seller }).send.takeBack()).toThrow('only the buyer');
  expect(escrow.send.takeBack().payments).toMatchObject([{ to: buyer.address, amount: PRICE }]);
});

it('is not deployed without a price, a second side, a key or time', () => {
  const world = createContractWorld({ height: 100 });
  const [buyer, seller] = world.accounts;
  const key = '0'.repeat(64);
  const deploy = (amount: bigint, to: typeof buyer, arbiter: string, heldUntil: number) =>
    world.deploy<Escrow>({ source, from: buyer, amount, arguments: [to, arbiter, heldUntil] });
  expect(() => deploy(0n, seller, key, HELD_UNTIL)).toThrow('nothing to hold');
  expect(() => deploy(PRICE, buyer, key, HELD_UNTIL)).toThrow('buyer and seller are the same');
  expect(() => deploy(PRICE, seller, 'Carol', HELD_UNTIL)).toThrow('64 hex digits');
  expect(() => deploy(PRICE, seller, key, 100)).toThrow('over already');
});
