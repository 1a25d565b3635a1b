import type { Command } from 'commander';
import { parseChoice } from '../../server/settings/option-values.ts';
import { bashCompletion } from '../completion/bash-completion.ts';
import { completedCommands } from '../completion/completed-command.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { SHELLS } from '../completion/shells.ts';
import { zshCompletion } from '../completion/zsh-completion.ts';
import type { CliContext } from './client-context.ts';

const WRITERS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** `forklore completion`: a script that teaches a shell the commands of the program. */
export function printCompletion(text: string, program: Command, { terminal }: CliContext): void {
  const script = WRITERS[parseChoice('SHELL', text, SHELLS)](program.name(), completedCommands(program));
  terminal.print(script.trimEnd());
}
