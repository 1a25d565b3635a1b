import type { Hash } from '../../consensus/hash.ts';
import type { NodeMemory } from '../../protocol/node-memory.ts';
import type { RowCopy } from '../store/row-copy.ts';

/** The whole state of a node at one moment: what it needs to go on from there. */
export interface NodeState {
  /** What its wall clock showed, in Unix milliseconds. */
  readonly wallMs: number;
  /** Of its tip. */
  readonly height: number;
  readonly tipHash: Hash;
  readonly memory: NodeMemory;
  /** Its store. */
  readonly rows: RowCopy;
}
