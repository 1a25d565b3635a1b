import { afterEach, describe, expect, it } from 'vitest';
import { killPrograms, Program } from '../../testing/processes.ts';

afterEach(killPrograms);

describe('forklore simulate', () => {
  it.each([
    { what: 'one network', args: ['--nodes', '20', '--faults', 'none', '--minutes', '10000', '--log'] },
    { what: 'many', args: ['--seeds', '1..1000000'] },
  ])('tells the figures so far when it is interrupted: $what', async ({ args }) => {
    const program = new Program(['simulate', ...args]);
    // It says something once it is at work; before that nobody listens to signals.
    await program.errorOutput(/\n/);
    const { code, stdout } = await program.signal('SIGINT');
    expect(stdout).toContain('every check held');
    expect(code).toBe(130);
  });
});
