import { assertInvariant } from '../../consensus/errors.ts';
import type { Hash } from '../../consensus/hash.ts';

/** Blocks on top of a checkpoint: forks that end by themselves are rarely as long. */
const CHECKPOINT_DEPTH_BLOCKS = 6;
/** Distance of checkpoints. */
const CHECKPOINT_INTERVAL_BLOCKS = 10;
/** Of the hash, its last ones: the first ones are zeros. Twelve are 48 bits, which a floating-point number holds exactly. */
const FINGERPRINT_DIGITS = 12;

/** Checkpoints that are told: nodes are compared while their tips are less than 150 blocks apart. */
const MAX_CHECKPOINTS = 16;

/** A block by which a monitor sees, of numbers alone, whether nodes stand on one chain. */
export interface Checkpoint {
  /** From 0 to 15, and then from 0 again: the same height is in the same slot at all nodes. */
  readonly slot: number;
  readonly height: number;
  /** Differs for different blocks. */
  readonly fingerprint: number;
}

/** The latest blocks of the active chain whose heights are multiples of ten, and that have six others on top. */
export function checkpointsOf(chain: {
  readonly height: number;
  hashAtHeight(height: number): Hash | undefined;
}): Checkpoint[] {
  const last = Math.floor(Math.max(0, chain.height - CHECKPOINT_DEPTH_BLOCKS) / CHECKPOINT_INTERVAL_BLOCKS);
  const count = Math.min(last + 1, MAX_CHECKPOINTS);
  return Array.from({ length: count }, (_, i) => {
    const number = last - i;
    const height = number * CHECKPOINT_INTERVAL_BLOCKS;
    const blockHash = chain.hashAtHeight(height);
    assertInvariant(blockHash !== undefined, 'the active chain has a block at each height up to its tip');
    const fingerprint = Number.parseInt(blockHash.slice(-FINGERPRINT_DIGITS), 16);
    return { slot: number % MAX_CHECKPOINTS, height, fingerprint };
  });
}
