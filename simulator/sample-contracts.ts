import type { Address } from '../consensus/address.ts';
import { AddressValue, type ScalarValue } from '../consensus/contract/value.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What arguments are drawn from. */
export interface Draw {
  readonly random: SeededRandom;
  /** Anybody who can be paid. */
  account(): Address;
  /** A contract that was deployed before, as far as the client knows: mostly one with this method. */
  contract(method?: string): Address;
}

export interface SampleMethod {
  readonly name: string;
  readonly takesCoins?: boolean;
  readonly args: (draw: Draw) => readonly ScalarValue[];
}

/** A contract that simulated clients deploy and call. */
export interface SampleContract {
  readonly source: string;
  readonly deploy: Omit<SampleMethod, 'name'>;
  readonly methods: readonly SampleMethod[];
}

const none = (): readonly ScalarValue[] => [];
const someText = ({ random }: Draw): string => 'leaf '.repeat(random.below(12));
/** Few, so that the same entry of a table is written and removed many times. */
const someKey = ({ random }: Draw): number => random.below(4);

const COUNTER: SampleContract = {
  source: `import { chain } from 'forklore/contract';
export class Counter {
  count = 0;
  add(by: number): number {
    this.count += by;
    chain.emit('Added', chain.caller, by);
    return this.count;
  }
}
`,
  deploy: { args: none },
  methods: [{ name: 'add', args: ({ random }) => [random.below(2_000) - 1_000] }],
};

const VOTE: SampleContract = {
  source: `import { type Address, chain, require, Table } from 'forklore/contract';
export class Vote {
  closesAt = 0;
  voted = new Table<Address, boolean>(false);
  votes = new Table<number, number>(0);
  constructor(blocks: number) {
    require(blocks > 0, 'a vote takes some time');
    this.closesAt = chain.height + blocks;
  }
  vote(option: number): void {
    require(chain.height <= this.closesAt, 'the vote is closed');
    require(option >= 0 && option < 3, 'no such option');
    require(!this.voted.get(chain.caller), 'this account has voted');
    this.voted.set(chain.caller, true);
    this.votes.set(option, this.votes.get(option) + 1);
    chain.emit('Voted', chain.caller, option);
  }
}
`,
  deploy: { args: ({ random }) => [random.below(8)] },
  methods: [{ name: 'vote', args: (draw) => [someKey(draw)] }],
};

const WALLET: SampleContract = {
  source: `import { type Address, chain } from 'forklore/contract';
export class Wallet {
  received = 0n;
  constructor() { this.received = chain.value; }
  put(): void { this.received += chain.value; }
  pay(to: Address, amount: bigint): bigint { chain.pay(to, amount); return chain.balance; }
  sweep(to: Address): void { chain.pay(to, chain.balance); }
}
`,
  deploy: { takesCoins: true, args: none },
  methods: [
    { name: 'put', takesCoins: true, args: none },
    { name: 'pay', args: (draw) => [new AddressValue(draw.account()), BigInt(draw.random.below(100_000_000))] },
    { name: 'sweep', args: (draw) => [new AddressValue(draw.account())] },
  ],
};

const CALLER: SampleContract = {
  source: `import { type Address, address, at, chain } from 'forklore/contract';
interface Counter { add(by: number): number; }
interface Wallet { put(): void; sweep(to: Address): void; }
export class Caller {
  calls = 0;
  last: Address = address('0000000000000000000000000000000000000000');
  add(to: Address, by: number): number {
    this.calls += 1;
    this.last = to;
    return at<Counter>(to).add(by) + at<Counter>(to).add(1);
  }
  forward(to: Address): void { this.calls += 1; at<Wallet>(to, chain.value).put(); }
  fetch(from: Address, to: Address): bigint { at<Wallet>(from).sweep(to); return chain.balance; }
}
`,
  deploy: { args: none },
  methods: [
    { name: 'add', args: (draw) => [new AddressValue(draw.contract('add')), draw.random.below(10)] },
    { name: 'forward', takesCoins: true, args: (draw) => [new AddressValue(draw.contract('put'))] },
    { name: 'fetch', args: (draw) => [new AddressValue(draw.contract('sweep')), new AddressValue(draw.contract())] },
  ],
};

/** Writes, pays and tells something, and fails then. */
const FAILING: SampleContract = {
  source: `import { chain, require } from 'forklore/contract';
export class Failing {
  tries = 0;
  constructor() { this.tries = 1; }
  fail(reason: string): void {
    this.tries += 1;
    chain.emit('Tried', this.tries);
    chain.pay(chain.caller, chain.balance);
    require(this.tries > 1_000, reason);
  }
  spin(): void { while (true) { this.tries += 1; } }
}
`,
  deploy: { args: none },
  methods: [
    { name: 'fail', args: (draw) => [someText(draw)] },
    { name: 'spin', args: none },
  ],
};

const SHELF: SampleContract = {
  source: `import { List, require, Table } from 'forklore/contract';
interface Item { name: string; weight: bigint; }
export class Shelf {
  items = new Table<number, Item>({ name: '', weight: 0n });
  queue = new List<string>();
  names: string[] = ['first'];
  put(key: number, name: string, weight: bigint): void {
    this.items.set(key, { name, weight: this.items.get(key).weight + weight });
  }
  remove(key: number): void { require(this.items.has(key), 'nothing is there'); this.items.delete(key); }
  push(name: string): number { this.queue.push(name); return this.queue.length; }
  pop(): string { return this.queue.pop(); }
  rename(name: string): void { if (this.names.length > 3) this.names = [name]; else this.names.push(name); }
}
`,
  deploy: { args: none },
  methods: [
    { name: 'put', args: (draw) => [someKey(draw), someText(draw), BigInt(draw.random.below(1_000)) - 500n] },
    { name: 'remove', args: (draw) => [someKey(draw)] },
    { name: 'push', args: (draw) => [someText(draw)] },
    { name: 'pop', args: none },
    { name: 'rename', args: (draw) => [someText(draw)] },
  ],
};

/** Keeps what it learns of the chain: another branch gives other slots. */
const CHRONICLE: SampleContract = {
  source: `import { chain, sha256 } from 'forklore/contract';
export class Chronicle {
  text = '';
  time = 0;
  note(back: number): string {
    this.text = sha256(this.text + chain.hash(chain.height - back));
    this.time = chain.time;
    return this.text;
  }
}
`,
  deploy: { args: none },
  methods: [{ name: 'note', args: ({ random }) => [random.below(12)] }],
};

export const SAMPLE_CONTRACTS: readonly SampleContract[] = [COUNTER, VOTE, WALLET, CALLER, FAILING, SHELF, CHRONICLE];
