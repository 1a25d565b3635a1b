import { type Address, chain, require, verify } from 'forklore/contract';

/** What the arbiter signs. A signature is for one contract on one network, so that no other escrow accepts it. */
const PAY_SELLER = 'pay the seller';
const PAY_BUYER = 'pay the buyer';

/**
 * Holds the coins of a sale. Each side can give them to the other one; where they disagree, the word of an arbiter decides, who
 * only signs a message, and so needs neither coins nor a node. If nobody does anything, the buyer has them back after a height.
 */
export class Escrow {
  buyer: Address;
  seller: Address;
  /** Public key of the arbiter, 64 hex digits. */
  arbiter = '';
  /** The last height before the buyer can take the coins back alone. */
  heldUntil = 0;
  settled = false;

  /** Whoever deploys is the buyer; the coins that come with it are the price. */
  constructor(seller: Address, arbiter: string, heldUntil: number) {
    require(chain.value > 0n, 'there is nothing to hold: send coins along');
    require(seller !== chain.caller, 'buyer and seller are the same');
    require(arbiter.length === 64, 'the arbiter is a public key: 64 hex digits');
    require(heldUntil > chain.height, 'the time would be over already');
    this.buyer = chain.caller;
    this.seller = seller;
    this.arbiter = arbiter;
    this.heldUntil = heldUntil;
  }

  /** The buyer is content. */
  release(): void {
    require(chain.caller === this.buyer, 'only the buyer releases the coins');
    this.settle(this.seller);
  }

  /** The seller cannot deliver. */
  cancel(): void {
    require(chain.caller === this.seller, 'only the seller cancels the sale');
    this.settle(this.buyer);
  }

  /** Carries out what the arbiter has signed: `pay the seller` or `pay the buyer`. Anybody can bring it. */
  decide(decision: string, signature: string): void {
    require(decision === PAY_SELLER || decision === PAY_BUYER, `decisions are: ${PAY_SELLER}, ${PAY_BUYER}`);
    require(verify(this.arbiter, decision, signature), 'the arbiter has not signed this for this contract');
    this.settle(decision === PAY_SELLER ? this.seller : this.buyer);
  }

  /** The buyer takes the coins back, when nobody has decided in time. */
  takeBack(): void {
    require(chain.caller === this.buyer, 'only the buyer takes the coins back');
    require(chain.height > this.heldUntil, 'the arbiter can still decide alone');
    this.settle(this.buyer);
  }

  private settle(to: Address): void {
    require(!this.settled, 'this is settled already');
    this.settled = true;
    chain.emit('Received', to, chain.balance);
    chain.pay(to, chain.balance);
  }
}
