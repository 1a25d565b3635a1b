import { describe, expect, it } from 'vitest';
import { OptionError } from '../../../server/process/expected-error.ts';
import { parseFailpoint } from '../../../server/process/failpoint.ts';

describe('a failpoint in the environment', () => {
  it('is nothing where nothing is asked for', () => {
    expect([parseFailpoint(undefined), parseFailpoint('')]).toEqual([null, null]);
  });

  it('kills at the first passing unless another passing or signal is named', () => {
    expect(parseFailpoint('after-commit')).toEqual({ name: 'after-commit', passes: 1, signal: 'SIGKILL' });
    expect(parseFailpoint('after-commit:30')).toEqual({ name: 'after-commit', passes: 30, signal: 'SIGKILL' });
    expect(parseFailpoint('listening:1:SIGTERM')).toEqual({ name: 'listening', passes: 1, signal: 'SIGTERM' });
  });

  it.each(['nowhere', 'toString', 'after-commit:0', 'after-commit:x', 'after-commit:', 'after-commit:1:kill'])(
    'is refused when it is %s',
    (text) => {
      expect(() => parseFailpoint(text)).toThrow(OptionError);
    },
  );
});
