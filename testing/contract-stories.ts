import type { Address } from '../consensus/address.ts';
import { compileContract } from '../consensus/contract/compile.ts';
import type { Outcome } from '../consensus/contract/execution.ts';
import { AddressValue } from '../consensus/contract/value.ts';
import { bytesToHex, utf8ToBytes } from '../consensus/hex.ts';
import { sha256 } from '../consensus/sha256.ts';
import { ALICE, BOB, CONTRACT, ContractWorld, encodeArguments, type PlainValue } from './contract-world.ts';
import { CONDITIONAL_PAYMENT, COUNTER, TOKEN, VOTING } from './contracts.ts';

/** A transaction of a story. */
interface StoryCall {
  readonly contract: Address;
  readonly method: string;
  readonly values: readonly PlainValue[];
  readonly caller: Address;
  readonly value: bigint;
  readonly height: number;
  readonly gasLimit: number;
}

/** Contracts and calls of them, one after the other, for vectors. */
export interface Story {
  readonly name: string;
  /** Source by address. */
  readonly contracts: Readonly<Record<Address, string>>;
  readonly balances?: Readonly<Record<Address, bigint>>;
  readonly calls: readonly StoryCall[];
}

const HEIGHT = 100;
const GAS = 200_000;

function call(method: string, values: readonly PlainValue[] = [], other: Partial<StoryCall> = {}): StoryCall {
  return { contract: CONTRACT, method, values, caller: ALICE, value: 0n, height: HEIGHT, gasLimit: GAS, ...other };
}

/** Each method shows one group of operations: what they give, and what they cost. */
const OPERATIONS = `interface Point { x: number; y: bigint; }
const STEP = 3;
function twice(n: number): number { return n * 2; }
export class Operations {
  list: number[] = [1, 2];
  queue = new List<Point>();
  numbers(): string { const a = 7; return \`\${a + 2} \${a - 9} \${a * STEP} \${a % 4} \${Math.floor(-a / 2)} \${Math.trunc(-a / 2)} \${2 ** 10} \${8 / 4} \${-a} \${Math.min(3, 1, 2)} \${Math.max(3, 1)}\`; }
  bigints(): string { const a = 7n; return \`\${a + 2n} \${a - 9n} \${a * 3n} \${-a % 4n} \${-a / 2n} \${2n ** 200n} \${a & 3n} \${a | 8n} \${a ^ -1n} \${Number(a)} \${BigInt(5)}\`; }
  choices(): string { const a = 1; return \`\${a < 2 && a >= 1} \${a > 2 || !(a === 1)} \${a !== 1 ? 'x' : 'y'} \${'a' === 'b'} \${chain.caller === chain.caller}\`; }
  texts(): string { const t = 'fork🍴'; return \`\${t.length} \${t.slice(0, 2)} \${t.slice(-2)} \${t.indexOf('r')} \${t.includes('z')} \${t.startsWith('fo')} \${t.endsWith('k')} \${t.charCodeAt(0)} \${t[1]} \${t + '!'}\`; }
  arrays(): string { const a = [3, 1]; a.push(2); a[0] += 1; const last = a.pop(); return \`\${a.length} \${a[0]} \${last} \${a.indexOf(1)} \${a.includes(9)} \${a.slice(1)[0]}\`; }
  loops(): number { let sum = 0; for (let i = 0; i < 3; i++) { if (i === 1) continue; sum += i; } for (const n of [5, 6]) sum += n; while (true) { sum--; if (sum < 10) break; } return twice(sum); }
  fields(): number { this.list.push(3); this.list = this.list.slice(1); return this.list.length; }
  records(): Point { this.queue.push({ y: 2n, x: 1 }); for (const p of this.queue) { if (p.x > 5) return p; } return this.queue.get(0); }
  taken(): Point { return this.queue.pop(); }
  hashes(): string { return sha256('fork') + chain.hash(99); }
}
`;

const BANK = `export class Bank {
  held = new Table<Address, bigint>(0n);
  put(): bigint { const sum = this.held.get(chain.caller) + chain.value; this.held.set(chain.caller, sum); return sum; }
  take(amount: bigint): void {
    const held = this.held.get(chain.caller);
    require(held >= amount, 'there is not so much');
    if (held === amount) this.held.delete(chain.caller);
    else this.held.set(chain.caller, held - amount);
    chain.pay(chain.caller, amount);
    chain.emit('Taken', chain.caller, amount);
  }
}
`;

const CUSTOMER = `interface Bank { put(): bigint; take(amount: bigint): void; }
export class Customer {
  bank: Address;
  constructor(bank: Address) { this.bank = bank; }
  save(): bigint { return at<Bank>(this.bank, chain.value).put(); }
  fetch(amount: bigint): bigint { at<Bank>(this.bank).take(amount); return chain.balance; }
}
`;

const BANK_ADDRESS = 'ba'.repeat(20);
const SESAME = bytesToHex(sha256(utf8ToBytes('sesame')));

/** Stories for test/vectors/contracts/calls.json. */
export const STORIES: readonly Story[] = [
  {
    name: 'a counter',
    contracts: { [CONTRACT]: COUNTER },
    calls: [
      call('constructor'),
      call('add', [5]),
      call('add', [2], { caller: BOB }),
      call('add', [2], { gasLimit: 8_522 }),
    ],
  },
  {
    name: 'the vote of the series',
    contracts: { [CONTRACT]: VOTING },
    calls: [
      call('constructor', ['Tea or coffee?', ['tea', 'coffee'], 101]),
      call('vote', [1]),
      call('vote', [1]),
      call('vote', [7], { caller: BOB }),
      call('vote', [1], { caller: BOB, height: 101 }),
      call('vote', [0], { caller: CONTRACT, height: 102 }),
      call('winner'),
    ],
  },
  {
    name: 'a conditional payment',
    contracts: { [CONTRACT]: CONDITIONAL_PAYMENT },
    balances: { [ALICE]: 10n },
    calls: [
      call('constructor', [new AddressValue(BOB), SESAME, 101], { value: 7n }),
      call('claim', ['open']),
      call('claim', ['sesame'], { value: 1n }),
      call('claim', ['sesame']),
      call('refund', [], { height: 102 }),
    ],
  },
  {
    name: 'a token',
    contracts: { [CONTRACT]: TOKEN },
    calls: [
      call('constructor', [1000n]),
      call('transfer', [new AddressValue(BOB), 400n]),
      call('transfer', [new AddressValue(BOB), 601n]),
      call('last'),
      call('sent', [new AddressValue(ALICE)]),
    ],
  },
  {
    name: 'each group of operations',
    contracts: { [CONTRACT]: OPERATIONS },
    calls: [
      call('constructor'),
      ...['numbers', 'bigints', 'choices', 'texts', 'arrays', 'loops', 'fields', 'fields', 'records', 'records'].map(
        (name) => call(name),
      ),
      ...['taken', 'taken', 'taken', 'hashes'].map((name) => call(name)),
    ],
  },
  {
    name: 'a contract that calls another one',
    contracts: { [BANK_ADDRESS]: BANK, [CONTRACT]: CUSTOMER },
    balances: { [ALICE]: 10n },
    calls: [
      call('constructor', [], { contract: BANK_ADDRESS }),
      call('constructor', [new AddressValue(BANK_ADDRESS)]),
      call('save', [], { value: 4n }),
      call('fetch', [5n]),
      call('fetch', [3n]),
      call('fetch', [1n]),
    ],
  },
];

/** Runs a story from an empty state, and gives what became of each call. */
export function runStory({ contracts, balances = {}, calls }: Story): {
  readonly call: Omit<StoryCall, 'values'>;
  readonly args: Uint8Array;
  readonly outcome: Outcome;
}[] {
  const world = new ContractWorld();
  for (const [address, balance] of Object.entries(balances)) world.balances.set(address, balance);
  return calls.map(({ values, ...call }) => {
    const { contract, method, caller, value, height, gasLimit } = call;
    world.height = height;
    const program = compileContract(utf8ToBytes(contracts[contract] ?? ''));
    const args = encodeArguments(program, method, values);
    const options = { from: caller, value, gas: gasLimit };
    const outcome =
      method === 'constructor'
        ? world.deployProgram(contract, program, values, options)
        : world.call(contract, method, values, options);
    return { call, args, outcome };
  });
}
