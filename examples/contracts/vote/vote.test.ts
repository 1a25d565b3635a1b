import { readFileSync } from 'node:fs';
import { createContractWorld } from 'forklore/contract';
import { expect, it } from 'vitest';
import type { Vote } from './vote.ts';

const source = readFileSync(new URL('vote.ts', import.meta.url), 'utf8');

function openVote() {
  const world = createContractWorld({ height: 100 });
  const [alice, bob, carol] = world.accounts;
  const vote = world.deploy<Vote>({ source, from: alice, arguments: ['lunch?', ['noodles', 'rice'], 110] });
  return { world, alice, bob, carol, vote };
}

it('counts the votes of different accounts', () => {
  const { bob, carol, vote } = openVote();
  const { events } = vote.with({ from: bob }).send.vote(0);
  expect(events).toEqual([{ contract: vote.address, name: 'Voted', values: [bob.address, 'noodles'] }]);
  vote.with({ from: carol }).send.vote(0);
  expect(vote.view.result()).toEqual(['noodles: 2', 'rice: 0']);
});

it('takes one vote of each account', () => {
  const { vote } = openVote();
  vote.send.vote(0);
  expect(() => vote.send.vote(1)).toThrow('this account has voted');
  expect(vote.view.result()).toEqual(['noodles: 1', 'rice: 0']);
});

it('takes votes for its options only', () => {
  const { vote } = openVote();
  expect(() => vote.send.vote(2)).toThrow('no such option');
  expect(() => vote.send.vote(-1)).toThrow('no such option');
});

it('is closed after its last height', () => {
  const { world, bob, vote } = openVote();
  world.height = 110;
  vote.send.vote(1);
  world.height = 111;
  expect(() => vote.with({ from: bob }).send.vote(1)).toThrow('the vote is closed');
});

it('takes no coins: they would stay for ever', () => {
  const { vote } = openVote();
  expect(() => vote.with({ amount: 1n }).send.vote(0)).toThrow('vote takes no coins');
});

it('is not deployed with one option, or where it would be closed', () => {
  const world = createContractWorld({ height: 100 });
  const [alice] = world.accounts;
  const deploy = (options: string[], closesAt: number) =>
    world.deploy<typeof Vote>({ source, from: alice, arguments: ['lunch?', options, closesAt] });
  expect(() => deploy(['rice'], 110)).toThrow('at least two options');
  expect(() => deploy(['noodles', 'rice'], 100)).toThrow('closed already');
});
