import type { ConfirmedEvent } from '../../client/contract-types.ts';
import type { NodeClient } from '../../client/node-client.ts';
import type { NodeEvent } from '../../client/types.ts';
import { shortHash } from '../../consensus/hash.ts';
import { parseWholeNumber } from '../../server/settings/option-values.ts';
import { contractAddressOf } from '../contract/contract-address.ts';
import { emittedJson, eventText } from '../contract/contract-text.ts';
import { eventJson, eventLine } from '../output/event-line.ts';
import { type Colors, orDash } from '../output/output.ts';
import { untilSignal } from '../signals.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

const DEFAULT_SHOWN = 20;
const MAX_SHOWN = 1_000;
/** Of one question; the API gives no more. */
const MAX_PAGE = 100;

/** Flags of `forklore contract events`. */
interface EventsFlags extends ClientFlags {
  readonly name?: string;
  readonly limit?: string;
  readonly follow?: boolean;
}

interface Filter {
  readonly contract?: string;
  readonly name?: string;
}

/** An event, and whether a reorg has taken it back. */
type ToldEvent = ConfirmedEvent & { readonly takenBack: boolean };

/**
 * `forklore contract events`: what contracts emitted on the active chain, the latest last; with `--follow` also what comes, and what a
 * reorg takes back, until the program is asked to stop.
 */
export async function showContractEvents(
  address: string | undefined,
  flags: EventsFlags,
  context: CliContext,
): Promise<void> {
  const limit = flags.limit === undefined ? DEFAULT_SHOWN : parseWholeNumber('--limit', flags.limit, 0, MAX_SHOWN);
  const filter: Filter = {
    ...(address !== undefined && { contract: contractAddressOf(address).toLowerCase() }),
    ...(flags.name !== undefined && { name: flags.name }),
  };
  const { terminal } = context;
  const print = (event: ToldEvent) =>
    terminal.print(flags.json ? JSON.stringify(emittedJson(event)) : lineOf(event, filter, terminal.colors));
  await withNode(flags, context, async ({ client }) => {
    // One answer: what is above this height comes behind this cursor.
    const { cursor, sync } = await client.nodeInfo();
    const past = await latest(client, { ...filter, toHeight: sync.height }, limit);
    for (const event of past.reverse()) print({ ...event, takenBack: false });
    if (!flags.follow) return;
    // A reorg between the two questions brought events that are told again behind the cursor.
    const shown = new Set(past.map(placeOf));
    const tell = (event: ToldEvent) => {
      if (event.takenBack) shown.delete(placeOf(event));
      if (event.takenBack || !shown.has(placeOf(event))) print(event);
    };
    const events = client.events({ after: cursor });
    void untilSignal().then(() => events.return());
    for await (const event of events) {
      if (event.__typename === 'ContractEvent') toldBy(event, filter).forEach(tell);
      else if (event.__typename === 'GapEvent' || event.__typename === 'ResetEvent') {
        terminal.print(flags.json ? eventJson(event) : eventLine(event, terminal.colors, Date.now()));
      }
    }
  });
}

/** The latest events, newest first. */
async function latest(
  client: NodeClient,
  filter: Filter & { readonly toHeight: number },
  limit: number,
): Promise<ConfirmedEvent[]> {
  const found: ConfirmedEvent[] = [];
  let after: string | null = null;
  while (found.length < limit) {
    const first = Math.min(MAX_PAGE, limit - found.length);
    const page = await client.contractEvents({ ...filter, first, ...(after !== null && { after }) });
    found.push(...page.events);
    if (!page.hasNextPage) break;
    after = page.endCursor;
  }
  return found;
}

/** Where an event stands in a chain. */
function placeOf({ blockHash, transaction, index }: ConfirmedEvent): string {
  return `${blockHash} ${transaction} ${index}`;
}

/** The events of a transaction that are wanted. */
function toldBy(
  { takenBack, transaction, blockHash, blockHeight, events }: Extract<NodeEvent, { __typename: 'ContractEvent' }>,
  { contract, name }: Filter,
): ToldEvent[] {
  const told = events.map((event, index) => ({ ...event, transaction, blockHash, blockHeight, index, takenBack }));
  return told.filter(
    (event) => (contract === undefined || event.contract === contract) && (name === undefined || event.name === name),
  );
}

function lineOf(event: ToldEvent, { contract }: Filter, colors: Colors): string {
  const { blockHeight, transaction, takenBack } = event;
  const of = contract === undefined ? ` of ${orDash(event.contract)}` : '';
  const text = `${orDash(blockHeight)}  ${orDash(shortHash(transaction))}  ${takenBack ? 'taken back: ' : ''}${eventText(event)}${of}`;
  return takenBack ? colors.yellow(text) : text;
}
