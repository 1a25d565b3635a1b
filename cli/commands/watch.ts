import type { NodeEvent } from '../../client/types.ts';
import { parseChoice } from '../../server/settings/option-values.ts';
import { eventJson, eventLine } from '../output/event-line.ts';
import { untilSignal } from '../signals.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';
import { DEFAULT_EVENT_NAMES, EVENT_NAMES, type EventName } from './event-names.ts';

/** Flags of `forklore watch`. */
export interface WatchFlags extends ClientFlags {
  readonly after?: string;
}

const TYPE_NAMES: Readonly<Record<EventName, NodeEvent['__typename']>> = {
  block: 'BlockEvent',
  reorg: 'ReorgEvent',
  mempool: 'MempoolEvent',
  contract: 'ContractEvent',
  peers: 'PeersEvent',
  sync: 'SyncEvent',
  miner: 'MinerEvent',
};

/**
 * `forklore watch`: shows the events of a node as they happen, until the program is asked to stop. A lost connection is
 * opened again, and goes on where it was; what is missing then is told.
 */
export async function watch(names: readonly string[], flags: WatchFlags, context: CliContext): Promise<void> {
  const chosen =
    names.length === 0 ? DEFAULT_EVENT_NAMES : names.map((text) => parseChoice('EVENT', text, EVENT_NAMES));
  const shown = new Set<NodeEvent['__typename']>(['GapEvent', 'ResetEvent', ...chosen.map((name) => TYPE_NAMES[name])]);
  const { terminal } = context;
  await withNode(flags, context, async ({ client }) => {
    // Over HTTP first: a node that is not there is explained best there.
    const { cursor } = await client.nodeInfo();
    const events = client.events({ after: flags.after ?? cursor });
    void untilSignal().then(() => events.return());
    for await (const event of events) {
      if (!shown.has(event.__typename)) continue;
      terminal.print(flags.json ? eventJson(event) : eventLine(event, terminal.colors, Date.now()));
    }
  });
}
