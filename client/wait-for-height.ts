import { ClientError } from './client-error.ts';
import type { NodeTransport } from './node-transport.ts';
import type { BlockPlace } from './types.ts';
import { type NodeUpdate, NodeWatch } from './watch-node.ts';

/** Resolves with a tip of at least this height; `onTip` is told the lower ones. Throws {@link ClientError}. */
export async function waitForHeight(
  transport: NodeTransport,
  height: number,
  signal: AbortSignal | undefined,
  onTip: (tip: BlockPlace) => void,
): Promise<BlockPlace> {
  for await (const tip of new NodeWatch({ transport, pick: tipOf, signal })) {
    if (tip.height >= height) return tip;
    onTip(tip);
  }
  throw new ClientError('lost', `the stream of ${transport.url} has ended`);
}

function tipOf(update: NodeUpdate): BlockPlace | null {
  if (update.kind === 'tip') return update.tip;
  if (update.event.__typename !== 'BlockEvent') return null;
  const { hash, height } = update.event.block;
  return { hash, height };
}
