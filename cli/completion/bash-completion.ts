import type { CompletedCommand, CompletedValue } from './completed-command.ts';

/** How bash says what a value is beside words; nothing for words alone. */
const PATHS = { none: '', files: 'files', folders: 'folders' } as const;

/**
 * A script that completes the program in bash 3.2 and newer, macOS's included. It knows all commands itself, so that no
 * key press starts the program.
 */
export function bashCompletion(name: string, commands: readonly CompletedCommand[]): string {
  return `# bash completion for ${name}. To load it: source <(${name} completion bash)

# What can stand after a command: sets commands, flags, words and paths.
_${name}_of() {
  commands='' flags='' words='' paths=''
  case "$1" in
${commands.map(commandCase).join('\n')}
  esac
}

# What a flag of a command takes: sets words and paths. Fails for a flag without a value.
_${name}_value_of() {
  words='' paths=''
  case "$1 $2" in
${commands.flatMap(valueCases).join('\n')}
    *) return 1 ;;
  esac
}

_${name}() {
  local commands flags words paths at='' flag='' word i
  COMPREPLY=()
  _${name}_of ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ "$word" == '=' ]]; then continue; fi
    if [[ "$word" == -* ]]; then
      flag=''
      if _${name}_value_of "$at" "$word"; then flag="$word"; fi
    elif [[ -n "$flag" ]]; then
      flag=''
    else
      _${name}_of "$at"
      case " $commands " in *" $word "*) at="\${at:+$at }$word" ;; esac
    fi
  done
  word="\${COMP_WORDS[COMP_CWORD]}"
  if [[ "$word" == '=' ]]; then word=''; fi
  if [[ "$word" == -* ]]; then
    _${name}_of "$at"
    words="$flags" paths=''
  elif [[ -n "$flag" ]]; then
    _${name}_value_of "$at" "$flag"
  else
    _${name}_of "$at"
    words="$commands $words"
  fi
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  IFS=$'\\n'
  case "$paths" in
    files) COMPREPLY+=($(compgen -f -- "$word")) ;;
    folders) COMPREPLY+=($(compgen -d -- "$word")) ;;
  esac
  # Not in bash 3.2, where names with blanks are then not escaped.
  if [[ -n "$paths" ]]; then compopt -o filenames 2> /dev/null; fi
}

complete -F _${name} ${name}
`;
}

function commandCase({ path, commands, flags, arguments: given }: CompletedCommand): string {
  const lists = [
    `commands=${quoted(commands.map(({ name }) => name).join(' '))}`,
    `flags=${quoted(flags.flatMap(({ names }) => names).join(' '))}`,
  ];
  const words = given.flatMap((argument) => argument.words).join(' ');
  const paths = given.map((argument) => PATHS[argument.paths]).find((kind) => kind !== '') ?? '';
  return `    ${quoted(path.join(' '))}) ${[...lists, ...assignments(words, paths)].join(' ')} ;;`;
}

function valueCases({ path, flags }: CompletedCommand): string[] {
  return flags.flatMap(({ names, value }) => (value === null ? [] : [valueCase(path, names, value)]));
}

function valueCase(path: readonly string[], names: readonly string[], value: CompletedValue): string {
  const patterns = names.map((name) => quoted(`${path.join(' ')} ${name}`)).join(' | ');
  return `    ${patterns}) ${assignments(value.words.join(' '), PATHS[value.paths]).join(' ') || ':'} ;;`;
}

function assignments(words: string, paths: string): string[] {
  return [...(words === '' ? [] : [`words=${quoted(words)}`]), ...(paths === '' ? [] : [`paths=${paths}`])];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
