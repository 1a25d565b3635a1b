import { ClientError } from './client-error.ts';
import type { NodeTransport } from './node-transport.ts';
import type { BlockPlace } from './types.ts';
import { watchNode } from './watch-node.ts';

/** Resolves with a tip of at least this height. Throws {@link ClientError}. */
export async function waitForHeight(
  transport: NodeTransport,
  height: number,
  signal: AbortSignal | undefined,
): Promise<BlockPlace> {
  for await (const update of watchNode(transport, { signal })) {
    if (update.kind === 'tip' && update.tip.height >= height) return update.tip;
    if (update.kind !== 'event' || update.event.__typename !== 'BlockEvent') continue;
    const { block } = update.event;
    if (block.height >= height) return { hash: block.hash, height: block.height };
  }
  throw new ClientError('lost', `the stream of ${transport.url} has ended`);
}
