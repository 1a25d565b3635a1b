import { afterEach, describe, expect, it } from 'vitest';
import { i18n } from '../../dashboard/text/i18n.svelte.ts';
import { ko } from '../../dashboard/text/ko.ts';

type Dictionary = { readonly [key: string]: string | Dictionary | ((...values: never[]) => string) };

/** Paths of all messages that are texts. */
function textsIn(dictionary: Dictionary, prefix = ''): (readonly [path: string, text: string])[] {
  return Object.entries(dictionary).flatMap(([key, value]) => {
    if (typeof value === 'string') return [[`${prefix}${key}`, value] as const];
    return typeof value === 'function' ? [] : textsIn(value, `${prefix}${key}.`);
  });
}

afterEach(() => i18n.use('en'));

describe('the languages', () => {
  it('leave nothing in English in Korean', () => {
    const untranslated = textsIn(ko).filter(([, text]) => !/[가-힣]/.test(text));
    expect(untranslated).toEqual([]);
  });

  it.each([
    [['ko-KR', 'en'], 'ko'],
    [['de', 'ko'], 'ko'],
    [['en-GB', 'ko'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('of a browser that prefers %j is %s', (languages, language) => {
    expect(i18n.preferred(languages)).toBe(language);
  });

  it('write numbers and times their own way', async () => {
    expect(i18n.whole(1_234_567)).toBe('1,234,567');
    expect(i18n.duration(850)).toBe('850 ms');
    expect(i18n.duration(90_000)).toBe('1.5 min');
    expect(i18n.ago(0, 65_000)).toBe('1 min. ago');
    expect(i18n.ago(0, 1_000)).toBe('now');
    expect(i18n.hashrate(123_456)).toBe('123 kH/s');
    expect(i18n.hashrate(0)).toBe('0 H/s');
    expect(i18n.bytes(167)).toBe('167 B');
    await i18n.use('ko');
    expect(i18n.ago(0, 65_000)).toBe('1분 전');
    expect(i18n.messages.nav.mempool).toBe('멤풀');
  });

  it('say of a time that is still to come that its clock is ahead', async () => {
    expect(i18n.ago(360_000, 0)).toBe('its clock is 6 min ahead');
    expect(i18n.ago(5_000, 0)).toBe('its clock is 5 sec ahead');
    expect(i18n.ago(1_000, 0)).toBe('now');
    await i18n.use('ko');
    expect(i18n.ago(360_000, 0)).toBe('시계가 6분 앞섬');
  });

  it('never round coins', () => {
    expect(i18n.coins('184467440737.09551615')).toBe('184,467,440,737.09551615');
    expect(i18n.coins('0.00000001')).toBe('0.00000001');
  });
});
