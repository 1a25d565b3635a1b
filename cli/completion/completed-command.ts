import type { Argument, Command, Option } from 'commander';

/** What may stand in a place of the command line. */
export interface CompletedValue {
  readonly name: string;
  readonly words: readonly string[];
  readonly paths: 'none' | 'files' | 'folders';
}

export interface CompletedFlag {
  /** `--port`; and `-h` where there is one. */
  readonly names: readonly string[];
  readonly description: string;
  /** Null for a switch. */
  readonly value: CompletedValue | null;
  readonly isValueOptional: boolean;
  readonly isRepeatable: boolean;
}

export interface CompletedArgument extends CompletedValue {
  readonly isOptional: boolean;
  readonly isVariadic: boolean;
}

/** A command as a shell has to know it. */
export interface CompletedCommand {
  /** Names from the program to here: none for the program itself, `wallet` and `new` for `forklore wallet new`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly CompletedFlag[];
  readonly arguments: readonly CompletedArgument[];
}

/** A program's commands, itself first, each before its own. They are read from its parser, so that nothing can differ from it. */
export function completedCommands(command: Command, path: readonly string[] = []): CompletedCommand[] {
  const help = command.createHelp();
  const inner = help.visibleCommands(command);
  const self: CompletedCommand = {
    path,
    description: command.description(),
    commands: inner.map((each) => ({ name: each.name(), description: each.description() })),
    flags: help.visibleOptions(command).map(flagOf),
    arguments: command.registeredArguments.map(argumentOf),
  };
  return [self, ...inner.flatMap((each) => completedCommands(each, [...path, each.name()]))];
}

function flagOf(option: Option): CompletedFlag {
  const [placeholder = ''] = /[<[].*$/.exec(option.flags) ?? [];
  return {
    names: [option.short, option.long].filter((name) => name !== undefined && name !== null),
    description: option.description,
    value: placeholder === '' ? null : placeOf(placeholder, option.argChoices),
    isValueOptional: option.optional,
    isRepeatable: option.variadic,
  };
}

function argumentOf(argument: Argument): CompletedArgument {
  const value = placeOf(argument.name(), argument.argChoices);
  return { ...value, isOptional: !argument.required, isVariadic: argument.variadic };
}

/** The name of a value says whether it is a path: `<file>`, `<name|file>`, `[FILE]`, `<folder>`. */
function placeOf(placeholder: string, words: readonly string[] = []): CompletedValue {
  const name = placeholder.replace(/[<>[\].]/g, '').toLowerCase();
  const kinds = name.split('|');
  const paths = kinds.includes('folder') ? 'folders' : 'none';
  return { name, words, paths: kinds.includes('file') ? 'files' : paths };
}
