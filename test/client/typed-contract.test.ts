import { afterAll, beforeAll, expect, expectTypeOf, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import type { TypedContract } from '../../client/typed-contract.ts';
import { formatAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import type { Address } from '../../library/contract.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';

const SOURCE = `interface Tip { who: Address; amount: bigint; }

export class TipJar {
  owner: Address;
  last: Tip = { who: address('0000000000000000000000000000000000000000'), amount: 0n };

  constructor(owner: Address, names: string[]) {
    this.owner = owner;
    require(names.length > 0, 'a jar has a name');
  }

  tip(note: string): Tip {
    require(chain.value > 0n, 'a tip has coins');
    this.last = { who: chain.caller, amount: chain.value };
    chain.emit('Tipped', chain.caller, note);
    return this.last;
  }

  latest(): Tip {
    return this.last;
  }

  tell(who: Address): void {
    chain.emit('Told', who);
  }
}
`;

/** The class above, as an editor knows it. */
interface Tip {
  who: Address;
  amount: bigint;
}
declare class TipJar {
  owner: Address;
  last: Tip;
  constructor(owner: Address, names: string[]);
  tip(note: string): Tip;
  latest(): Tip;
  tell(who: Address): void;
}
interface TipJarEvents {
  Tipped: [by: Address, note: string];
  Told: [who: Address];
}

let live: LiveNode;
let node: NodeClient;
let jar: TypedContract<TipJar, TipJarEvents>;
beforeAll(async () => {
  live = await startLiveNode();
  node = connectNode({ url: live.url });
  const { contract } = await node.deploy<typeof TipJar>({
    from: 'Alice',
    source: SOURCE,
    arguments: ['Alice', ['jar']],
  });
  await node.mine();
  jar = node.contract(contract, { from: 'Alice' });
});
afterAll(() => live.stop());

function addressOf(name: string): string {
  return formatAddress(developmentAccountByName(name)?.address ?? '', 'rlore');
}

it('sends a call, and gives its receipt with a typed result and typed events', async () => {
  const bob = jar.with({ from: 'Bob', amount: 5n });
  const estimate = await bob.estimate.tip('thanks');
  const sent = await bob.send.tip('thanks');
  expect(sent).toMatchObject({ status: 'PENDING', gas: estimate.gas, fee: estimate.fee, contract: jar.address });
  const [receipt] = await Promise.all([sent.included(), node.mine()]);
  expect(receipt).toMatchObject({ ok: true, gasUsed: estimate.gasUsed, block: { height: 2 } });
  expect(receipt.result).toEqual({ who: addressOf('Bob'), amount: 5n });
  expectTypeOf(receipt.result).toEqualTypeOf<{ readonly who: string; readonly amount: bigint } | null>();
  const [event] = receipt.events;
  if (event?.name !== 'Tipped') throw new Error('there is no such event');
  const [by, note] = event.values;
  expectTypeOf(note).toEqualTypeOf<string>();
  expect([by, note]).toEqual([addressOf('Bob'), 'thanks']);
  // Others are not changed by `with`.
  expect(await jar.view.latest()).toEqual({ who: addressOf('Bob'), amount: 5n });
});

it('gives its events by name, with the types that the program says', async () => {
  const { events, hasNextPage } = await jar.events({ name: 'Tipped' });
  expect(events).toMatchObject([{ name: 'Tipped', values: [addressOf('Bob'), 'thanks'], blockHeight: 2 }]);
  expect(hasNextPage).toBe(false);
  expectTypeOf(events[0]?.values).toEqualTypeOf<readonly [by: string, note: string] | undefined>();
  expect((await jar.events({ name: 'Told' })).events).toEqual([]);
  // @ts-expect-error: there is no such event
  expect((await jar.events({ name: 'Tiped' })).events).toEqual([]);
});

it('reserves a fifth more than the dry run used, and says the fee of that', async () => {
  const { gasUsed, gas, fee } = await jar.estimate.tell('Bob');
  expect(gas).toBe(gasUsed + Math.ceil(gasUsed / 5));
  expect(fee).toBeGreaterThan(0n);
});

it('rejects a view, an estimate and a call that would fail, with the place in the source', async () => {
  const failure = {
    kind: 'failed',
    code: 'required',
    details: { callError: { line: 13, message: 'a tip has coins' } },
  };
  await expect(jar.view.tip('x')).rejects.toMatchObject({
    ...failure,
    message: `tip fails: a tip has coins (line 13 of ${jar.address})`,
  });
  await expect(jar.estimate.tip('x')).rejects.toMatchObject(failure);
  await expect(jar.send.tip('x')).rejects.toMatchObject(failure);
  expect((await node.mempool()).size).toBe(0);
});

it('resolves with a receipt that is not ok where a call fails in its block', async () => {
  const sent = await jar.with({ gas: 50_000 }).send.tip('x');
  const [receipt] = await Promise.all([sent.included(), node.mine()]);
  expect(receipt).toMatchObject({ ok: false, result: null, error: { message: 'a tip has coins' } });
});

it('refuses what the source does not have: for the compiler, and before anything is sent', async () => {
  const badArgument = (message: string) => ({ kind: 'bad-argument', message });
  // @ts-expect-error: there is no such method
  await expect(jar.send.tipp('x')).rejects.toMatchObject(
    badArgument('TipJar: the method "tipp" is not there; there are tip, latest, tell'),
  );
  // @ts-expect-error: a note is a text
  await expect(jar.send.tip(5)).rejects.toMatchObject(
    badArgument('argument 1 of tip (note: string) must be a text, not 5'),
  );
  // @ts-expect-error: the note is missing
  await expect(jar.view.tip()).rejects.toMatchObject(badArgument('tip takes 1 argument (note: string), not 0'));
  // @ts-expect-error: fields are no methods
  await expect(jar.view.owner()).rejects.toMatchObject({ kind: 'bad-argument' });
  // @ts-expect-error: the arguments of the constructor are missing
  await expect(node.deploy<typeof TipJar>({ from: 'Alice', source: SOURCE })).rejects.toMatchObject(
    badArgument('the constructor takes 2 arguments (owner: Address, names: string[]), not 0'),
  );
  expect((await node.mempool()).size).toBe(0);
});

it('says that nobody signs, and which options there are', async () => {
  await expect(node.contract<TipJar>(jar.address).send.tell('Bob')).rejects.toMatchObject({
    kind: 'bad-argument',
    message: "send.tell: nobody signs; say who, as in contract.with({ from: 'Alice' })",
  });
  // @ts-expect-error: there is no such option
  expect(() => jar.with({ form: 'Bob' })).toThrow('contract: there is no option "form"; there are amount, gas, fee');
  expect(() => node.contract('Alice')).toThrow('contract: address must be the address of a contract');
});

it('is no promise, so that it can be given through one', async () => {
  expect(await Promise.resolve(jar.view)).toBe(jar.view);
  expect(JSON.stringify(jar.send)).toBe('{}');
});
