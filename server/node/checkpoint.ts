import { assertInvariant } from '../../consensus/errors.ts';
import type { Hash } from '../../consensus/hash.ts';

/** Blocks on top of a checkpoint: forks that end by themselves are rarely as long. */
const CHECKPOINT_DEPTH_BLOCKS = 6;
/** Distance of checkpoints: nodes whose tips differ by a few blocks mostly stand between the same two. */
const CHECKPOINT_INTERVAL_BLOCKS = 10;
/** Of the hash, its last ones: the first ones are zeros. Twelve are 48 bits, which a floating-point number holds exactly. */
const FINGERPRINT_DIGITS = 12;

/** A block by which a monitor sees, of numbers alone, whether nodes stand on one chain. */
export interface Checkpoint {
  readonly height: number;
  /** Differs for different blocks. */
  readonly fingerprint: number;
}

/** The latest block of the active chain whose height is a multiple of ten, and that has six others on top. */
export function checkpointOf(chain: {
  readonly height: number;
  hashAtHeight(height: number): Hash | undefined;
}): Checkpoint {
  const buried = Math.max(0, chain.height - CHECKPOINT_DEPTH_BLOCKS);
  const height = buried - (buried % CHECKPOINT_INTERVAL_BLOCKS);
  const blockHash = chain.hashAtHeight(height);
  assertInvariant(blockHash !== undefined, 'the active chain has a block at each height up to its tip');
  return { height, fingerprint: Number.parseInt(blockHash.slice(-FINGERPRINT_DIGITS), 16) };
}
