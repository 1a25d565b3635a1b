/** Contracts that tests, fuzzers and benchmarks share. */

/** The smallest one that does something. */
export const COUNTER = `export class Counter {
  count = 0;

  add(by: number): number {
    this.count += by;
    chain.emit('Added', chain.caller, by);
    return this.count;
  }
}
`;

/** One vote for each account, until a height. */
export const VOTING = `import { type Address, chain, require, Table } from 'forklore/contract';

/** One vote for each account, until a height. */
export class Voting {
  question = '';
  options: string[] = [];
  closesAt = 0;
  voted = new Table<Address, boolean>(false);
  votes = new Table<number, number>(0);

  constructor(question: string, options: string[], closesAt: number) {
    require(options.length >= 2, 'a vote has at least two options');
    this.question = question;
    this.options = options.slice();
    this.closesAt = closesAt;
  }

  vote(option: number): void {
    require(chain.height <= this.closesAt, 'the vote is closed');
    require(option >= 0 && option < this.options.length, 'no such option');
    require(!this.voted.get(chain.caller), 'this account has voted');
    this.voted.set(chain.caller, true);
    this.votes.set(option, this.votes.get(option) + 1);
    chain.emit('Voted', chain.caller, option);
  }

  winner(): string {
    let best = 0;
    for (let i = 1; i < this.options.length; i++) {
      if (this.votes.get(i) > this.votes.get(best)) best = i;
    }
    return this.options[best];
  }
}
`;

/** Coins that go to the recipient who shows the secret, or back to the sender after a height. */
export const CONDITIONAL_PAYMENT = `import { type Address, chain, require, sha256 } from 'forklore/contract';

export class ConditionalPayment {
  sender: Address;
  recipient: Address;
  lock: string;
  refundAfter: number;

  constructor(recipient: Address, lock: string, refundAfter: number) {
    require(chain.value > 0n, 'there is nothing to hold');
    this.sender = chain.caller;
    this.recipient = recipient;
    this.lock = lock;
    this.refundAfter = refundAfter;
  }

  claim(secret: string): void {
    require(sha256(secret) === this.lock, 'this is not the secret');
    chain.emit('Claimed', secret);
    chain.pay(this.recipient, chain.balance);
  }

  refund(): void {
    require(chain.height > this.refundAfter, 'it is too early for a refund');
    chain.pay(this.sender, chain.balance);
  }
}
`;

/** A token with records, a list and a table of records. */
export const TOKEN = `import { type Address, chain, List, require, Table } from 'forklore/contract';

interface Transfer {
  from: Address;
  to: Address;
  amount: bigint;
}

export class Token {
  symbol = 'TOK';
  supply = 0n;
  balances = new Table<Address, bigint>(0n);
  history = new List<Transfer>();

  constructor(supply: bigint) {
    this.supply = supply;
    this.balances.set(chain.caller, supply);
  }

  transfer(to: Address, amount: bigint): boolean {
    require(amount > 0n, 'an amount is positive');
    const mine = this.balances.get(chain.caller);
    require(mine >= amount, \`there are only \${mine} \${this.symbol}\`);
    this.balances.set(chain.caller, mine - amount);
    this.balances.set(to, this.balances.get(to) + amount);
    this.history.push({ from: chain.caller, to, amount });
    chain.emit('Transfer', chain.caller, to, amount);
    return true;
  }

  balanceOf(account: Address): bigint {
    return this.balances.get(account);
  }

  last(): Transfer {
    return this.history.get(this.history.length - 1);
  }

  sent(account: Address): bigint {
    let sum = 0n;
    for (const transfer of this.history) {
      if (transfer.from === account) sum += transfer.amount;
    }
    return sum;
  }
}
`;
