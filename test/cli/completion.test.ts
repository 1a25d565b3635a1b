import { describe, expect, it } from 'vitest';
import { SHELLS } from '../../cli/completion/shells.ts';
import { shell } from './completion-scripts.ts';
import { forklore } from './stub-node.ts';

/** What bash offers for the last of these words. */
function inBash(...words: readonly string[]): string[] {
  const complete = `source script.bash
    COMP_WORDS=(forklore "$@") COMP_CWORD=$#
    _forklore
    if (( \${#COMPREPLY[@]} )); then printf '%s\\n' "\${COMPREPLY[@]}"; fi`;
  return shell('bash', '--norc', '-c', complete, 'bash', ...words)
    .split('\n')
    .slice(0, -1)
    .sort();
}

describe('forklore completion', () => {
  it('refuses a shell that it has no script for', async () => {
    expect(await forklore(['completion', 'tcsh'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: SHELL must be bash, zsh or fish, not "tcsh"\n',
    });
  });

  it('knows every command and every flag of the program', async () => {
    const { stdout } = await forklore(['node', '--help']);
    const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    expect(inBash('node', '--').filter((flag) => flag.startsWith('--'))).toEqual(flags.sort());
    const help = await forklore(['--help']);
    const commands = [...help.stdout.matchAll(/^ {2}(?!forklore)([a-z]+) /gm)].map(([, command]) => command);
    expect(inBash('')).toEqual(commands.sort());
  });

  it('completes commands, flags, values and paths in bash', () => {
    expect(inBash('wal')).toEqual(['wallet']);
    expect(inBash('wallet', '')).toEqual(['address', 'help', 'import', 'new']);
    expect(inBash('node', '--log-level', '')).toContain('debug');
    // The shell parts words at the equals sign.
    expect(inBash('node', '--log-level', '=', 'd')).toEqual(['debug']);
    expect(inBash('send', '--node', 'wallet', 'Alice', '--net')).toEqual(['--network']);
    expect(inBash('node', '--mine', '--eph')).toEqual(['--ephemeral']);
    expect(inBash('watch', 'block', 'r')).toEqual(['reorg']);
    expect(inBash('wallet', 'new', '--network', '')).toEqual(
      ['lab', 'my words.json', 'regtest', ...SHELLS.map((each) => `script.${each}`)].sort(),
    );
    expect(inBash('tip', '--node', '')).toEqual([]);
  });
});
