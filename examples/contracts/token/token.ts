import { type Address, chain, require, Table } from 'forklore/contract';

/** Tables have one key: two addresses make one text, in which each has 40 digits. */
function allowanceKey(owner: Address, spender: Address): string {
  return `${owner} ${spender}`;
}

/** Units of a money of its own. All of it belongs at first to whoever deploys; nobody can make more. */
export class Token {
  name = '';
  /** How many of its digits are shown behind the point. Only programs that show amounts use it. */
  decimals = 0;
  supply = 0n;
  balances = new Table<Address, bigint>(0n);
  /** What a spender may still take from an owner, by `allowanceKey`. */
  allowances = new Table<string, bigint>(0n);

  constructor(name: string, decimals: number, supply: bigint) {
    require(name.length > 0, 'a token has a name');
    require(decimals >= 0 && decimals <= 18, 'there are 0 to 18 decimals');
    require(supply > 0n, 'a token has at least one unit');
    this.name = name;
    this.decimals = decimals;
    this.supply = supply;
    this.balances.set(chain.caller, supply);
    chain.emit('Created', chain.caller, supply);
  }

  balanceOf(owner: Address): bigint {
    return this.balances.get(owner);
  }

  /** What the spender may still take from the owner. */
  allowance(owner: Address, spender: Address): bigint {
    return this.allowances.get(allowanceKey(owner, spender));
  }

  /** Gives units of the caller to somebody else. */
  transfer(to: Address, amount: bigint): void {
    this.move(chain.caller, to, amount);
  }

  /**
   * Lets somebody take units of the caller, often a contract: `amount` in all. `before` is what the caller believes is still
   * allowed. If the spender has taken some meanwhile the call fails: to change 5 into 3 never lets him take 8.
   */
  allow(spender: Address, before: bigint, amount: bigint): void {
    require(amount >= 0n, 'an allowance is never negative');
    const key = allowanceKey(chain.caller, spender);
    require(this.allowances.get(key) === before, `the allowance is ${this.allowances.get(key)} now`);
    this.setAllowance(key, amount);
    chain.emit('Allowed', chain.caller, spender, amount);
  }

  /** Takes units that their owner has allowed the caller to take. */
  take(from: Address, to: Address, amount: bigint): void {
    const key = allowanceKey(from, chain.caller);
    const allowed = this.allowances.get(key);
    require(amount <= allowed, `the allowance is ${allowed}`);
    this.setAllowance(key, allowed - amount);
    this.move(from, to, amount);
  }

  private move(from: Address, to: Address, amount: bigint): void {
    require(amount > 0n, 'an amount is positive');
    const balance = this.balances.get(from);
    require(balance >= amount, `there are only ${balance}`);
    // Written before the other one is read: they are the same entry where somebody pays himself.
    this.balances.set(from, balance - amount);
    this.balances.set(to, this.balances.get(to) + amount);
    chain.emit('Transferred', from, to, amount);
  }

  private setAllowance(key: string, amount: bigint): void {
    if (amount === 0n) this.allowances.delete(key);
    else this.allowances.set(key, amount);
  }
}
