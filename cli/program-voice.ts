import { hostname } from 'node:os';
import { failureMessage } from '../server/process/failure.ts';
import { EXIT_CODES } from './cli-errors.ts';
import type { ListedAccounts } from './output/listed-accounts.ts';

/** Levels of the log's lines (pino). */
const INFO = 30;
const ERROR = 50;
const FATAL = 60;

/** A listening node, as reported to programs. */
export interface Listening {
  readonly name: string;
  /** Base URL. */
  readonly url: string;
  /** Of the network. */
  readonly network: string;
  readonly genesisHash: string;
  /** Accounts that were asked for, with their public secrets; null where the network has no own ones. */
  readonly accounts: ListedAccounts | null;
}

/** What decides how a program speaks. */
export interface SpokenOptions {
  readonly logLevel: string;
  readonly logFormat: string;
}

/** Where a program writes; the process's own streams unless a test gives others. */
export interface VoiceStreams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * How a program that goes on running speaks: to people, as JSON lines, or not at all. All that it says beside its log
 * goes this way, so that `--log-format json` and `--log-level silent` hold for all of it.
 */
export interface ProgramVoice {
  /** Whether the output is for people, who get banners and progress. */
  readonly isForPeople: boolean;
  /** That nodes listen: `banner` for people, a line for each node for programs. */
  greet(banner: () => string, nodes: readonly Listening[]): void;
  /** That the dashboard listens, beside nodes; their banner tells people of it. */
  greetDashboard(url: string): void;
  /** An informational remark. */
  remark(message: string): void;
  /** Why the program ends; as `failureMessage` words it. */
  failure(message: string, exitCode: number): void;
  /** Why one of its nodes ends; the others go on, unless all are to run. */
  nodeFailure(name: string, message: string, exitCode: number): void;
}

/** The voice that fits a log of this level and format. */
export function programVoice({ logLevel, logFormat }: SpokenOptions, streams: VoiceStreams = process): ProgramVoice {
  if (logLevel === 'silent') return SILENT;
  return logFormat === 'json' ? jsonVoice(streams) : plainVoice(streams);
}

const SILENT: ProgramVoice = {
  isForPeople: false,
  greet: () => {},
  greetDashboard: () => {},
  remark: () => {},
  failure: () => {},
  nodeFailure: () => {},
};

function plainVoice({ stdout, stderr }: VoiceStreams): ProgramVoice {
  return {
    isForPeople: true,
    greet: (banner) => stdout.write(banner()),
    greetDashboard: () => {},
    remark: (message) => stderr.write(`${message}\n`),
    failure: (message) => stderr.write(`${message}\n`),
    nodeFailure: (name, message) => stderr.write(`${name}: ${message}\n`),
  };
}

/** Writes the lines that programs wait for to standard output; all others go to the log, in its format. */
function jsonVoice({ stdout, stderr }: VoiceStreams): ProgramVoice {
  const logLine = (level: number, fields: object, msg: string): void => {
    const line = { level, time: Date.now(), pid: process.pid, hostname: hostname(), ...fields, msg };
    stderr.write(`${JSON.stringify(line)}\n`);
  };
  return {
    isForPeople: false,
    greet: (_, nodes) => {
      for (const node of nodes) stdout.write(`${JSON.stringify(listeningLine(node))}\n`);
    },
    greetDashboard: (url) => {
      const line = { event: 'dashboard-listening', url, port: portOf(url), pid: process.pid };
      stdout.write(`${JSON.stringify(line)}\n`);
    },
    remark: (message) => logLine(INFO, { event: 'remark' }, message),
    failure: (message, exitCode) => logLine(FATAL, { event: 'failed', exitCode }, withoutLabel(message)),
    nodeFailure: (node, message, exitCode) =>
      logLine(ERROR, { event: 'node-failed', node, exitCode }, withoutLabel(message)),
  };
}

/** A line of JSON says by its level that it is an error. */
function withoutLabel(message: string): string {
  return message.replace(/^error: /, '');
}

function listeningLine({ name, url, network, genesisHash, accounts }: Listening): object {
  const place = { url, graphqlUrl: `${url}/graphql`, port: portOf(url) };
  return { event: 'listening', ...place, name, network, genesisHash, ...accounts, pid: process.pid };
}

/** A URL does not name the port that is its scheme's default. */
export function portOf(url: string): number {
  return Number(new URL(url).port || '80');
}

/**
 * Lets what Node itself would print as plain text, warnings and the error that ends the process, be said in this voice
 * where it is not for people. To be called once, by a program that goes on running.
 */
export function speakForProcess(voice: ProgramVoice): void {
  if (voice.isForPeople) return;
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => voice.remark(`${name}: ${message}`));
  process.on('uncaughtException', (error) => {
    voice.failure(failureMessage(error), EXIT_CODES.failed);
    process.exit(EXIT_CODES.failed);
  });
}
