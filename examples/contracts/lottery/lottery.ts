import { type Address, chain, List, require, Table } from 'forklore/contract';

/** Base units of a ticket. */
const PRICE = 100_000_000n;
/** `chain.hash` knows so many blocks; afterwards nobody can draw. */
const BLOCKS_TO_DRAW = 256;
const HEX = '0123456789abcdef';
/** A hash begins with zeros, for that was the work: the dice are its last digits. Twelve of them are a number. */
const DICE_DIGITS = 12;

/** The last digits of a hash as a number. */
function diceOf(hash: string): number {
  let dice = 0;
  for (let i = hash.length - DICE_DIGITS; i < hash.length; i++) dice = dice * 16 + HEX.indexOf(hash[i]);
  return dice;
}

/**
 * One of the tickets wins everything: that which the hash of a later block points to.
 *
 * A bad dice. Whoever mines that block sees its hash before everybody else, and can throw the block away where the hash does not
 * please him. That costs him the reward of a block: so the dice are fair only where the pot is worth much less. The hash of a
 * block that is there already would be worse: whoever buys a ticket would know whether it wins. `coin-toss.ts` has dice that
 * nobody can load.
 */
export class Lottery {
  /** Tickets are sold until this height; the block after it is the dice. */
  salesEnd = 0;
  tickets = new List<Address>();
  /** What to pay back to each account if nobody draws in time. */
  paid = new Table<Address, bigint>(0n);
  drawn = false;

  constructor(salesEnd: number) {
    require(salesEnd > chain.height, 'the sale would be over already');
    this.salesEnd = salesEnd;
  }

  /** Buys a ticket; as many as you like, one with each call. */
  buy(): void {
    require(chain.height <= this.salesEnd, 'the sale is over');
    require(chain.value === PRICE, `a ticket costs ${PRICE} base units`);
    this.tickets.push(chain.caller);
    this.paid.set(chain.caller, this.paid.get(chain.caller) + chain.value);
    chain.emit('Bought', chain.caller, this.tickets.length);
  }

  /** Who wins where this is the hash. The miner asks it of each block that is found, and shows only one that pleases. */
  winnerBy(hash: string): Address {
    require(this.tickets.length > 0, 'there are no tickets');
    return this.tickets.get(diceOf(hash) % this.tickets.length);
  }

  /** Pays the winner. Anybody can call it. */
  draw(): void {
    // A block cannot know its own hash: that of `salesEnd + 1` is known one block later.
    require(chain.height > this.salesEnd + 1, 'the dice are not thrown');
    require(chain.height <= this.salesEnd + 1 + BLOCKS_TO_DRAW, 'it is too late: take back what you paid');
    require(!this.drawn, 'the winner was paid already');
    const winner = this.winnerBy(chain.hash(this.salesEnd + 1));
    this.drawn = true;
    chain.emit('Won', winner, chain.balance);
    chain.pay(winner, chain.balance);
  }

  /** Pays the caller's tickets back, where nobody has drawn in time. */
  takeBack(): void {
    require(chain.height > this.salesEnd + 1 + BLOCKS_TO_DRAW, 'the winner can still be drawn');
    require(!this.drawn, 'the winner was paid already');
    const paid = this.paid.get(chain.caller);
    require(paid > 0n, 'there is nothing to pay back');
    this.paid.delete(chain.caller);
    chain.pay(chain.caller, paid);
  }
}
