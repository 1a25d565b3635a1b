import type { LinkConditions } from '../../client/link-conditions.ts';
import type { Peer } from '../../client/types.ts';
import { numbers, parseNumber, wholeNumbers } from '../../consensus/number-range.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { parsePeerUrl } from '../../server/settings/peer-url-value.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { UsageError } from '../cli-errors.ts';
import { describeConditions, weatherText } from '../output/link-lines.ts';
import { json } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** Largest GraphQL `Int`. Which values make sense is for the node to say. */
const MAX_INT = 2 ** 31 - 1;

/** Flags of `forklore weather set`. */
export interface WeatherFlags extends ClientFlags {
  readonly delay?: string;
  readonly bytesPerSecond?: string;
  readonly loss?: string;
  readonly cut?: boolean;
}

/** `forklore weather show`: what messages from the node to others meet. */
export async function showWeather(flags: ClientFlags, context: CliContext): Promise<void> {
  const { terminal } = context;
  await askNode(flags, context, async ({ client }) => {
    const links = await client.linkConditions();
    if (flags.json) return terminal.print(json(links));
    if (links.length === 0) return terminal.print('no link of this node has conditions');
    terminal.print(weatherText(links, terminal.colors));
  });
}

/** `forklore weather set`: sets what messages from the node to another meet. */
export async function setWeather(text: string, flags: WeatherFlags, context: CliContext): Promise<void> {
  const conditions = conditionsOf(flags);
  await withNode(flags, context, async ({ client }) => {
    const peers = await client.peers();
    const peer = idOrUrl(text, peers);
    // Before the conditions, which may be a cut.
    const isConnected = peers.some(({ id, url }) => id === peer || url === peer);
    const words = `cannot set the conditions of the link to ${printable(peer)}`;
    const link = await unlessRefused(words, client.setLinkConditions(peer, conditions));
    if (flags.json) return context.terminal.print(json(link));
    context.terminal.print(`messages to ${printable(link.url)} from now on: ${describeConditions(link.conditions)}`);
    if (!isConnected)
      context.terminal.print('no peer is connected there now: the conditions are for one that may come');
  });
}

/** `forklore weather clear`: ends the conditions of one link of the node, or of all. */
export async function clearWeather(text: string | undefined, flags: ClientFlags, context: CliContext): Promise<void> {
  await withNode(flags, context, async ({ client }) => {
    const peer = text === undefined ? undefined : idOrUrl(text, await client.peers());
    const urls = await unlessRefused('cannot clear the weather', client.clearLinkConditions(peer));
    const line = urls.length === 0 ? 'no conditions were set' : `cleared: ${urls.map(printable).join(', ')}`;
    context.terminal.print(flags.json ? json({ urls }) : line);
  });
}

/** An id comes first: it is what the peers are listed by. */
function idOrUrl(text: string, peers: readonly Peer[]): string {
  return peers.some(({ id }) => id === text) ? text : parsePeerUrl({ label: 'PEER', text });
}

function conditionsOf({ delay, bytesPerSecond, loss, cut }: WeatherFlags): Partial<LinkConditions> {
  const conditions = {
    ...(delay !== undefined && { delayMs: parseDelay(delay) }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond: parseRate(bytesPerSecond) }),
    ...(loss !== undefined && { loss: parseLoss(loss) }),
    ...(cut && { cut }),
  };
  if (Object.keys(conditions).length > 0) return conditions;
  throw new UsageError('give one of --delay, --bytes-per-second, --loss and --cut; forklore weather clear ends all');
}

function parseDelay(text: string): number[] {
  const [least = '', most = least, ...rest] = text.split('..');
  const delayMs = [least, most].map((each) => parseNumber(wholeNumbers(0, MAX_INT), each));
  if (rest.length === 0 && delayMs.every((each) => each !== null)) return delayMs;
  throw new UsageError(`--delay must be milliseconds such as 200 or 50..200, not "${quotable(text)}"`);
}

function parseRate(text: string): number {
  const rate = parseNumber(wholeNumbers(1, MAX_INT), text);
  if (rate !== null) return rate;
  throw new UsageError(`--bytes-per-second must be a whole number such as 20000, not "${quotable(text)}"`);
}

function parseLoss(text: string): number {
  const loss = parseNumber(numbers(0, 1), text);
  if (loss !== null) return loss;
  throw new UsageError(`--loss must be a probability from 0 to 1 such as 0.01, not "${quotable(text)}"`);
}
