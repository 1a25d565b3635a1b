import { type Address, address, chain, require, sha256, Table } from 'forklore/contract';

/** Base units that each name holds until it is given up: to take many names for nothing is dear. */
const DEPOSIT = 100_000_000n;
const MIN_NAME_CHARS = 3;
const MAX_NAME_CHARS = 32;
const NAME_CHARS = 'abcdefghijklmnopqrstuvwxyz0123456789-';
/** Between commitment and claim. A reorg of fewer blocks cannot give a name to somebody who has seen the claim. */
const MIN_WAIT_BLOCKS = 3;
/** A commitment counts for so many blocks. */
const MAX_WAIT_BLOCKS = 1_000;
const NOBODY = address('0000000000000000000000000000000000000000');

interface Entry {
  owner: Address;
  /** The account that the name stands for. */
  target: Address;
}

interface Commitment {
  hash: string;
  height: number;
}

function isName(name: string): boolean {
  if (name.length < MIN_NAME_CHARS || name.length > MAX_NAME_CHARS) return false;
  for (let i = 0; i < name.length; i++) {
    if (!NAME_CHARS.includes(name[i])) return false;
  }
  return true;
}

/**
 * Names for accounts. Somebody who sees in the mempool which name is wanted could take it first; so whoever wants a name first
 * commits to it, by a hash that tells nothing, and claims it some blocks later.
 */
export class NameRegister {
  entries = new Table<string, Entry>({ owner: NOBODY, target: NOBODY });
  /** The last commitment of each account. */
  commitments = new Table<Address, Commitment>({ hash: '', height: 0 });

  /**
   * What to commit to, for a name and a salt that nobody can guess: without it, one would try all words. Ask it of a node that you
   * trust: a call that is sent would tell the name.
   */
  commitmentOf(name: string, owner: Address, salt: string): string {
    // The owner is in it, or others could commit to a copy of the hash, and then claim with a copy of name and salt.
    return sha256(`${name} ${owner} ${salt}`);
  }

  /** Remembers a hash for the caller, in place of an earlier one. */
  commit(hash: string): void {
    require(hash.length === 64, 'a commitment is a SHA-256: 64 hex digits');
    this.commitments.set(chain.caller, { hash, height: chain.height });
  }

  /** Takes the name that the caller committed to. The deposit comes with the call. */
  claim(name: string, salt: string): void {
    require(chain.value === DEPOSIT, `the deposit is ${DEPOSIT} base units`);
    require(isName(name), `a name has ${MIN_NAME_CHARS} to ${MAX_NAME_CHARS} of a-z, 0-9 and -`);
    const made = this.commitments.get(chain.caller);
    require(this.commitmentOf(name, chain.caller, salt) === made.hash, 'commit to this name and salt first');
    require(chain.height >= made.height + MIN_WAIT_BLOCKS, `wait until height ${made.height + MIN_WAIT_BLOCKS}`);
    require(chain.height <= made.height + MAX_WAIT_BLOCKS, 'the commitment is too old');
    require(!this.entries.has(name), 'the name is taken');
    this.commitments.delete(chain.caller);
    this.entries.set(name, { owner: chain.caller, target: chain.caller });
    chain.emit('Claimed', chain.caller, name);
  }

  /** The account that a name stands for now. */
  lookUp(name: string): Address {
    require(this.entries.has(name), 'nobody has this name');
    return this.entries.get(name).target;
  }

  /** Lets a name stand for another account. */
  point(name: string, target: Address): void {
    const owner = this.ownedByCaller(name);
    this.entries.set(name, { owner, target });
    chain.emit('Pointed', owner, name, target);
  }

  /** Gives a name, with its deposit, to somebody else. Until he changes it, it stands for him. */
  give(name: string, to: Address): void {
    const owner = this.ownedByCaller(name);
    this.entries.set(name, { owner: to, target: to });
    chain.emit('Gave', owner, name, to);
  }

  /** Gives a name up. The deposit goes back to its owner. */
  release(name: string): void {
    const owner = this.ownedByCaller(name);
    this.entries.delete(name);
    chain.emit('Released', owner, name);
    chain.pay(owner, DEPOSIT);
  }

  private ownedByCaller(name: string): Address {
    require(this.entries.has(name), 'nobody has this name');
    const owner = this.entries.get(name).owner;
    require(owner === chain.caller, 'the name belongs to somebody else');
    return owner;
  }
}
