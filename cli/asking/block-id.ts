import type { NodeClient } from '../../client/node-client.ts';
import { isHash } from '../../consensus/hash.ts';
import { CommandError, UsageError } from '../cli-errors.ts';

/** Largest GraphQL `Int`. */
const MAX_HEIGHT = 2 ** 31 - 1;

/** A block hash as text, or a height as a number. Throws `UsageError` that names `label`. */
export function parseBlockId(label: string, text: string): string | number {
  const lower = text.toLowerCase();
  if (isHash(lower)) return lower;
  const height = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (height <= MAX_HEIGHT) return height;
  throw new UsageError(`${label} must be a block hash (64 hex digits) or a height, not "${text}"`);
}

/**
 * The hash of the block that is meant: a height is one of the active chain. Throws `CommandError` where the node has no
 * block there.
 */
export async function blockHashOf(client: NodeClient, id: string | number): Promise<string> {
  if (typeof id === 'string') return id;
  const block = await client.block(id);
  if (block === null) throw unknownBlock(id);
  return block.hash;
}

/** A node has no such block. */
export function unknownBlock(id: string | number): CommandError {
  return new CommandError(`the node knows no block ${typeof id === 'number' ? `at height ${id}` : `with hash ${id}`}`);
}
