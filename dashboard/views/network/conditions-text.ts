import type { LinkConditions } from '../../../client/link-conditions.ts';
import { i18n } from '../../text/i18n.svelte.ts';

/** Conditions in a few words, such as `50–200 ms, 1% lost`. */
export function conditionsText(conditions: LinkConditions): string {
  const { bytesPerSecond, loss, cut } = conditions;
  const t = i18n.messages.weather;
  const delay = delayText(conditions);
  return [
    delay,
    bytesPerSecond !== null && t.perSecond(i18n.bytes(bytesPerSecond)),
    loss > 0 && t.lost(i18n.share(loss)),
    cut && t.blocked,
  ]
    .filter(Boolean)
    .join(', ');
}

/** The delay alone; empty where there is none. */
function delayText({ delayMs }: LinkConditions): string {
  const [least = 0, most = least] = delayMs;
  if (!(most > 0)) return '';
  return i18n.messages.weather.delay(least === most ? i18n.whole(most) : `${i18n.whole(least)}–${i18n.whole(most)}`);
}
