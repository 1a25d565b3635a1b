import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** The scenarios that must hold, by number. The title of each of their tests begins with the name. */
const SCENARIOS = [
  'longest-is-not-most-work',
  'first-seen-wins',
  'headers-do-not-move-the-tip',
  'failed-reorg-rolls-back',
  'duplicate-transaction-in-block',
  'mutated-body-is-not-an-invalid-header',
  'reward-exact',
  'value-overflow',
  'time-rules',
  'difficulty-field-wrong',
  'size-caps',
  'canonical-bytes',
  'transactions-come-back',
  'descendants-follow',
  'template-always-valid',
  'deep-reorg',
  'replacement',
  'pool-limits',
  'expiry',
  'mempool-survives',
  'same-checks-both-ways',
  'unbroadcast',
  'headers-first',
  'low-work-headers',
  'unconnecting-headers',
  'unrequested-blocks',
  'staller',
  'locator',
  'stale-tip',
  'handshake-first',
  'bad-frames',
  'list-limits',
  'invalid-transaction-peer',
  'request-fairness',
  'orphan-bounds',
  'eviction',
  'discouragement',
  'invalidate-reconsider',
  'start-and-stop-anywhere',
  'random-kill-recovery',
];
const FOLDER = new URL('./', import.meta.url);
const SELF = 'all-forty.test.ts';
/** The title of a test: what follows `it(`, or the table of an `it.each(…)(`. */
const TITLE = /(?:\bit\(|\)\()\s*(['"`])(.+?)\1/g;
const NAME = /^[a-z0-9-]+/;

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.test.ts') && name !== SELF);
const sources = files.map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));
const names = sources.flatMap((text) =>
  [...text.matchAll(TITLE)].map(([, , title = '']) => NAME.exec(title)?.[0] ?? title),
);

describe('the forty scenarios', () => {
  it('are forty', () => {
    expect(new Set(SCENARIOS).size).toBe(40);
  });

  it.each(SCENARIOS)('%s has a test', (name) => {
    expect(names).toContain(name);
  });

  it('are all that the tests here claim to be', () => {
    expect(names.filter((name) => !SCENARIOS.includes(name))).toEqual([]);
  });

  it('are not left out in any run', () => {
    for (const [i, text] of sources.entries()) {
      expect(text, files[i]).not.toMatch(/\b(it|describe)\.(skip|todo|only|skipIf|runIf|fails)\b/);
    }
  });
});
