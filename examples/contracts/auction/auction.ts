import { type Address, chain, require } from 'forklore/contract';

/** A bid in the last blocks moves the end, so that others can answer it: so many blocks are left after each bid. */
const BLOCKS_TO_ANSWER = 10;
/** A bid is at least a twentieth above the one before, so that to move the end again and again becomes dear. */
const RAISE_DIVISOR = 20n;

/** The highest bid until a height has it. Each bid is paid at once, and paid back at once when somebody bids more. */
export class Auction {
  item = '';
  seller: Address;
  minimum = 0n;
  /** The last height at which bids count. */
  closesAt = 0;
  /** The seller, until somebody bids. */
  highestBidder: Address;
  highestBid = 0n;
  settled = false;

  constructor(item: string, minimum: bigint, closesAt: number) {
    require(minimum > 0n, 'the minimum is at least one base unit');
    require(closesAt > chain.height, 'the auction would be over already');
    this.item = item;
    this.seller = chain.caller;
    this.highestBidder = chain.caller;
    this.minimum = minimum;
    this.closesAt = closesAt;
  }

  /** What the next bid must be at least, in base units. */
  nextBid(): bigint {
    if (this.highestBid === 0n) return this.minimum;
    return this.highestBid + this.highestBid / RAISE_DIVISOR + 1n;
  }

  /** Bids the coins that come with the call. */
  bid(): void {
    require(chain.height <= this.closesAt, 'the auction is over');
    require(chain.value >= this.nextBid(), `a bid is at least ${this.nextBid()} now`);
    // To pay somebody runs nothing at his side: he cannot fail, and so cannot stop others from bidding more.
    if (this.highestBid > 0n) chain.pay(this.highestBidder, this.highestBid);
    this.highestBidder = chain.caller;
    this.highestBid = chain.value;
    this.closesAt = Math.max(this.closesAt, chain.height + BLOCKS_TO_ANSWER);
    chain.emit('Bid', chain.caller, chain.value, this.closesAt);
  }

  /** Pays the seller, once the auction is over. Anybody can call it. */
  settle(): void {
    require(chain.height > this.closesAt, 'the auction is not over');
    require(!this.settled, 'the seller was paid already');
    require(this.highestBid > 0n, 'nobody has bid');
    this.settled = true;
    chain.emit('Won', this.highestBidder, this.highestBid);
    chain.pay(this.seller, this.highestBid);
  }
}
