import type { NodeEvent } from '../../client/types.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { shortHash } from '../../consensus/hash.ts';
import { emittedJson, eventText } from '../contract/contract-text.ts';
import { type Colors, formatHashrate, orDash } from './output.ts';

/** Ids of one event that are shown; of more, the number. */
const MAX_SHOWN_IDS = 3;
const CLOCK_LENGTH = 'hh:mm:ss'.length;

type EventOf<Name extends NodeEvent['__typename']> = Extract<NodeEvent, { __typename: Name }>;

/**
 * An event of a node in one line for people.
 * @param nowMs Unix milliseconds: the time of a gap, which has none of its own
 */
export function eventLine(event: NodeEvent, colors: Colors, nowMs: number): string {
  const at = new Date('at' in event ? event.at : nowMs).toTimeString().slice(0, CLOCK_LENGTH);
  return `${colors.dim(at)}  ${textOf(event, colors)}`;
}

/** An event as the API gives it, in one line of JSON. */
export function eventJson(event: NodeEvent): string {
  if (event.__typename === 'ContractEvent') return JSON.stringify({ ...event, events: event.events.map(emittedJson) });
  if (event.__typename !== 'BlockEvent') return JSON.stringify(event);
  return JSON.stringify({ ...event, block: { ...event.block, reward: formatAmount(event.block.reward) } });
}

function textOf(event: NodeEvent, colors: Colors): string {
  switch (event.__typename) {
    case 'BlockEvent':
      return blockText(event, colors);
    case 'ReorgEvent':
      return colors.yellow(reorgText(event));
    case 'MempoolEvent':
      return mempoolText(event);
    case 'PeersEvent':
      return `peers    ${event.peers.length}${listed(event.peers.map(({ url, id }) => orDash(url ?? id)))}`;
    case 'MinerEvent':
      return `miner    ${minerModeText(event.miner.mode)}, ${event.miner.working ? formatHashrate(event.miner.hashrate) : 'at rest'}`;
    case 'SyncEvent':
      return `sync     ${orDash(event.sync.state.toLowerCase())}, height ${orDash(event.sync.height)} of ${orDash(event.sync.targetHeight)}`;
    case 'ContractEvent':
      return event.takenBack ? colors.yellow(contractText(event)) : contractText(event);
    case 'ResetEvent':
      return colors.yellow(
        `reset    back to a snapshot: ${orDash(event.tip.height)}  ${orDash(event.tip.hash)} is the tip`,
      );
    case 'GapEvent':
      return colors.red(gapText(event));
  }
}

/** `CONTINUOUS` as the flags write it: `continuous`. */
export function minerModeText(mode: string): string {
  return orDash(mode.toLowerCase().replaceAll('_', '-'));
}

function blockText({ block }: EventOf<'BlockEvent'>, colors: Colors): string {
  const { height, hash, transactionCount, reward, miner } = block;
  const place = `${colors.bold(orDash(height))}  ${orDash(hash)}`;
  return `block    ${place}  ${counted(transactionCount, 'transaction')}, ${formatAmount(reward)} to ${orDash(miner)}`;
}

function reorgText({ reorg }: EventOf<'ReorgEvent'>): string {
  const { disconnected, connected, commonAncestor, returnedToMempool, dropped } = reorg;
  const blocks = `${counted(disconnected.length, 'block')} disconnected, ${connected.length} connected`;
  const fate = `transactions: ${returnedToMempool.length} back in the mempool, ${dropped.length} dropped`;
  return `reorg    ${blocks} after ${orDash(shortHash(commonAncestor))}; ${fate}`;
}

function mempoolText({ change }: EventOf<'MempoolEvent'>): string {
  const { added, removed, size } = change;
  const left = removed.map(({ id, reason }) => `${shortHash(id)} ${reason.toLowerCase()}`);
  const parts = [
    added.length === 0 ? '' : `+${added.length}${listed(added.map(shortHash))}`,
    removed.length === 0 ? '' : `-${removed.length}${listed(left)}`,
    `${size} in all`,
  ];
  return `mempool  ${parts.filter((part) => part !== '').join(', ')}`;
}

function contractText({ takenBack, transaction, blockHeight, events }: EventOf<'ContractEvent'>): string {
  const place = `${shortHash(transaction)} at height ${orDash(blockHeight)}`;
  const told = events.map((event) => `${eventText(event)} of ${orDash(event.contract)}`);
  return `contract ${takenBack ? 'taken back: ' : ''}${told.join(', ')} (${place})`;
}

function gapText({ missed }: EventOf<'GapEvent'>): string {
  if (missed === null) return 'gap      events are missing here, nobody knows how many';
  return `gap      ${counted(missed, 'event')} missing here`;
}

/** In parentheses, where there are any. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, MAX_SHOWN_IDS).map((name) => orDash(name));
  return ` (${[...shown, ...(names.length > shown.length ? ['…'] : [])].join(', ')})`;
}

function counted(count: number, noun: string): string {
  return `${orDash(count)} ${noun}${count === 1 ? '' : 's'}`;
}
