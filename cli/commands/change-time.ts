import { momentOf } from '../../client/moment.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { ClockQuery } from '../../client/operation-documents.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { UsageError } from '../cli-errors.ts';
import { formatClock, json, record } from '../output/output.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** Seconds that each suffix of a duration stands for. */
const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const DURATION = /^(\d{1,10})([smhd]?)$/;
/** Largest GraphQL `Int`. */
const MAX_SECONDS = 2 ** 31 - 1;

/** Flags of `forklore time`. */
export interface TimeFlags extends ClientFlags {
  readonly increase?: string;
  readonly set?: string;
  readonly nextBlock?: string;
}

/** A change of the node's clock; gives the time after it. */
type Change = (client: NodeClient) => Promise<Date>;

/** `forklore time`: shows the wall clock of the node, or moves it on a network with controls. */
export async function showTime(flags: TimeFlags, context: CliContext): Promise<void> {
  const change = changeOf(flags);
  await withNode(flags, context, async ({ client, transport }) => {
    if (change !== null) {
      const now = await unlessRefused('cannot change the time', change(client));
      return printTime(now.toISOString(), flags, context);
    }
    const { nodeInfo } = await transport.query(ClockQuery, {});
    printTime(nodeInfo.now, flags, context);
  });
}

function changeOf({ increase, set, nextBlock }: TimeFlags): Change | null {
  const given = [increase, set, nextBlock].filter((flag) => flag !== undefined);
  if (given.length > 1) throw new UsageError('--increase, --set and --next-block exclude each other: give one of them');
  if (increase !== undefined) {
    const seconds = parseDuration('--increase', increase);
    return (client) => client.increaseTime(seconds);
  }
  if (set !== undefined) {
    const at = parseMoment('--set', set);
    return (client) => client.setTime(at);
  }
  if (nextBlock === undefined) return null;
  const at = parseMoment('--next-block', nextBlock);
  return (client) => client.setNextBlockTime(at);
}

function parseDuration(label: string, text: string): number {
  const [, digits = '', unit = ''] = DURATION.exec(text) ?? [];
  const factor = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? UNIT_SECONDS[unit] : 1;
  const seconds = digits === '' ? Number.NaN : Number(digits) * factor;
  if (seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(`${label} must be seconds, or a number with s, m, h or d such as 90, 10m or 1h, not "${text}"`);
}

function parseMoment(label: string, text: string): Date {
  const at = momentOf(text);
  if (at === null) {
    throw new UsageError(`${label} must be a time such as 2030-01-01 or 2030-01-01T12:00:00Z, not "${text}"`);
  }
  return at;
}

function printTime(now: string, flags: ClientFlags, { terminal }: CliContext): void {
  if (flags.json) return terminal.print(json({ now }));
  terminal.print(record(terminal.colors, [['clock of the node', formatClock(now, Date.now())]]));
}
