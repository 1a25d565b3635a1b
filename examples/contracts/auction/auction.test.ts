import { readFileSync } from 'node:fs';
import { createContractWorld } from 'forklore/contract';
import { expect, it } from 'vitest';
import type { Auction } from './auction.ts';

const source = readFileSync(new URL('auction.ts', import.meta.url), 'utf8');
const CLOSES_AT = 120;

function openAuction() {
  const world = createContractWorld({ height: 100 });
  const [seller, bob, carol] = world.accounts;
  const auction = world.deploy<Auction>({ source, from: seller, arguments: ['a lamp', 100n, CLOSES_AT] });
  const bid = (from: typeof bob, amount: bigint) => auction.with({ from, amount }).send.bid();
  return { world, seller, bob, carol, auction, bid };
}

it('pays a bidder back as soon as somebody bids more', () => {
  const { bob, carol, auction, bid } = openAuction();
  expect(bid(bob, 100n).payments).toEqual([]);
  expect(bid(carol, 200n).payments).toEqual([{ from: auction.address, to: bob.address, amount: 100n }]);
  expect(auction.balance).toBe(200n);
});

it('takes no bid below the minimum, or less than a twentieth above the highest', () => {
  const { bob, carol, auction, bid } = openAuction();
  expect(() => bid(bob, 0n)).toThrow('a bid is at least 100 now');
  expect(() => bid(bob, 99n)).toThrow('a bid is at least 100 now');
  bid(bob, 100n);
  expect(() => bid(carol, 105n)).toThrow('a bid is at least 106 now');
  expect(auction.view.nextBid()).toBe(106n);
  bid(carol, 106n);
  expect(auction.balance).toBe(106n);
});

it('pays a bidder back who outbids himself', () => {
  const { bob, auction, bid } = openAuction();
  bid(bob, 100n);
  expect(bid(bob, 106n).payments).toMatchObject([{ to: bob.address, amount: 100n }]);
  expect(auction.balance).toBe(106n);
});

it('pays the seller once, after the end', () => {
  const { world, seller, bob, carol, auction, bid } = openAuction();
  bid(bob, 100n);
  expect(() => auction.send.settle()).toThrow('not over');
  world.height = CLOSES_AT + 1;
  expect(() => bid(carol, 500n)).toThrow('the auction is over');
  const { payments, events } = auction.with({ from: carol }).send.settle();
  expect(payments).toEqual([{ from: auction.address, to: seller.address, amount: 100n }]);
  expect(events).toMatchObject([{ name: 'Won', values: [bob.address, 100n] }]);
  expect(() => auction.send.settle()).toThrow('paid already');
});

it('moves the end when a bid comes late, so that others can answer it', () => {
  const { world, bob, carol, bid, auction } = openAuction();
  bid(bob, 100n);
  world.height = CLOSES_AT;
  expect(bid(carol, 200n).events).toMatchObject([{ name: 'Bid', values: [carol.address, 200n, CLOSES_AT + 10] }]);
  world.height = CLOSES_AT + 10;
  bid(bob, 300n);
  world.height = CLOSES_AT + 20;
  expect(() => auction.send.settle()).toThrow('not over');
  world.height = CLOSES_AT + 21;
  auction.send.settle();
});

it('has nothing to pay where nobody has bid', () => {
  const { world, auction } = openAuction();
  world.height = CLOSES_AT + 1;
  expect(() => auction.send.settle()).toThrow('nobody has bid');
});

it('is not deployed without a minimum, or where it would be over', () => {
  const world = createContractWorld({ height: 100 });
  const [alice] = world.accounts;
  const deploy = (minimum: bigint, closesAt: number) =>
    world.deploy<Auction>({ source, from: alice, arguments: ['a lamp', minimum, closesAt] });
  expect(() => deploy(0n, CLOSES_AT)).toThrow('at least one base unit');
  expect(() => deploy(100n, 100)).toThrow('over already');
});
