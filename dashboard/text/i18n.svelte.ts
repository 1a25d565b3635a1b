import { en, type Messages } from './en.ts';

/** Languages of the page. */
export const LANGUAGES = { en: 'English', ko: '한국어' } as const;
export type Language = keyof typeof LANGUAGES;

const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
/** Below this, a time that has passed is now, and so is one to come: two clocks of one machine differ as much. */
const NOW_SECONDS = 2;
const MAX_DECIMALS = 8;

/** What the page says, and how numbers and times are written, in the language of its reader. */
class I18n {
  language = $state<Language>('en');
  messages = $state.raw<Messages>(en);

  /** The language that a browser prefers among ours. */
  preferred(languages: readonly string[]): Language {
    const first = languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((code) => code in LANGUAGES);
    return (first as Language | undefined) ?? 'en';
  }

  async use(language: Language): Promise<void> {
    this.messages = language === 'ko' ? (await import('./ko.ts')).ko : en;
    this.language = language;
  }

  readonly #whole = $derived(new Intl.NumberFormat(this.language, { maximumFractionDigits: 0 }));
  readonly #decimal = $derived(new Intl.NumberFormat(this.language, { maximumFractionDigits: 2 }));
  readonly #significant = $derived(new Intl.NumberFormat(this.language, { maximumSignificantDigits: 3 }));
  readonly #compact = $derived(
    new Intl.NumberFormat(this.language, { notation: 'compact', maximumSignificantDigits: 3 }),
  );
  readonly #coins = $derived(new Intl.NumberFormat(this.language, { maximumFractionDigits: MAX_DECIMALS }));
  readonly #percent = $derived(new Intl.NumberFormat(this.language, { style: 'percent', maximumFractionDigits: 0 }));
  readonly #share = $derived(new Intl.NumberFormat(this.language, { style: 'percent', maximumSignificantDigits: 2 }));
  readonly #clock = $derived(new Intl.DateTimeFormat(this.language, { timeStyle: 'medium' }));
  readonly #moment = $derived(new Intl.DateTimeFormat(this.language, { dateStyle: 'medium', timeStyle: 'medium' }));
  readonly #ago = $derived(new Intl.RelativeTimeFormat(this.language, { numeric: 'always', style: 'short' }));
  readonly #units = $derived({
    millisecond: this.#unit('millisecond'),
    second: this.#unit('second'),
    minute: this.#unit('minute'),
    hour: this.#unit('hour'),
    day: this.#unit('day'),
  });

  /** A whole number with separators. */
  whole(value: number | bigint): string {
    return this.#whole.format(value);
  }

  decimal(value: number): string {
    return this.#decimal.format(value);
  }

  /** Three significant digits. */
  significant(value: number): string {
    return this.#significant.format(value);
  }

  /** Such as 1.2M. */
  compact(value: number | bigint): string {
    return this.#compact.format(value);
  }

  percent(share: number): string {
    return this.#percent.format(share);
  }

  /** A share that may be small: two digits that say something. */
  share(share: number): string {
    return this.#share.format(share);
  }

  /** Coins: decimal text of any length, never by way of a float. */
  coins(amount: string): string {
    return this.#coins.format(amount as `${number}`);
  }

  /** Hashes per second. */
  hashrate(perSecond: number): string {
    return perSecond === 0 ? '0 H/s' : `${this.#si(perSecond)}H/s`;
  }

  bytes(count: number): string {
    return count < 1_000 ? `${this.whole(count)} B` : `${this.significant(count / 1_000)} kB`;
  }

  /** Such as `850 ms`, `12 s`, `3 min`. */
  duration(ms: number): string {
    const seconds = ms / MS_PER_SECOND;
    if (seconds < 1) return this.#units.millisecond.format(Math.round(ms));
    if (seconds < SECONDS_PER_MINUTE)
      return this.#units.second.format(seconds < 10 ? round1(seconds) : Math.round(seconds));
    if (seconds < SECONDS_PER_HOUR) return this.#units.minute.format(round1(seconds / SECONDS_PER_MINUTE));
    if (seconds < SECONDS_PER_DAY) return this.#units.hour.format(round1(seconds / SECONDS_PER_HOUR));
    return this.#units.day.format(round1(seconds / SECONDS_PER_DAY));
  }

  /**
   * Such as `12 sec. ago`. What is shown has happened: where its time is still to come, the clock that gave it is ahead,
   * or it is a block of many that were mined at once, each of which must be later than those before.
   */
  ago(atMs: number, nowMs: number): string {
    const seconds = Math.round((nowMs - atMs) / MS_PER_SECOND);
    if (Math.abs(seconds) < NOW_SECONDS) return this.messages.common.now;
    if (this.isAhead(atMs, nowMs)) return this.messages.common.ahead(this.duration(-seconds * MS_PER_SECOND));
    const size = Math.abs(seconds);
    if (size < SECONDS_PER_MINUTE) return this.#ago.format(-seconds, 'second');
    if (size < SECONDS_PER_HOUR) return this.#ago.format(-Math.round(seconds / SECONDS_PER_MINUTE), 'minute');
    if (size < SECONDS_PER_DAY) return this.#ago.format(-Math.round(seconds / SECONDS_PER_HOUR), 'hour');
    return this.#ago.format(-Math.round(seconds / SECONDS_PER_DAY), 'day');
  }

  /** Whether a time is still to come, and not only by the imprecision of clocks. */
  isAhead(atMs: number, nowMs: number): boolean {
    return Math.round((nowMs - atMs) / MS_PER_SECOND) <= -NOW_SECONDS;
  }

  /** Time of day. */
  time(ms: number): string {
    return this.#clock.format(ms);
  }

  /** Date and time. */
  moment(ms: number): string {
    return this.#moment.format(ms);
  }

  #unit(unit: string): Intl.NumberFormat {
    return new Intl.NumberFormat(this.language, { style: 'unit', unit, maximumFractionDigits: 1 });
  }

  #si(value: number): string {
    const steps = [
      [1e9, 'G'],
      [1e6, 'M'],
      [1e3, 'k'],
    ] as const;
    const step = steps.find(([size]) => value >= size);
    return step ? `${this.significant(value / step[0])} ${step[1]}` : `${this.significant(value)} `;
  }
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

export const i18n = new I18n();
