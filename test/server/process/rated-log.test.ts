import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RatedLog } from '../../../server/process/rated-log.ts';

let lines: { level: string; fields: object; message: string }[];
let log: RatedLog;
let isDebugging: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  const at = (level: string) => (fields: object, message: string) => lines.push({ level, fields, message });
  isDebugging = true;
  log = new RatedLog({
    ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    isLevelEnabled: (level) => level !== 'debug' || isDebugging,
  });
});

afterEach(() => vi.useRealTimers());

it('writes what comes now and then as it is', () => {
  for (let i = 0; i < 200; i++) {
    log.warn({ i }, 'request refused');
    vi.advanceTimersByTime(1_000);
  }
  expect(lines).toHaveLength(200);
  expect(lines[199]).toEqual({ level: 'warn', fields: { i: 199 }, message: 'request refused' });
});

it('writes a line a second of a flood, with its newest and how many there were', () => {
  for (let i = 0; i < 10_000; i++) {
    log.warn({ i }, 'request refused');
    if (i % 1_000 === 999) vi.advanceTimersByTime(1_000);
  }
  expect(lines).toHaveLength(60);
  expect(lines.at(-1)).toEqual({ level: 'warn', fields: { i: 9_999, lines: 1_000 }, message: 'request refused' });
  expect(lines.reduce((sum, { fields }) => sum + ((fields as { lines?: number }).lines ?? 1), 0)).toBe(10_000);
});

it('holds back no other kind', () => {
  for (let i = 0; i < 1_000; i++) log.warn({ i }, 'request refused');
  log.error({ id: 7 }, 'internal error in the API');
  expect(lines.at(-1)).toEqual({ level: 'error', fields: { id: 7 }, message: 'internal error in the API' });
});

it('holds back no warning for lines of another level with the same message', () => {
  for (let i = 0; i < 60; i++) log.debug({ i }, 'could not connect');
  log.warn({ url: 'http://127.0.0.1:5000' }, 'could not connect');
  expect(lines.at(-1)).toMatchObject({ level: 'warn', fields: { url: 'http://127.0.0.1:5000' } });
  vi.advanceTimersByTime(1_000);
  expect(lines.at(-1)).toEqual({ level: 'debug', fields: { i: 59, lines: 10 }, message: 'could not connect' });
});

it('does not count what is not written at its level', () => {
  isDebugging = false;
  for (let i = 0; i < 60; i++) log.debug({ i }, 'could not connect');
  isDebugging = true;
  for (let i = 0; i < 50; i++) log.debug({ i }, 'could not connect');
  expect(lines).toHaveLength(50);
});

it('writes what it holds back when it is told to, and at the end of the process', () => {
  const listeners = process.listenerCount('exit');
  for (const end of [() => log.flush(), () => process.listeners('exit').at(-1)?.(0)]) {
    lines = [];
    for (let i = 0; i < 60; i++) log.warn({ i }, 'request refused');
    expect(process.listenerCount('exit')).toBe(listeners + 1);
    end();
    expect(lines.at(-1)).toMatchObject({ level: 'warn', fields: { i: 59 }, message: 'request refused' });
    expect(process.listenerCount('exit')).toBe(listeners);
    vi.advanceTimersByTime(1_000);
    expect(lines.filter(({ fields }) => 'i' in fields && fields.i === 59)).toHaveLength(1);
  }
});

it('tells of the last line although nothing comes after it', () => {
  for (let i = 0; i < 51; i++) log.info({ i }, 'connection ended');
  expect(lines).toHaveLength(50);
  vi.advanceTimersByTime(1_000);
  expect(lines.at(-1)).toEqual({ level: 'info', fields: { i: 50 }, message: 'connection ended' });
});
