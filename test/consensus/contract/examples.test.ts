import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../consensus/contract/execution.ts';
import { AddressValue, RecordValue } from '../../../consensus/contract/value.ts';
import { bytesToHex, utf8ToBytes } from '../../../consensus/hex.ts';
import { sha256 } from '../../../consensus/sha256.ts';
import { ALICE, BOB, CONTRACT, ContractWorld, resultOf } from '../../../testing/contract-world.ts';
import { CONDITIONAL_PAYMENT, COUNTER, TOKEN, VOTING } from '../../../testing/contracts.ts';

function view(world: ContractWorld, method: string, args: Parameters<ContractWorld['call']>[2] = []): unknown {
  const program = world.program(CONTRACT)!;
  return resultOf(world.call(CONTRACT, method, args), program, method);
}

function failureOf(outcome: Outcome): string {
  return outcome.ok ? 'it did not fail' : outcome.failure.message;
}

describe('a counter', () => {
  it('keeps its count in a slot, gives it back and tells an event', () => {
    const world = new ContractWorld();
    expect(world.deploy(CONTRACT, COUNTER).ok).toBe(true);
    expect(view(world, 'add', [5])).toBe(5);
    const outcome = world.call(CONTRACT, 'add', [2], { from: BOB });
    expect(outcome).toMatchObject({
      ok: true,
      events: [{ contract: CONTRACT, name: 'Added', values: [{ address: BOB }, 2] }],
    });
    expect([...world.slots.get(CONTRACT)!].map(([path, value]) => [path, bytesToHex(value)])).toEqual([
      [`05${bytesToHex(utf8ToBytes('count'))}`, '020700000000000000'],
    ]);
  });

  it('loses nothing and uses all its gas when it fails', () => {
    const world = new ContractWorld();
    world.deploy(CONTRACT, COUNTER);
    world.call(CONTRACT, 'add', [Number.MAX_SAFE_INTEGER]);
    const outcome = world.call(CONTRACT, 'add', [1], { gas: 50_000 });
    expect(outcome).toMatchObject({ ok: false, gasUsed: 50_000 });
    expect(outcome).toMatchObject({ failure: { code: 'number-too-large', position: { line: 5, column: 16 } } });
    expect(view(world, 'add', [0])).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('the vote of the series', () => {
  function opened(): ContractWorld {
    const world = new ContractWorld();
    expect(world.deploy(CONTRACT, VOTING, ['Tea or coffee?', ['tea', 'coffee'], 101])).toMatchObject({ ok: true });
    return world;
  }

  it('counts one vote for each account, and knows the winner', () => {
    const world = opened();
    expect(view(world, 'winner')).toBe('tea');
    expect(world.call(CONTRACT, 'vote', [1]).ok).toBe(true);
    expect(failureOf(world.call(CONTRACT, 'vote', [0]))).toBe('this account has voted');
    expect(world.call(CONTRACT, 'vote', [1], { from: BOB }).ok).toBe(true);
    expect(view(world, 'winner')).toBe('coffee');
  });

  it('refuses options that are not there, and votes after its end', () => {
    const world = opened();
    expect(failureOf(world.call(CONTRACT, 'vote', [2]))).toBe('no such option');
    expect(failureOf(world.call(CONTRACT, 'vote', [-1]))).toBe('no such option');
    world.height = 102;
    expect(failureOf(world.call(CONTRACT, 'vote', [1]))).toBe('the vote is closed');
  });

  it('needs two options', () => {
    expect(failureOf(new ContractWorld().deploy(CONTRACT, VOTING, ['?', ['one'], 1]))).toBe(
      'a vote has at least two options',
    );
  });
});

describe('a conditional payment', () => {
  function funded(): ContractWorld {
    const world = new ContractWorld();
    world.balances.set(ALICE, 10n);
    const lock = bytesToHex(sha256(utf8ToBytes('sesame')));
    const args = [new AddressValue(BOB), lock, 101];
    expect(world.deploy(CONTRACT, CONDITIONAL_PAYMENT, args, { value: 7n })).toMatchObject({ ok: true });
    expect(world.balance(CONTRACT)).toBe(7n);
    return world;
  }

  it('goes to who shows the secret', () => {
    const world = funded();
    expect(failureOf(world.call(CONTRACT, 'claim', ['open']))).toBe('this is not the secret');
    expect(world.call(CONTRACT, 'claim', ['sesame']).ok).toBe(true);
    expect([world.balance(ALICE), world.balance(BOB), world.balance(CONTRACT)]).toEqual([3n, 7n, 0n]);
  });

  it('goes back after a height', () => {
    const world = funded();
    expect(failureOf(world.call(CONTRACT, 'refund'))).toBe('it is too early for a refund');
    world.height = 102;
    expect(world.call(CONTRACT, 'refund').ok).toBe(true);
    expect(world.balance(ALICE)).toBe(10n);
  });

  it('takes no coins with a call that does not expect any', () => {
    const world = funded();
    expect(failureOf(world.call(CONTRACT, 'claim', ['sesame'], { value: 1n }))).toBe(
      'claim takes no coins: it does not use chain.value',
    );
  });
});

describe('a token', () => {
  it('keeps balances in a table and transfers, as records, in a list', () => {
    const world = new ContractWorld();
    world.deploy(CONTRACT, TOKEN, [1000n]);
    expect(view(world, 'transfer', [new AddressValue(BOB), 400n])).toBe(true);
    expect(view(world, 'transfer', [new AddressValue(BOB), 1n])).toBe(true);
    expect(view(world, 'balanceOf', [new AddressValue(BOB)])).toBe(401n);
    expect(view(world, 'sent', [new AddressValue(ALICE)])).toBe(401n);
    expect(view(world, 'last')).toEqual(
      new RecordValue(['from', 'to', 'amount'], [new AddressValue(ALICE), new AddressValue(BOB), 1n]),
    );
    expect(failureOf(world.call(CONTRACT, 'transfer', [new AddressValue(BOB), 600n]))).toBe('there are only 599 TOK');
  });
});

describe('an execution in steps', () => {
  it('has the same outcome as one at once, whatever the size of the steps', () => {
    const outcomes = [undefined, 0, 7, 1000].map((stepGas) => {
      const world = new ContractWorld();
      world.deploy(CONTRACT, VOTING, ['?', ['a', 'b'], 101]);
      return world.call(CONTRACT, 'vote', [1], stepGas === undefined ? {} : { stepGas });
    });
    for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  });
});
