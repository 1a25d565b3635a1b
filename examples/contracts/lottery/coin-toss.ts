import { type Address, chain, require, sha256 } from 'forklore/contract';

/** Between guess and show. A reorg of fewer blocks cannot take the guess back from somebody who has seen the coin. */
const BLOCKS_BEFORE_SHOW = 3;
/** After the guess. Long enough that nobody can keep the coin out of all of these blocks. */
const BLOCKS_TO_SHOW = 100;

function isSide(text: string): boolean {
  return text === 'heads' || text === 'tails';
}

/**
 * A toss for two, by commit and reveal. One lays down a coin that nobody sees, by its hash; the other one guesses the side; the
 * first shows it. Neither can choose after he knows what the other one chose, and no miner has a say in it. Whoever does
 * not show his coin in time has lost: not to show it is never better than to show it.
 */
export class CoinToss {
  first: Address;
  /** The hash of the hidden coin: see `commitmentOf`. */
  commitment = '';
  stake = 0n;
  /** The last height for a guess. */
  guessUntil = 0;
  /** The first one too, until somebody has guessed. */
  second: Address;
  guess = '';
  /** 0: nobody has guessed. */
  guessedAt = 0;
  over = false;

  /** Lays the coin down. What comes with it is the stake of each. */
  constructor(commitment: string, guessUntil: number) {
    require(chain.value > 0n, 'there is no stake: send coins along');
    require(commitment.length === 64, 'a commitment is a SHA-256: 64 hex digits');
    require(guessUntil > chain.height, 'it would be too late for a guess already');
    this.first = chain.caller;
    this.second = chain.caller;
    this.commitment = commitment;
    this.stake = chain.value;
    this.guessUntil = guessUntil;
  }

  /**
   * What to commit to, for `heads` or `tails` and a salt that nobody can guess: without it, one would try both sides. Ask it of a
   * node that you trust: a call that is sent would tell the side.
   */
  commitmentOf(side: string, salt: string): string {
    return sha256(`${side} ${salt}`);
  }

  /** Guesses `heads` or `tails`, with an equal stake. */
  toss(side: string): void {
    require(this.guessedAt === 0, 'somebody has guessed already');
    require(chain.height <= this.guessUntil, 'it is too late for a guess');
    require(chain.value === this.stake, `the stake is ${this.stake} base units`);
    require(isSide(side), 'a coin has heads and tails');
    this.second = chain.caller;
    this.guess = side;
    this.guessedAt = chain.height;
    chain.emit('Guessed', chain.caller, side);
  }

  /** Shows the coin, and pays whoever has won. */
  show(side: string, salt: string): void {
    require(this.guessedAt > 0, 'nobody has guessed');
    require(chain.height >= this.guessedAt + BLOCKS_BEFORE_SHOW, 'wait: a reorg could take the guess back');
    require(chain.height <= this.guessedAt + BLOCKS_TO_SHOW, 'it is too late to show the coin');
    // Without this, one could lay down what is neither, which no guess is equal to.
    require(isSide(side), 'a coin has heads and tails');
    require(this.commitmentOf(side, salt) === this.commitment, 'this is not the coin that was laid down');
    this.payAll(this.guess === side ? this.second : this.first);
  }

  /** Pays whoever has guessed, where the coin was not shown in time. */
  claim(): void {
    require(this.guessedAt > 0, 'nobody has guessed');
    require(chain.height > this.guessedAt + BLOCKS_TO_SHOW, 'the coin can still be shown');
    this.payAll(this.second);
  }

  /** Takes the coin back, where nobody has guessed in time: earlier, one could do so whenever a right guess is on its way. */
  takeBack(): void {
    require(this.guessedAt === 0, 'somebody has guessed');
    require(chain.height > this.guessUntil, 'somebody can still guess');
    this.payAll(this.first);
  }

  private payAll(winner: Address): void {
    require(!this.over, 'this is over');
    this.over = true;
    chain.emit('Won', winner, chain.balance);
    chain.pay(winner, chain.balance);
  }
}
