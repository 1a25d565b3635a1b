import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createContractWorld } from 'forklore/contract';
import { expect, it } from 'vitest';
import type { ConditionalPayment } from './conditional-payment.ts';

const source = readFileSync(new URL('conditional-payment.ts', import.meta.url), 'utf8');
const SECRET = 'open sesame, said nobody before';
const LOCK = createHash('sha256').update(SECRET).digest('hex');
const AMOUNT = 500n;
const CLAIM_UNTIL = 110;

function lockedPayment() {
  const world = createContractWorld({ height: 100 });
  const [alice, bob, carol] = world.accounts;
  const payment = world.deploy<ConditionalPayment>({
    source,
    from: alice,
    amount: AMOUNT,
    arguments: [bob, LOCK, CLAIM_UNTIL],
  });
  return { world, alice, bob, carol, payment };
}

it('pays the recipient once the secret is shown, and once only', () => {
  const { bob, payment } = lockedPayment();
  const { payments, events } = payment.with({ from: bob }).send.claim(SECRET);
  expect(payments).toEqual([{ from: payment.address, to: bob.address, amount: AMOUNT }]);
  expect(events).toMatchObject([{ name: 'Claimed', values: [bob.address, SECRET] }]);
  expect(() => payment.send.claim(SECRET)).toThrow('paid already');
  expect(payment.balance).toBe(0n);
});

it('pays the recipient too where somebody else has seen the secret and is faster', () => {
  const { bob, carol, payment } = lockedPayment();
  const { payments } = payment.with({ from: carol }).send.claim(SECRET);
  expect(payments).toMatchObject([{ to: bob.address, amount: AMOUNT }]);
});

it('opens for this secret only', () => {
  const { payment } = lockedPayment();
  expect(() => payment.send.claim('open sesame')).toThrow('this is not the secret');
  expect(() => payment.send.claim('')).toThrow('this is not the secret');
  expect(payment.balance).toBe(AMOUNT);
});

it('goes back to the payer after the last height, and never before', () => {
  const { world, alice, bob, payment } = lockedPayment();
  world.height = CLAIM_UNTIL;
  expect(() => payment.send.refund()).toThrow('can still claim');
  world.height = CLAIM_UNTIL + 1;
  expect(() => payment.with({ from: bob }).send.claim(SECRET)).toThrow('too late to claim');
  const { payments } = payment.with({ from: bob }).send.refund();
  expect(payments).toMatchObject([{ to: alice.address, amount: AMOUNT }]);
  expect(() => payment.send.refund()).toThrow('paid already');
});

it('can still be claimed at the last height, and not paid back afterwards', () => {
  const { world, payment } = lockedPayment();
  world.height = CLAIM_UNTIL;
  payment.send.claim(SECRET);
  world.height = CLAIM_UNTIL + 1;
  expect(() => payment.send.refund()).toThrow('paid already');
});

it('is not deployed without coins, without a lock or too late', () => {
  const world = createContractWorld({ height: 100 });
  const [alice, bob] = world.accounts;
  const deploy = (amount: bigint, lock: string, claimUntil: number) =>
    world.deploy<ConditionalPayment>({ source, from: alice, amount, arguments: [bob, lock, claimUntil] });
  expect(() => deploy(0n, LOCK, CLAIM_UNTIL)).toThrow('nothing to pay');
  expect(() => deploy(AMOUNT, 'sesame', CLAIM_UNTIL)).toThrow('64 hex digits');
  expect(() => deploy(AMOUNT, LOCK, 100)).toThrow('too late');
});
