import type { DefaultConnectionArguments } from '@pothos/plugin-relay';
import type { Address } from '../../consensus/address.ts';
import { MAX_NAME_CHARS } from '../../consensus/contract/limits.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import type { Hash } from '../../consensus/hash.ts';
import { quotable } from '../../consensus/quotable.ts';
import { decodeReceipt, type ReceiptEvent } from '../../consensus/receipt.ts';
import type { NodeContext } from '../node/node-context.ts';
import type { PlacedReceipt } from '../store/receipt-scan.ts';
import type { ChainPosition } from '../store/records.ts';
import { builder, DEFAULT_PAGE, pageComplexity } from './builder.ts';
import { accountArgument } from './contract.ts';
import { eventJson } from './contract-values.ts';
import { badInput } from './errors.ts';
import { FairQueue } from './fair-queue.ts';
import { shownAddress } from './models.ts';
import { checkPage } from './pages.ts';

/**
 * Bytes of records of receipts that are read for a page: what filters leave out costs as much as what they let through. A page ends there,
 * and the next one continues.
 */
const MAX_READ_BYTES = 1024 * 1024;
/** What reading a transaction costs besides its record, in bytes. */
const READ_OVERHEAD_BYTES = 512;
/** What reading that much counts in an operation: it takes some milliseconds. */
const READ_COMPLEXITY = 1_000;
const MAX_HEIGHT = 0xffff_ffff;
const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

const queue = new FairQueue();

/** Where an event stands in the active chain. */
interface EventPlace extends ChainPosition {
  /** Among the events of its transaction. */
  readonly event: number;
}

interface ConfirmedEvent {
  readonly event: ReceiptEvent;
  readonly place: EventPlace;
  readonly txid: Hash;
  readonly blockHash: Hash;
}

const ConfirmedEventRef = builder.objectRef<ConfirmedEvent>('ConfirmedEvent').implement({
  description: 'An event that a contract emitted in a transaction of the active chain. A reorg can take it back.',
  fields: (t) => ({
    contract: t.field({
      type: 'Address',
      description: 'The contract that emitted it.',
      resolve: ({ event }, _, { node }) => shownAddress(node, event.contract),
    }),
    name: t.string({ description: 'Name of the event.', resolve: ({ event }) => event.name }),
    values: t.field({
      type: 'Hex',
      description: 'Its encoded values, one after the other; see docs/contracts.md.',
      resolve: ({ event }) => event.values,
    }),
    valuesJson: t.string({
      description: 'Its values as the text of a JSON array, as `EmittedEvent.valuesJson`.',
      resolve: ({ event }, _, { node }) => eventJson(node, event),
    }),
    transaction: t.field({ type: 'Hash', description: 'Id of its transaction.', resolve: ({ txid }) => txid }),
    blockHash: t.field({ type: 'Hash', description: 'Its block.', resolve: ({ blockHash }) => blockHash }),
    blockHeight: t.int({ description: 'Height of its block.', resolve: ({ place }) => place.height }),
    index: t.int({
      description: 'Place among the events of its transaction, from 0.',
      resolve: ({ place }) => place.event,
    }),
  }),
});

builder.queryFields((t) => ({
  contractEvents: t.connection(
    {
      type: ConfirmedEventRef,
      description:
        'Events that contracts emitted on the active chain, newest first. A node reads a limited number of transactions for a page: it can have fewer events than asked for, also none, while `hasNextPage` is true; continue after `endCursor`. With `contract` only transactions that touch it are read; of blocks that an earlier version connected these are only its calls, until `--reindex`. Read with `first` and `after` only; `last` and `before` are refused with BAD_INPUT.',
      args: {
        contract: t.arg.string({ description: 'Only events that the contract at this address emitted.' }),
        name: t.arg.string({ description: 'Only events of this name.' }),
        transaction: t.arg({ type: 'Hash', description: 'Only events of this transaction.' }),
        fromHeight: t.arg.int({ description: 'Only events of blocks from this height on.' }),
        toHeight: t.arg.int({ description: 'Only events of blocks up to this height, itself included.' }),
      },
      complexity: (args) => ({ ...pageComplexity(args), field: READ_COMPLEXITY }),
      resolve: async (_, args, { node, requester }) => {
        const page = pageOf(node, args);
        await queue.waitForTurn(requester);
        return eventPage(node, page);
      },
    },
    { name: 'ConfirmedEventConnection', description: 'A page of events.' },
    { name: 'ConfirmedEventEdge', description: 'An event on a page.' },
  ),
}));

interface Arguments extends DefaultConnectionArguments {
  readonly contract?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly transaction?: Hash | null | undefined;
  readonly fromHeight?: number | null | undefined;
  readonly toHeight?: number | null | undefined;
}

/** What a page is to hold. */
interface Page {
  readonly contract: Address | undefined;
  readonly name: string | undefined;
  readonly transaction: Hash | undefined;
  readonly fromHeight: number;
  readonly toHeight: number;
  readonly after: EventPlace | undefined;
  readonly limit: number;
}

function pageOf(node: NodeContext, args: Arguments): Page {
  const { contract, name, transaction, fromHeight, toHeight, first, after } = args;
  if (args.last != null || args.before != null)
    throw badInput('last', 'this list can only be read from its start; use first and after');
  checkPage(args);
  if (name != null && (name.length > MAX_NAME_CHARS || !EVENT_NAME.test(name))) {
    const rule = `a letter, then letters, digits and _, at most ${MAX_NAME_CHARS} together`;
    throw badInput('name', `"${quotable(name)}" is no name of an event: ${rule}`);
  }
  if (fromHeight != null && fromHeight < 0) throw badInput('fromHeight', 'must not be negative');
  if (toHeight != null && toHeight < (fromHeight ?? 0))
    throw badInput('toHeight', `must not be below ${fromHeight == null ? '0' : `fromHeight, ${fromHeight}`}`);
  return {
    contract: contract == null ? undefined : accountArgument(node, 'contract', contract),
    name: name ?? undefined,
    transaction: transaction ?? undefined,
    fromHeight: fromHeight ?? 0,
    toHeight: toHeight ?? MAX_HEIGHT,
    after: after == null ? undefined : placeOf(after),
    limit: first ?? DEFAULT_PAGE,
  };
}

function eventPage(node: NodeContext, page: Page) {
  const edges: { cursor: string; node: ConfirmedEvent }[] = [];
  let readBytes = 0;
  let reached: string | null = null;
  let hasNextPage = false;
  for (const { receipt, readBytes: bytes, ...position } of receiptsFor(node, page)) {
    if (page.limit === 0 || position.height < page.fromHeight) break;
    hasNextPage = readBytes >= MAX_READ_BYTES;
    if (hasNextPage) break;
    readBytes += READ_OVERHEAD_BYTES + bytes;
    const found = eventsOf(node, page, position, receipt);
    const room = page.limit - edges.length;
    for (const each of found.slice(0, room)) edges.push({ cursor: cursorOf(each.place), node: each });
    hasNextPage = found.length > room;
    if (hasNextPage) break;
    reached = cursorOf({ ...position, event: 0 });
  }
  const [start, end] = [edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null];
  const endCursor = hasNextPage && edges.length < page.limit ? reached : end;
  return { edges, pageInfo: { hasNextPage, hasPreviousPage: false, startCursor: start, endCursor } };
}

function receiptsFor(node: NodeContext, { transaction, contract, toHeight, after }: Page): Iterable<PlacedReceipt> {
  const { store } = node;
  if (transaction !== undefined) {
    const location = store.transactionLocation(transaction);
    const { height, index } = location ?? { height: MAX_HEIGHT, index: 0 };
    const receipt = store.receipt(transaction)?.bytes;
    return location && height <= toHeight ? [{ height, index, receipt, readBytes: receipt?.length ?? 0 }] : [];
  }
  const top = { height: Math.min(toHeight, MAX_HEIGHT - 1) + 1, index: 0 };
  // The transaction of the cursor is read again: it can have more events.
  const isAfterBelow = after !== undefined && after.height < top.height;
  return store.receiptsBelow(isAfterBelow ? { height: after.height, index: after.index + 1 } : top, contract);
}

/** Events of a transaction that belong to a page, the last one first. */
function eventsOf(
  node: NodeContext,
  { contract, name, after }: Page,
  position: ChainPosition,
  receipt: PlacedReceipt['receipt'],
): ConfirmedEvent[] {
  const { events } = receipt === undefined ? { events: [] } : decodeReceipt(receipt);
  const isWanted = (event: ReceiptEvent, place: EventPlace) =>
    (contract === undefined || event.contract === contract) &&
    (name === undefined || event.name === name) &&
    (after === undefined || isBefore(place, after));
  return events
    .flatMap((event, index): ConfirmedEvent[] => {
      const place = { ...position, event: index };
      return isWanted(event, place) ? [{ event, place, ...transactionAt(node, event.contract, position) }] : [];
    })
    .reverse();
}

function transactionAt(node: NodeContext, contract: Address, position: ChainPosition): { txid: Hash; blockHash: Hash } {
  const { store } = node;
  const blockHash = store.hashAtHeight(position.height);
  assertInvariant(blockHash !== undefined, `there is no block at height ${position.height}`);
  // An earlier version did not list a transaction with each contract that emits events: then the block tells.
  const txid =
    store.accountTransactionAt(contract, position) ?? store.block(blockHash)?.transactions[position.index]?.txid;
  assertInvariant(txid !== undefined, `block ${blockHash} has no transaction ${position.index}`);
  return { txid, blockHash };
}

function isBefore(a: EventPlace, b: EventPlace): boolean {
  return a.height - b.height < 0 || (a.height === b.height && (a.index - b.index || a.event - b.event) < 0);
}

function cursorOf({ height, index, event }: EventPlace): string {
  return `${height}.${index}.${event}`;
}

function placeOf(cursor: string): EventPlace {
  const [, height, index, event] = /^([0-9]{1,9})\.([0-9]{1,6})\.([0-9]{1,2})$/.exec(cursor) ?? [];
  if (event === undefined) throw badInput('after', `"${quotable(cursor)}" is not a cursor of this list`);
  return { height: Number(height), index: Number(index), event: Number(event) };
}
