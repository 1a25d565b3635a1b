import { describe, expect, it } from 'vitest';
import { draftOf, readDraft, WEATHER_RANGES, type WeatherDraft } from '../../dashboard/model/weather-draft.ts';

const EMPTY: WeatherDraft = { least: '', most: '', bytesPerSecond: '', loss: '' };
const read = (fields: Partial<WeatherDraft>) => readDraft({ ...EMPTY, ...fields });

describe('the fields for the weather of a link', () => {
  it('are empty where nothing is set, and for what changes nothing', () => {
    expect(draftOf(null)).toEqual(EMPTY);
    expect(draftOf({ delayMs: [0, 0], bytesPerSecond: null, loss: 0, cut: true })).toEqual(EMPTY);
  });

  it('show a loss in percent, without what floats add to it', () => {
    const conditions = { delayMs: [0, 40], bytesPerSecond: 50_000, loss: 0.07, cut: false };
    expect(draftOf(conditions)).toEqual({ least: '0', most: '40', bytesPerSecond: '50000', loss: '7' });
  });

  it('give back what they were filled with', () => {
    for (const loss of [0, 0.001, 0.07, 0.29, 1]) {
      const conditions = { delayMs: [20, 40], bytesPerSecond: 1, loss };
      const { conditions: again } = readDraft(draftOf({ ...conditions, cut: false }));
      expect(again).toEqual({ ...conditions, loss: expect.closeTo(loss, 12) });
    }
  });

  it('take one delay for both, and nothing for none', () => {
    expect(read({ least: ' 20 ' }).conditions).toEqual({ delayMs: [20, 20], bytesPerSecond: null, loss: 0 });
    expect(read({ most: '20' }).conditions?.delayMs).toEqual([20, 20]);
    expect(read({})).toEqual({ conditions: { delayMs: [0, 0], bytesPerSecond: null, loss: 0 }, problems: {} });
  });

  it.each([
    ['least', '1.5', WEATHER_RANGES.delay],
    ['most', '60001', WEATHER_RANGES.delay],
    ['bytesPerSecond', '0', WEATHER_RANGES.bytesPerSecond],
    ['loss', '100.1', WEATHER_RANGES.loss],
    ['loss', 'x', WEATHER_RANGES.loss],
  ] as const)('refuse as %s: %s', (field, text, range) => {
    expect(read({ [field]: text })).toEqual({ conditions: null, problems: { [field]: { kind: 'range', range } } });
  });

  it('refuse a longest delay below the shortest', () => {
    expect(read({ least: '40', most: '20' })).toEqual({ conditions: null, problems: { most: { kind: 'order' } } });
  });
});
