import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assertInvariant, InvariantError, RULES, RuleError } from '../../consensus/errors.ts';

describe('the table of rules', () => {
  it.each(Object.entries(RULES))('%s has a kebab-case code and a clause', (code, rule) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(rule.clause).toMatch(/^[A-Z].*\.$/);
  });

  it('marks a block as invalid when nobody is at fault only for what its execution shows', () => {
    for (const rule of Object.values(RULES)) {
      if (rule.fault === 'none') expect(rule.marksInvalid).toBe(rule.stage === 'connect');
    }
  });

  it('does not condemn a header for a body that is not its own', () => {
    for (const code of ['bad-merkle-root', 'block-too-large', 'malformed', 'reserved-kind'] as const) {
      expect(RULES[code]).toMatchObject({ fault: 'sender', marksInvalid: false });
    }
  });
});

describe('a clause above a check', () => {
  const folder = new URL('../../consensus/', import.meta.url);
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));
  // What follows a clause reaches to the next one.
  const checks = sources.flatMap((source) => source.split(/^ *\/\/ (?=\[)/m).slice(1));

  it.each(checks.map((check) => check.split('\n', 1).concat(check)))(
    'is of the rule that is checked: %s',
    (comment, check) => {
      const [code, rule] = Object.entries(RULES).find(([, { clause }]) => comment.endsWith(`] ${clause}`)) ?? [];
      expect(comment).toBe(`[${rule?.fault === 'sender' || rule?.marksInvalid ? 'reject' : 'ignore'}] ${rule?.clause}`);
      const [, thrown = code] = /new RuleError\(\s*'([^']+)'/.exec(check ?? '') ?? [];
      expect(thrown).toBe(code);
    },
  );

  it('stands there for more than twenty rules', () => {
    expect(checks.length).toBeGreaterThan(20);
  });
});

describe('errors', () => {
  it('of a rule carry its code and say what was wrong', () => {
    const error = new RuleError('wrong-nonce', 'nonce 3, the account has 1');
    expect(error.message).toBe('wrong-nonce: nonce 3, the account has 1');
    expect(error.code).toBe('wrong-nonce');
    expect(error.marksInvalid).toBe(true);
  });

  it('of our own are another type', () => {
    expect(() => assertInvariant(false, 'broken')).toThrow(new InvariantError('broken'));
    expect(() => assertInvariant(true, 'fine')).not.toThrow();
    expect(new InvariantError('broken')).not.toBeInstanceOf(RuleError);
  });
});
