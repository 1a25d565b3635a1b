import type { CompletedCommand, CompletedFlag, CompletedValue } from './completed-command.ts';

/** A script that completes the program in fish. It knows all commands itself, so that no key press starts the program. */
export function fishCompletion(name: string, commands: readonly CompletedCommand[]): string {
  const paths = commands.flatMap(({ path }) => (path.length === 0 ? [] : [quoted(path.join(' '))]));
  const valued = new Set(
    commands.flatMap(({ flags }) => flags.filter(takesNextWord).flatMap(({ names }) => names.map(quoted))),
  );
  return `# fish completion for ${name}. To load it: ${name} completion fish | source

set -g __${name}_commands ${paths.join(' ')}
# Flags whose value is the next word.
set -g __${name}_valued ${[...valued].join(' ')}

# Whether the command that is typed is this one.
function __${name}_at
    set -l at
    set -l is_value 0
    for word in (commandline -opc)[2..]
        if test $is_value = 1
            set is_value 0
        else if contains -- $word $__${name}_valued
            set is_value 1
        else if contains -- (string join ' ' $at $word) $__${name}_commands
            set -a at $word
        end
    end
    test "$at" = "$argv[1]"
end

complete -c ${name} -e
complete -c ${name} -f
${commands.flatMap((command) => linesOf(name, command)).join('\n')}
`;
}

function linesOf(name: string, { path, commands, flags, arguments: given }: CompletedCommand): string[] {
  const start = `complete -c ${name} -n ${quoted(`__${name}_at ${quoted(path.join(' '))}`)}`;
  return [
    ...commands.map((inner) => `${start} -a ${quoted(inner.name)} -d ${quoted(inner.description)}`),
    ...given.flatMap((argument) => argumentLine(start, argument)),
    ...flags.map((flag) => flagLine(start, flag)),
  ];
}

function argumentLine(start: string, value: CompletedValue): string[] {
  if (value.words.length === 0 && value.paths === 'none') return [];
  return [`${start} ${candidatesOf(value)}`];
}

function flagLine(start: string, flag: CompletedFlag): string {
  const names = flag.names.map((each) => (each.startsWith('--') ? `-l ${each.slice(2)}` : `-s ${each.slice(1)}`));
  const description = `-d ${quoted(flag.description)}`;
  if (flag.value === null) return `${start} ${names.join(' ')} ${description}`;
  const takes = takesNextWord(flag) ? ['-r'] : [];
  return [start, ...names, ...takes, candidatesOf(flag.value), description].join(' ');
}

/** A value that may be left out is only taken after `=`. */
function takesNextWord({ value, isValueOptional }: CompletedFlag): boolean {
  return value !== null && !isValueOptional;
}

/** Without an own `-f`, fish completes files. */
function candidatesOf({ words, paths }: CompletedValue): string {
  const all = [...words, ...(paths === 'folders' ? ['(__fish_complete_directories)'] : [])];
  return `${paths === 'files' ? '-F' : '-f'}${all.length === 0 ? '' : ` -a ${quoted(all.join(' '))}`}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
