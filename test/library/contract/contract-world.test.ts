import { describe, expect, it } from 'vitest';
import type { Address } from '../../../library/contract.ts';
import { CallFailedError, createContractWorld, type DeployedContract } from '../../../library/contract.ts';
import { BASE_FEE_PER_KILOBYTE } from '../../../protocol/policy.ts';
import { CONDITIONAL_PAYMENT, TOKEN, VOTING } from '../../../testing/contracts.ts';

declare class Voting {
  constructor(question: string, options: string[], closesAt: number);
  vote(option: number): void;
  winner(): string;
}

declare class ConditionalPayment {
  claim(secret: string): void;
  refund(): void;
}

declare class Token {
  transfer(to: Address, amount: bigint): boolean;
  balanceOf(account: Address): bigint;
  last(): { from: Address; to: Address; amount: bigint };
}

/** Asks a token for balances, and moves what it has. */
const TREASURY = `
interface Token { transfer(to: Address, amount: bigint): boolean; balanceOf(account: Address): bigint; }
export class Treasury {
  token: Address;
  spent = 0n;
  constructor(token: Address) { this.token = token; }
  holds(account: Address): bigint { return at<Token>(this.token).balanceOf(account); }
  spend(to: Address, amount: bigint): void {
    this.spent += amount;
    at<Token>(this.token).transfer(to, amount);
  }
}
`;

declare class Treasury {
  holds(account: Address): bigint;
  spend(to: Address, amount: bigint): void;
}

const LOOKOUT = `export class Lookout {
  height(): number { return chain.height; }
  time(): number { return chain.time; }
  hash(height: number): string { return chain.hash(height); }
  agrees(key: string, message: string, signature: string): boolean { return verify(key, message, signature); }
}`;

declare class Lookout {
  height(): number;
  time(): number;
  hash(height: number): string;
  agrees(key: string, message: string, signature: string): boolean;
}

function votingWorld() {
  const world = createContractWorld({ height: 10 });
  const [alice, bob, carol] = world.accounts;
  const vote = world.deploy<Voting>({
    source: VOTING,
    arguments: ['lunch?', ['noodles', 'rice'], 20],
    from: alice,
  });
  return { world, vote, alice, bob, carol };
}

/** What a call fails with. */
function failureOf(run: () => unknown): CallFailedError {
  try {
    run();
  } catch (error) {
    if (error instanceof CallFailedError) return error;
    throw error;
  }
  throw new Error('the call went well');
}

describe('a world for tests of contracts', () => {
  it('runs methods of a contract, and tells events, gas and fee', () => {
    const { world, vote, bob, carol } = votingWorld();
    const before = world.balanceOf(bob);
    const { gasUsed, fee, result, events, payments } = vote.with({ from: bob }).send.vote(1);
    expect({ result, events, payments }).toEqual({
      result: null,
      events: [{ contract: vote.address, name: 'Voted', values: [bob.address, 1] }],
      payments: [],
    });
    expect(gasUsed).toBeGreaterThan(10_000);
    expect(world.balanceOf(bob)).toBe(before - fee);
    vote.with({ from: carol }).send.vote(1);
    expect(vote.view.winner()).toBe('rice');
    expect(vote.name).toBe('Voting');
  });

  it('takes the least fee that a node takes', () => {
    const { vote } = votingWorld();
    const { gasUsed, fee } = vote.send.vote(0);
    const reserved = gasUsed + Math.ceil(gasUsed / 5);
    // The bytes of the transaction count besides the gas, and all of them are gas too.
    expect(fee).toBeGreaterThan((BigInt(Math.ceil(reserved / 20)) * BASE_FEE_PER_KILOBYTE) / 1_000n);
    expect(fee).toBeLessThan((BigInt(Math.ceil(reserved / 20) + 300) * BASE_FEE_PER_KILOBYTE) / 1_000n);
  });

  it('fails a call with code, message and place, and takes all of it back', () => {
    const { world, vote, alice } = votingWorld();
    vote.send.vote(0);
    const before = world.balanceOf(alice);
    const failure = failureOf(() => vote.send.vote(1));
    const line = VOTING.split('\n').findIndex((text) => text.includes('this account has voted')) + 1;
    expect(failure).toMatchObject({
      code: 'required',
      message: 'this account has voted',
      contract: vote.address,
      line,
    });
    expect(world.balanceOf(alice)).toBe(before);
  });

  it('sends a call that fails where its gas is given, as a client does: it pays its fee', () => {
    const { world, vote, alice } = votingWorld();
    vote.send.vote(0);
    const before = world.balanceOf(alice);
    expect(() => vote.with({ gas: 50_000, fee: 7n }).send.vote(1)).toThrow('this account has voted');
    expect(world.balanceOf(alice)).toBe(before - 7n);
  });

  it('has heights, times and hashes as the test sets them', () => {
    const world = createContractWorld({ height: 300, time: '2031-01-01' });
    const lookout = world.deploy<Lookout>({ source: LOOKOUT, from: 'Alice' });
    expect([lookout.view.height(), lookout.view.time()]).toEqual([300, Date.UTC(2031, 0, 1) / 1_000]);
    world.height = 400;
    world.time = new Date(1_950_000_000_999);
    expect([lookout.view.height(), lookout.view.time()]).toEqual([400, 1_950_000_000]);
    expect(world.time).toEqual(new Date(1_950_000_000_000));
    expect(lookout.view.hash(399)).toBe(world.blockHash(399));
    world.setBlockHash(399, 'ab'.repeat(32));
    expect(lookout.view.hash(399)).toBe('ab'.repeat(32));
    expect(failureOf(() => lookout.view.hash(400)).code).toBe('no-block-hash');
  });

  it('closes a vote when its height has passed', () => {
    const { world, vote } = votingWorld();
    world.height = 21;
    expect(() => vote.send.vote(0)).toThrow('the vote is closed');
  });

  it('moves coins into a contract, and tells what it pays', () => {
    const world = createContractWorld();
    const [alice, bob] = world.accounts;
    const lock = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
    const held = world.deploy<ConditionalPayment>({
      source: CONDITIONAL_PAYMENT,
      arguments: [bob, lock, 200],
      amount: 500n,
      from: alice,
    });
    expect(held.balance).toBe(500n);
    const before = world.balanceOf(bob);
    expect(held.send.claim('secret').payments).toEqual([{ from: held.address, to: bob.address, amount: 500n }]);
    expect([held.balance, world.balanceOf(bob)]).toEqual([0n, before + 500n]);
  });

  it('lets contracts call each other, and takes both back where one fails', () => {
    const world = createContractWorld();
    const [alice, bob] = world.accounts;
    const token = world.deploy<Token>({ source: TOKEN, arguments: [100n], from: alice });
    const treasury = world.deploy<Treasury>({ source: TREASURY, arguments: [token], from: alice });
    token.send.transfer(treasury, 30n);
    expect(treasury.view.holds(treasury)).toBe(30n);
    const { events } = treasury.send.spend(bob, 10n);
    expect(events).toEqual([
      { contract: token.address, name: 'Transfer', values: [treasury.address, bob.address, 10n] },
    ]);
    expect(failureOf(() => treasury.send.spend(bob, 50n))).toMatchObject({
      message: 'there are only 20 TOK',
      contract: token.address,
    });
    expect(token.view.last()).toEqual({ from: treasury.address, to: bob.address, amount: 10n });
  });

  it('signs messages for a contract that verifies them', () => {
    const world = createContractWorld();
    const [alice, bob] = world.accounts;
    const lookout = world.deploy<Lookout>({ source: LOOKOUT, from: alice });
    const other = world.deploy<Lookout>({ source: LOOKOUT, from: alice });
    const { key, message, signature } = world.sign(bob, lookout, 'I agree');
    expect(lookout.view.agrees(key, message, signature)).toBe(true);
    expect(lookout.view.agrees(key, 'I do not', signature)).toBe(false);
    expect(other.view.agrees(key, message, signature)).toBe(false);
  });

  it('tells why a source does not compile', () => {
    const world = createContractWorld();
    expect(failureOf(() => world.deploy({ source: 'export class A {\n  a = 1.5;\n}', from: 'Alice' }))).toMatchObject({
      code: 'not-whole',
      line: 2,
      column: 7,
    });
  });

  it('refuses what no block could hold, and arguments that a method does not take', () => {
    const { world, vote, bob } = votingWorld();
    expect(failureOf(() => vote.with({ from: bob, amount: 10n ** 18n }).send.vote(0)).code).toBe(
      'insufficient-balance',
    );
    expect(failureOf(() => vote.with({ from: bob, amount: 1n }).send.vote(0)).code).toBe('takes-no-coins');
    const untyped = vote as unknown as DeployedContract<{ vote(option: string): void }>;
    expect(() => untyped.send.vote('rice')).toThrow('argument 1 of vote (option: number) must be a whole number');
    expect(() => vote.with({ from: 'lore1qqqq' })).not.toThrow();
    expect(() => vote.with({ from: vote }).send.vote(0)).toThrow('from must be an account of the world: Alice, Bob');
    expect(() => {
      world.height = -1;
    }).toThrow('height must be a whole number from 0, not -1');
  });
});
