import { type Address, chain, require, Table } from 'forklore/contract';

/** One vote for each account, until a height. */
export class Vote {
  question = '';
  options: string[] = [];
  closesAt = 0;
  voted = new Table<Address, boolean>(false);
  votes = new Table<number, number>(0);

  constructor(question: string, options: string[], closesAt: number) {
    require(options.length >= 2, 'a vote has at least two options');
    require(closesAt > chain.height, 'the vote would be closed already');
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
    chain.emit('Voted', chain.caller, this.options[option]);
  }

  /** What each option has: `noodles: 2`. */
  result(): string[] {
    const lines: string[] = [];
    for (let option = 0; option < this.options.length; option++) {
      lines.push(`${this.options[option]}: ${this.votes.get(option)}`);
    }
    return lines;
  }
}
