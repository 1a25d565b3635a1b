import type { CompletedArgument, CompletedCommand, CompletedFlag, CompletedValue } from './completed-command.ts';

/** Completes nothing, and unlike an empty action does not keep a flag from being inserted. */
const NOTHING = '{true}';
/** How zsh completes paths. */
const PATHS = { none: '', files: '_files', folders: '_files -/' } as const;

/**
 * A script that completes the program in zsh, sourced or as a file `_NAME` in a folder of `$fpath`. It knows all commands
 * itself, so that no key press starts the program.
 */
export function zshCompletion(name: string, commands: readonly CompletedCommand[]): string {
  return `#compdef ${name}
# zsh completion for ${name}. To load it, after compinit: source <(${name} completion zsh)

${commands.map((command) => functionOf(name, command)).join('\n\n')}

if [[ "\${funcstack[1]}" == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function functionOf(name: string, command: CompletedCommand): string {
  const { path, commands, flags, arguments: given } = command;
  const specifications = flags.flatMap(flagSpecifications);
  if (commands.length === 0) {
    const all = [...specifications, ...given.map(argumentSpecification)];
    return `${functionName(name, path)}() {\n  _arguments ${all.join(' \\\n    ')}\n}`;
  }
  const described = commands.map((inner) => quoted(`${inner.name}:${inner.description}`));
  const cases = commands.map((inner) => `        ${inner.name}) ${functionName(name, [...path, inner.name])} ;;`);
  return `${functionName(name, path)}() {
  local curcontext="$curcontext" state line
  local -a commands=(
    ${described.join('\n    ')}
  )
  _arguments -C ${[...specifications, "'1: :->command'", "'*:: :->rest'"].join(' \\\n    ')}
  case "$state" in
    command) _describe command commands ;;
    rest)
      case "\${words[1]}" in
${cases.join('\n')}
      esac
      ;;
  esac
}`;
}

function functionName(name: string, path: readonly string[]): string {
  return ['', name, ...path].join('_');
}

/** One for each name; of a flag that may stand once, each excludes the others. */
function flagSpecifications({ names, description, value, isValueOptional, isRepeatable }: CompletedFlag): string[] {
  const exclusion = isRepeatable ? '*' : names.length > 1 ? `(${names.join(' ')})` : '';
  const taken = value === null ? '' : `:${isValueOptional ? ':' : ''}${escaped(value.name)}:${actionOf(value)}`;
  return names.map((name) =>
    quoted(`${exclusion}${name}${value === null ? '' : '='}[${escaped(description)}]${taken}`),
  );
}

function argumentSpecification(argument: CompletedArgument): string {
  const place = argument.isVariadic ? '*:' : argument.isOptional ? '::' : ':';
  return quoted(`${place}${escaped(argument.name)}:${actionOf(argument)}`);
}

function actionOf({ words, paths }: CompletedValue): string {
  const list = words.map(escaped).join(' ');
  if (paths === 'none') return words.length === 0 ? NOTHING : `(${list})`;
  if (words.length === 0) return PATHS[paths];
  // In braces: zsh would add options that _alternative does not take.
  return `{_alternative "words\\:word\\:(${list})" "paths\\:path\\:${PATHS[paths]}"}`;
}

/** Brackets end a description, colons part a specification. */
function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
