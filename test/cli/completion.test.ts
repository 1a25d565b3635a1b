import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHELLS } from '../../cli/completion/shells.ts';
import { type Need, requireOfMachine } from '../../testing/long.ts';
import { forklore } from './stub-node.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forklore-completion-'));
  writeFileSync(join(folder, 'my words.json'), '');
  for (const shell of SHELLS) {
    const { code, stdout, stderr } = await forklore(['completion', shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    writeFileSync(join(folder, `script.${shell}`), stdout);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a shell in the folder, where scripts lie as `script.SHELL`. */
function shell(command: string, ...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

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

/** What fish offers for this line, without descriptions. */
function inFish(line: string): string[] {
  const offered = shell('fish', '--no-config', '-c', `source script.fish; complete -C ${JSON.stringify(line)}`);
  return offered
    .split('\n')
    .slice(0, -1)
    .map((each) => each.split('\t')[0] ?? '');
}

/** The line that zsh makes of this one when Tab is pressed. A line that it never makes ends with the test's time. */
function inZsh(line: string, completed: string): void {
  const script = `zmodload zsh/zpty
    zpty z zsh -f -i
    zpty -w z "PS1=; autoload -U compinit; compinit -D -u; source script.zsh; print -r -- lo''aded"
    zpty -r z part '*loaded*'
    zpty -w -n z ${JSON.stringify(line)}$'\\t'
    zpty -r z part ${JSON.stringify(`*${completed}*`)}
    zpty -d z`;
  shell('zsh', '-f', '-c', script);
}

function itIn(need: Need, name: string, test: () => void): void {
  it(`${name} in ${need}`, (context) => {
    requireOfMachine(context, [need]);
    test();
  });
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

  itIn('bash', 'completes commands, flags, values and paths', () => {
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

  itIn('fish', 'completes commands, flags, values and paths', () => {
    expect(inFish('forklore wal')).toEqual(['wallet']);
    expect(inFish('forklore wallet ')).toEqual(['address', 'help', 'import', 'new']);
    expect(inFish('forklore node --log-level d')).toEqual(['debug']);
    expect(inFish('forklore node --log-level=d')).toEqual(['--log-level=debug']);
    expect(inFish('forklore send --node wallet Alice --net')).toEqual(['--network']);
    expect(inFish('forklore watch block r')).toEqual(['reorg']);
    expect(inFish('forklore wallet import m')).toEqual(['my words.json']);
    expect(inFish('forklore tip --node ')).toEqual([]);
  });

  itIn('zsh', 'completes commands, flags, values and paths', () => {
    inZsh('forklore wal', 'forklore wallet');
    inZsh('forklore node --log-f', 'forklore node --log-format');
    inZsh('forklore node --log-level=d', 'forklore node --log-level=debug');
    inZsh('forklore send --node x Alice --net', '--network');
    inZsh('forklore mining start on', 'forklore mining start on-transaction');
    inZsh('forklore wallet new --network r', '--network regtest');
  });
});
