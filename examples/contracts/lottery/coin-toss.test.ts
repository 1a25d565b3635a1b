import { readFileSync } from 'node:fs';
import { createContractWorld } from 'forklore/contract';
import { expect, it } from 'vitest';
import type { CoinToss } from './coin-toss.ts';

const source = readFileSync(new URL('coin-toss.ts', import.meta.url), 'utf8');
const STAKE = 500n;
const SALT = 'c1b6f1f0a2d94e5f';
const GUESS_UNTIL = 110;

function laidDown(side = 'heads') {
  const world = createContractWorld({ height: 100 });
  const [alice, bob, carol] = world.accounts;
  const deploy = (commitment: string) =>
    world.deploy<CoinToss>({ source, from: alice, amount: STAKE, arguments: [commitment, GUESS_UNTIL] });
  const toss = deploy(deploy('0'.repeat(64)).view.commitmentOf(side, SALT));
  const guess = (from: typeof bob, guessed: string, amount = STAKE) => toss.with({ from, amount }).send.toss(guessed);
  return { world, alice, bob, carol, toss, guess };
}

it.each(['heads', 'tails'])('pays both stakes to whoever is right: %s', (guessed) => {
  const { world, alice, bob, toss, guess } = laidDown('heads');
  guess(bob, guessed);
  world.height += 3;
  const winner = guessed === 'heads' ? bob : alice;
  expect(toss.send.show('heads', SALT).payments).toMatchObject([{ to: winner.address, amount: 2n * STAKE }]);
  expect(() => toss.send.show('heads', SALT)).toThrow('this is over');
  world.height += 100;
  expect(() => toss.send.claim()).toThrow('this is over');
});

it('shows the coin that was laid down, and no other one', () => {
  const { world, bob, toss, guess } = laidDown('heads');
  expect(() => toss.send.show('heads', SALT)).toThrow('nobody has guessed');
  guess(bob, 'heads');
  expect(() => toss.send.show('heads', SALT)).toThrow('could take the guess back');
  world.height += 3;
  expect(() => toss.send.show('tails', SALT)).toThrow('not the coin');
  expect(() => toss.send.show('heads', 'another salt')).toThrow('not the coin');
});

it('is lost by whoever lays down what is neither heads nor tails', () => {
  const { world, bob, toss, guess } = laidDown('edge');
  guess(bob, 'heads');
  world.height += 3;
  expect(() => toss.send.show('edge', SALT)).toThrow('heads and tails');
  world.height += 98;
  expect(toss.send.claim().payments).toMatchObject([{ to: bob.address, amount: 2n * STAKE }]);
});

it('is lost by whoever does not show in time', () => {
  const { world, bob, toss, guess } = laidDown('tails');
  guess(bob, 'heads');
  world.height += 100;
  expect(() => toss.with({ from: bob }).send.claim()).toThrow('can still be shown');
  world.height += 1;
  expect(() => toss.send.show('tails', SALT)).toThrow('too late to show');
  expect(toss.with({ from: bob }).send.claim().payments).toMatchObject([{ to: bob.address, amount: 2n * STAKE }]);
});

it('takes one guess, with the same stake, in time', () => {
  const { bob, carol, guess } = laidDown();
  expect(() => guess(bob, 'heads', STAKE - 1n)).toThrow('the stake is 500');
  expect(() => guess(bob, 'edge')).toThrow('heads and tails');
  guess(bob, 'heads');
  expect(() => guess(carol, 'heads')).toThrow('has guessed already');
  const late = laidDown();
  late.world.height = GUESS_UNTIL + 1;
  expect(() => late.guess(bob, 'heads')).toThrow('too late for a guess');
});

it('is taken back when nobody has guessed in time, and never while somebody could', () => {
  const { world, alice, toss } = laidDown();
  world.height = GUESS_UNTIL;
  expect(() => toss.send.takeBack()).toThrow('can still guess');
  world.height = GUESS_UNTIL + 1;
  expect(toss.send.takeBack().payments).toMatchObject([{ to: alice.address, amount: STAKE }]);
  expect(() => toss.send.takeBack()).toThrow('this is over');
});

it('is not taken back from somebody who has guessed', () => {
  const { world, bob, toss, guess } = laidDown();
  guess(bob, 'heads');
  world.height = GUESS_UNTIL + 1;
  expect(() => toss.send.takeBack()).toThrow('somebody has guessed');
});

it('pays nobody as long as nobody has guessed', () => {
  const { world, toss } = laidDown();
  world.height = GUESS_UNTIL;
  expect(() => toss.send.claim()).toThrow('nobody has guessed');
});

it('is not laid down without a stake, a commitment or time', () => {
  const world = createContractWorld({ height: 100 });
  const [alice] = world.accounts;
  const deploy = (amount: bigint, commitment: string, guessUntil: number) =>
    world.deploy<CoinToss>({ source, from: alice, amount, arguments: [commitment, guessUntil] });
  const commitment = '0'.repeat(64);
  expect(() => deploy(0n, commitment, GUESS_UNTIL)).toThrow('no stake');
  expect(() => deploy(STAKE, 'heads', GUESS_UNTIL)).toThrow('64 hex digits');
  expect(() => deploy(STAKE, commitment, 100)).toThrow('too late for a guess');
});
