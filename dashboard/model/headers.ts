import type { Hash } from '../../consensus/hash.ts';
import { type BlockHeader, blockHash, checkHeaderSanity, decodeHeader } from '../../consensus/header.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { bitsToTarget } from '../../consensus/target.ts';

/** What every header of a network keeps to, taken from its genesis block. */
export interface HeaderRules {
  readonly genesisHash: Hash;
  /** Easiest bits allowed: those of the genesis block, in every network. */
  readonly limitBits: number;
}

/**
 * The rules of a network from its genesis header, which its hash vouches for.
 * @param raw the 80 bytes in hex digits, as a node gives them
 * @throws {DecodeError}, {RuleError}, or a {RangeError} where it is another network's
 */
export function headerRulesOf(genesisHash: Hash, raw: string): HeaderRules {
  const header = decodeHeader(hexToBytes(raw));
  const hash = blockHash(header);
  if (hash !== genesisHash) throw new RangeError(`a node gives ${hash} for the genesis block ${genesisHash}`);
  bitsToTarget(header.bits);
  return { genesisHash, limitBits: header.bits };
}

/**
 * Reads a header, hashes it, and checks its proof of work: the cheapest claim that a node can make of a block costs it
 * as many hashes as the network's easiest one. The genesis block is valid by definition.
 * @param raw the 80 bytes in hex digits
 * @param claimed the hash that the node gives for it
 * @throws {DecodeError}, {RuleError}, or a {RangeError} where the hash is not its
 */
export function provenHeader(raw: string, claimed: Hash, rules: HeaderRules): BlockHeader {
  const header = decodeHeader(hexToBytes(raw));
  const hash = blockHash(header);
  if (hash !== claimed) throw new RangeError(`a node gives ${claimed} for the header of ${hash}`);
  if (hash !== rules.genesisHash) checkHeaderSanity(header, hash, rules);
  return header;
}
