import { ClientError } from '../../client/client-error.ts';
import type { NodeClient } from '../../client/node-client.ts';
import type { MinedBlock } from '../../client/types.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { CommandError } from '../cli-errors.ts';

const MS_PER_SECOND = 1_000;

/** What an agent wants mined. */
export interface MiningWish {
  readonly count: number;
  /** Who is paid; undefined: as the node is set. */
  readonly to: string | undefined;
}

/** What came of it. */
export interface MinedWithin {
  readonly blocks: readonly MinedBlock[];
  /** Why these are not all that were wanted, and what to do; null: they are. */
  readonly stopped: string | null;
}

/**
 * Lets a node mine for a limited time. The blocks are asked for one by one, so that all that were found are known when the
 * time is over or the node stops. Throws as the client does, and `CommandError`, where there is none to tell of.
 * @param limitMs time for all of them together
 */
export async function mineWithin(
  client: NodeClient,
  { count, to }: MiningWish,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<MinedWithin> {
  const endMs = performance.now() + limitMs;
  const blocks: MinedBlock[] = [];
  while (blocks.length < count) {
    const timeoutMs = Math.max(0, endMs - performance.now());
    try {
      const order = to === undefined ? {} : { to };
      blocks.push(...(await unlessRefused('the node does not mine', client.mine(order, { signal, timeoutMs }))));
    } catch (error) {
      if (error instanceof ClientError && error.kind === 'timeout') {
        const took = `${limitMs / MS_PER_SECOND} s, as long as one call may take`;
        return { blocks, stopped: `${blocks.length} of ${count} blocks in ${took}; call again for the others` };
      }
      if (!(error instanceof CommandError) || blocks.length === 0) throw error;
      return { blocks, stopped: error.message };
    }
  }
  return { blocks, stopped: null };
}
