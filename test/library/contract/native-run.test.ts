import { describe, expect, it } from 'vitest';
import type { AnyContract } from '../../../client/contract-class.ts';
import { parseAddress } from '../../../consensus/address.ts';
import type { ContractWorld, DeployedContract, WorldDeploy } from '../../../library/contract.ts';
import { CallFailedError, createContractWorld, NativeRunError } from '../../../library/contract.ts';
import { SeededRandom } from '../../../simulator/seeded-random.ts';
import { FAILING_CALLS, OTHER_CONTRACT, sourceOfFailure } from '../../../testing/contract-mistakes.ts';
import { CONDITIONAL_PAYMENT, TOKEN, VOTING } from '../../../testing/contracts.ts';
import { sourceOfWorking, WORKING } from '../../../testing/first-day.ts';
import { nativeClasses } from '../../../testing/native-class.ts';
import { HELPER, HELPER_ADDRESS, randomProgram } from '../../fuzz/contracts/random-program.ts';

/** Where the failing calls have another contract. */
const OTHER_ADDRESS = '07'.repeat(20);

function deploy(
  world: ContractWorld,
  source: string,
  native: WorldDeploy<object>['native'],
  request: Partial<WorldDeploy<object>> = {},
): DeployedContract<AnyContract> {
  return world.deploy<object>({ source, native, from: 'Alice', ...request }) as DeployedContract<AnyContract>;
}

function rawOf(contract: { readonly address: string }): string {
  return parseAddress(contract.address, 'rlore');
}

/** Runs it, and tells a failure of the call. Anything else, such as a difference, is thrown. */
function failureOf(run: () => unknown): CallFailedError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof CallFailedError) return error;
    throw error;
  }
}

describe('a class that runs beside the machine', () => {
  it('does what the machine does, in contracts that hold coins, records and lists', () => {
    const [Token, Payment] = nativeClasses([TOKEN, CONDITIONAL_PAYMENT]);
    const world = createContractWorld();
    const [alice, bob] = world.accounts;
    const token = deploy(world, TOKEN, Token, { arguments: [100n] });
    token.send.transfer!(bob, 30n);
    expect(failureOf(() => token.send.transfer!(bob, 100n))).toMatchObject({ message: 'there are only 70 TOK' });
    expect(token.view.last!()).toEqual({ from: alice.address, to: bob.address, amount: 30n });
    expect(token.view.sent!(alice)).toBe(30n);
    const lock = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';
    const held = deploy(world, CONDITIONAL_PAYMENT, Payment, { arguments: [bob, lock, 200], amount: 5n });
    expect(failureOf(() => held.send.claim!('wrong'))?.code).toBe('required');
    expect(held.send.claim!('secret').payments).toMatchObject([{ amount: 5n }]);
  });

  it('does what the machine does, in what people write on their first day', () => {
    const sources = WORKING.map(sourceOfWorking);
    const classes = nativeClasses(sources);
    for (const [i, { name, gives, value = 0n }] of WORKING.entries()) {
      const contract = deploy(createContractWorld(), sources[i]!, classes[i]);
      expect(contract.with({ amount: value }).send.run!().result, name).toEqual(gives);
    }
  });

  it('does what the machine does, in random contracts that call another one', () => {
    const random = new SeededRandom(18);
    const programs = Array.from({ length: 40 }, () => randomProgram(random));
    const world = createContractWorld();
    const [Helper] = nativeClasses([HELPER]);
    const helper = rawOf(deploy(world, HELPER, Helper));
    const sources = programs.map(({ source }) => source.replaceAll(HELPER_ADDRESS, helper));
    const classes = nativeClasses(sources);
    let fine = 0;
    for (const [i, { calls }] of programs.entries()) {
      const contract = deploy(world, sources[i]!, classes[i]);
      for (const { method, x, text, list, value } of calls) {
        const run = () => contract.with({ amount: value, gas: 85_000 }).send[method]!(x, text, list);
        if (failureOf(run) === undefined) fine++;
      }
    }
    expect(fine).toBeGreaterThan(20);
  });

  it('fails where the machine does, and has what the class threw as its cause', () => {
    const world = createContractWorld();
    const [Other] = nativeClasses([OTHER_CONTRACT]);
    const other = rawOf(deploy(world, OTHER_CONTRACT, Other));
    // What is not a call of `run` as it stands, or takes as long as its gas lasts.
    const calls = Object.entries(FAILING_CALLS).filter(
      ([code, { method, args, gas }]) => code !== 'too-many-frames' && method === undefined && !args && !gas,
    );
    const sources = calls.map(([, call]) => sourceOfFailure(call).replaceAll(OTHER_ADDRESS, other));
    const classes = nativeClasses(sources);
    for (const [i, [code, { value = 0n }]] of calls.entries()) {
      const contract = deploy(world, sources[i]!, classes[i]);
      expect(failureOf(() => contract.with({ amount: value }).send.run!())?.code).toBe(code);
    }
  });

  it('checks fields, arguments and results where the machine does', () => {
    const source = `export class Meter {
  level = 0;
  private half(n: number): number { return n / 2; }
  run(n: number): number { this.level = this.half(n); return this.level; }
}`;
    const [Meter] = nativeClasses([source]);
    const meter = deploy(createContractWorld(), source, Meter);
    expect(meter.send.run!(4).result).toBe(2);
    const failure = failureOf(() => meter.send.run!(3));
    expect(failure?.code).toBe('not-whole');
    expect(failure?.cause).toMatchObject({ code: 'not-whole' });
  });

  it('leaves nothing behind of a call that fails', () => {
    const source = `export class Once {
  list: number[] = [];
  seen = new Table<number, boolean>(false);
  add(n: number): number {
    this.list.push(n);
    this.seen.set(n, true);
    require(n < 10, 'too large');
    return this.list.length;
  }
  has(n: number): boolean { return this.seen.get(n); }
}`;
    const [Once] = nativeClasses([source]);
    const once = deploy(createContractWorld(), source, Once);
    expect(failureOf(() => once.send.add!(11))?.message).toBe('too large');
    expect(once.view.has!(11)).toBe(false);
    expect(once.send.add!(5).result).toBe(1);
  });

  it('tells a class that is not that of the source', () => {
    const [Other] = nativeClasses([VOTING.replace('option) + 1)', 'option) + 2)')]);
    const vote = deploy(createContractWorld(), VOTING, Other, { arguments: ['lunch?', ['a', 'b'], 200] });
    expect(() => vote.send.vote!(0)).toThrow(NativeRunError);
    expect(() => vote.send.vote!(0)).toThrow('they leave the field votes differently');
  });

  it('tells what it misses where it calls a contract without its class', () => {
    const world = createContractWorld();
    const token = deploy(world, TOKEN, undefined, { arguments: [1n] });
    const source = `interface Token { balanceOf(account: Address): bigint; }
export class Reader {
  read(token: Address): bigint { return at<Token>(token).balanceOf(token); }
}`;
    const [Reader] = nativeClasses([source]);
    const reader = deploy(world, source, Reader);
    expect(() => reader.view.read!(token)).toThrow('give deploy its class as native too');
  });
});
