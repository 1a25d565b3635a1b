import type { NetworkParams } from '../consensus/params.ts';
import type { EventContext } from './event-context.ts';
import { type BlockEntry, earliestTimeAfter } from './header-index.ts';
import { wallSeconds } from './time.ts';

/**
 * Seconds beyond the future limit from which a wrong clock is the likely cause: blocks are only mined up to the limit, so
 * a clock that is further behind its own chain was set back, or was wrong when the machine started.
 */
const DOUBTFUL_SECONDS = 60;
/** Units, largest first: a distance is shown in the first one of which it has at least two, beside the seconds. */
const UNITS = [
  ['days', 86_400],
  ['hours', 3_600],
  ['minutes', 60],
] as const;

/** Why the next block cannot be mined yet: its earliest valid time is further ahead of the clock than the network allows. Null: it can. */
export function tooFarAhead(parent: BlockEntry, params: NetworkParams, nowSeconds: number): string | null {
  const aheadSeconds = earliestTimeAfter(parent) - nowSeconds;
  const overSeconds = aheadSeconds - params.futureLimitSeconds;
  if (overSeconds <= 0) return null;
  if (overSeconds > DOUBTFUL_SECONDS) {
    return `this node's clock is ${distance(aheadSeconds)} behind its chain, and is probably wrong: correct it`;
  }
  return (
    `the next block would be ${distance(aheadSeconds)} ahead of this node's clock, and at most ` +
    `${params.futureLimitSeconds} s are allowed: mine again in ${distance(overSeconds)}`
  );
}

/**
 * Warns of a clock that cannot be right, as measured by the chain (a board without a battery, a machine that slept): with
 * it the node would refuse what others mine.
 */
export function warnOfClock(context: EventContext, tip: BlockEntry, params: NetworkParams): void {
  const nowSeconds = wallSeconds(context.now);
  const behindGenesis = params.genesisTime - nowSeconds;
  const behindTip = tip.record.header.time - nowSeconds;
  if (behindGenesis <= 0 && behindTip <= params.futureLimitSeconds) return;
  const [what, behindSeconds] =
    behindGenesis > 0 ? ['the genesis block', behindGenesis] : ['the last block', behindTip];
  const message = `this machine's clock is ${distance(behindSeconds)} behind ${what} of the chain, and is probably wrong`;
  context.emit({ type: 'log', level: 'warn', message, fields: { behindSeconds } });
}

/** `90 s`, and the same in a larger unit where that says more: `34715520 s (402 days)`. */
export function distance(seconds: number): string {
  const unit = UNITS.find(([, size]) => seconds >= 2 * size);
  return unit ? `${seconds} s (${Math.round(seconds / unit[1])} ${unit[0]})` : `${seconds} s`;
}
