import { type Address, chain, require, sha256 } from 'forklore/contract';

/**
 * Coins for one recipient, who takes them with a secret until a height; afterwards they go back to the payer. Two of these with
 * the same lock, on two networks, are a swap that nobody can cheat in.
 */
export class ConditionalPayment {
  payer: Address;
  recipient: Address;
  /** SHA-256 of the secret, 64 hex digits. */
  lock = '';
  /** The last height at which the secret opens the lock. */
  claimUntil = 0;
  settled = false;

  /** The coins that come with the deploy are what is paid. */
  constructor(recipient: Address, lock: string, claimUntil: number) {
    require(chain.value > 0n, 'there is nothing to pay: send coins along');
    require(lock.length === 64, 'the lock is a SHA-256: 64 hex digits');
    require(claimUntil > chain.height, 'it would be too late to claim already');
    this.payer = chain.caller;
    this.recipient = recipient;
    this.lock = lock;
    this.claimUntil = claimUntil;
  }

  /** Pays the recipient, whoever calls: the secret is public as soon as it is sent, so it must be of no use to others. */
  claim(secret: string): void {
    require(!this.settled, 'this was paid already');
    require(chain.height <= this.claimUntil, 'it is too late to claim');
    require(sha256(secret) === this.lock, 'this is not the secret');
    this.settled = true;
    chain.emit('Claimed', this.recipient, secret);
    chain.pay(this.recipient, chain.balance);
  }

  /** Pays the payer back, whoever calls, once it is too late to claim. */
  refund(): void {
    require(!this.settled, 'this was paid already');
    require(chain.height > this.claimUntil, 'the recipient can still claim');
    this.settled = true;
    chain.emit('Refunded');
    chain.pay(this.payer, chain.balance);
  }
}
