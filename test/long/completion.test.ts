import { describe, expect } from 'vitest';
import { itNeeding } from '../../testing/long.ts';
import { shell } from '../cli/completion-scripts.ts';

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

describe('forklore completion', () => {
  itNeeding(['fish'], 'completes commands, flags, values and paths in fish', async () => {
    expect(inFish('forklore wal')).toEqual(['wallet']);
    expect(inFish('forklore wallet ')).toEqual(['address', 'help', 'import', 'new']);
    expect(inFish('forklore node --log-level d')).toEqual(['debug']);
    expect(inFish('forklore node --log-level=d')).toEqual(['--log-level=debug']);
    expect(inFish('forklore send --node wallet Alice --net')).toEqual(['--network']);
    expect(inFish('forklore watch block r')).toEqual(['reorg']);
    expect(inFish('forklore wallet import m')).toEqual(['my words.json']);
    expect(inFish('forklore tip --node ')).toEqual([]);
  });

  itNeeding(['zsh'], 'completes commands, flags, values and paths in zsh', async () => {
    inZsh('forklore wal', 'forklore wallet');
    inZsh('forklore node --log-f', 'forklore node --log-format');
    inZsh('forklore node --log-level=d', 'forklore node --log-level=debug');
    inZsh('forklore send --node x Alice --net', '--network');
    inZsh('forklore mining start on', 'forklore mining start on-transaction');
    inZsh('forklore wallet new --network r', '--network regtest');
  });
});
