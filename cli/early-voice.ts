import { readTextFile } from '../server/settings/read-text-file.ts';
import type { Environment } from '../server/settings/settings.ts';
import type { StandardStreams } from './commands/client-context.ts';
import { type ProgramVoice, programVoice } from './program-voice.ts';

/** Commands whose log has a level and a format. The others answer once, and have nothing but their answer and an error. */
const LOGGING_COMMANDS: readonly (string | undefined)[] = ['node', 'cluster', 'start'];

/**
 * The voice in which wrong usage of a command is told, which has to be known before the command line is understood: as
 * far as level and format can be made out from arguments, environment and configuration file.
 */
export function earlyVoice(argv: readonly string[], environment: Environment, streams: StandardStreams): ProgramVoice {
  const [, , command, ...rest] = argv;
  if (!LOGGING_COMMANDS.includes(command)) return programVoice({ logLevel: 'info', logFormat: 'pretty' }, streams);
  const given = (flag: string, variable: string): string | undefined =>
    argumentOf(rest, flag) ?? (environment[variable] || undefined);
  const config = configOf(given('--config', 'FORKLORE_CONFIG'));
  const logLevel = given('--log-level', 'FORKLORE_LOG_LEVEL') ?? config.get('logLevel');
  const logFormat = given('--log-format', 'FORKLORE_LOG_FORMAT') ?? config.get('logFormat');
  return programVoice({ logLevel: String(logLevel), logFormat: String(logFormat) }, streams);
}

/** The last value of a flag, given as `--flag value` or `--flag=value`. */
function argumentOf(rest: readonly string[], flag: string): string | undefined {
  const values = rest.flatMap((word, at) => {
    if (word.startsWith(`${flag}=`)) return [word.slice(flag.length + 1)];
    const next = rest[at + 1];
    return word === flag && next !== undefined ? [next] : [];
  });
  return values.at(-1);
}

/** Whatever is wrong with the file is told when it is read in earnest. */
function configOf(path: string | undefined): ReadonlyMap<string, unknown> {
  if (path === undefined) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(readTextFile('--config', path))));
  } catch {
    return new Map();
  }
}
