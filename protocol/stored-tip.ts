import { coinbaseOf } from '../consensus/block.ts';
import { assertInvariant } from '../consensus/errors.ts';
import type { Hash, NodeHash } from '../consensus/hash.ts';
import { decodeUndo } from '../consensus/undo.ts';
import type { StoreWrite } from './store-writes.ts';

/** The block at the end of the active chain and the state after it, as a store keeps them. */
export interface StoredTip {
  readonly hash: Hash;
  readonly height: number;
  readonly stateRoot: NodeHash;
}

/** What a store holds of the block that a write is about. */
export interface StoredBlockReader {
  hasBody(blockHash: Hash): boolean;
  /** The encoded undo record; undefined where there is none. */
  undo(blockHash: Hash): Uint8Array | undefined;
}

type TipWrite = Extract<StoreWrite, { kind: 'connect' | 'disconnect' }>;

/**
 * Checks that a write moves the stored tip by exactly one block. Every store calls it before it performs such a write.
 * @returns the tip after the write
 * @throws InvariantError where the write belongs on another tip, or what it needs is not stored
 */
export function tipAfter(tip: StoredTip, write: TipWrite, stored: StoredBlockReader): StoredTip {
  return write.kind === 'connect' ? afterConnect(tip, write, stored) : afterDisconnect(tip, write, stored);
}

function afterConnect(tip: StoredTip, write: TipWrite & { kind: 'connect' }, stored: StoredBlockReader): StoredTip {
  const { block, height, change, undo } = write;
  assertInvariant(block.header.prevHash === tip.hash, `block ${block.hash} does not build on tip ${tip.hash}`);
  assertInvariant(height === tip.height + 1, `block ${block.hash} is not at height ${tip.height + 1}`);
  assertInvariant(undo.stateRoot === tip.stateRoot, `undo of ${block.hash} leads to ${undo.stateRoot}`);
  assertInvariant(coinbaseOf(block).stateRoot === change.stateRoot, `state after ${block.hash} is another`);
  assertInvariant(stored.hasBody(block.hash), `body of ${block.hash} is not stored`);
  return { hash: block.hash, height, stateRoot: change.stateRoot };
}

function afterDisconnect(
  tip: StoredTip,
  write: TipWrite & { kind: 'disconnect' },
  stored: StoredBlockReader,
): StoredTip {
  const { block, height, change } = write;
  assertInvariant(block.hash === tip.hash && height === tip.height && height > 0, `block ${block.hash} is not the tip`);
  const undo = stored.undo(block.hash);
  assertInvariant(undo !== undefined, `undo record of ${block.hash} is not stored`);
  assertInvariant(decodeUndo(undo).stateRoot === change.stateRoot, `state before ${block.hash} is another`);
  return { hash: block.header.prevHash, height: height - 1, stateRoot: change.stateRoot };
}
