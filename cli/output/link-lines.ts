import type { ConditionedLink, LinkConditions } from '../../client/link-conditions.ts';
import { type Colors, orDash } from './output.ts';
import { table } from './table.ts';

/** Conditions in a few words: `delay 50..200 ms, 20000 bytes/s, loss 0.01`, or `cut`. */
export function describeConditions({ delayMs, bytesPerSecond, loss, cut }: LinkConditions): string {
  if (cut) return 'cut';
  const [least = 0, most = least] = delayMs;
  const parts: string[] = [];
  if (most > 0) parts.push(`delay ${least === most ? most : `${least}..${most}`} ms`);
  if (bytesPerSecond !== null) parts.push(`${bytesPerSecond} bytes/s`);
  if (loss > 0) parts.push(`loss ${loss}`);
  return orDash(parts.join(', ') || null);
}

/** The links of a node that have conditions, below a mark that is hard to overlook. */
export function weatherText(links: readonly ConditionedLink[], colors: Colors): string {
  const mark = colors.inverse(colors.yellow(' WEATHER '));
  const rows = links.map(({ url, conditions }) => [orDash(url), describeConditions(conditions)]);
  const end = colors.dim('forklore weather clear ends it.');
  return `${mark} messages from this node:\n${table(colors, ['to', 'conditions'], rows)}\n${end}`;
}
