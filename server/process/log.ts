import { type DestinationStream, destination, type LevelWithSilent, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { quotableLines } from '../../consensus/quotable.ts';

const STDERR = 2;

export interface LogOptions {
  readonly level: LevelWithSilent;
  readonly format: 'pretty' | 'json';
  /** Where the lines go instead of standard error. */
  readonly output?: DestinationStream;
}

/** Lines that are held at most; where there are more, whoever waits for the first line of a program has other problems. */
const MAX_HELD_LINES = 1_000;

/** Holds lines back until something else has been said. */
class HeldLines implements DestinationStream {
  readonly #to: DestinationStream;
  #held: string[] | null = [];

  constructor(to: DestinationStream = standardError()) {
    this.#to = to;
  }

  write(line: string): void {
    if (this.#held === null) return this.#to.write(line);
    this.#held.push(line);
    if (this.#held.length > MAX_HELD_LINES) this.release();
  }

  /** Writes what was held, and from now on everything at once. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const line of held) this.#to.write(line);
  }
}

/**
 * A logger that writes within the call: no line is lost in a crash, and no thread is started. What others wrote, such as
 * a peer's reason, is harmless in its lines, wherever it stands in them.
 */
export function createLogger({ level, format, output }: LogOptions): Logger {
  const stream = format === 'json' ? (output ?? standardError()) : prettyStream(output);
  // Before it is made readable, when colours have not been added yet.
  return pino({ level }, { write: (line: string) => stream.write(quotableLines(line)) });
}

/**
 * The logger of a node: in JSON lines nothing is written before `release`, so that the first line says
 * where a node listens, also where both streams are read as one. At the end of the process it releases itself.
 */
export function createHeldLogger({ level, format }: Omit<LogOptions, 'output'>): { log: Logger; release(): void } {
  if (format !== 'json') return { log: createLogger({ level, format }), release: () => {} };
  const output = new HeldLines();
  const release = (): void => output.release();
  process.once('exit', release);
  return { log: createLogger({ level, format, output }), release };
}

/** Where nothing can be written to standard error (a full disk, a reader that has gone), a node goes on without its log. */
function standardError(): DestinationStream {
  return destination({ dest: STDERR, sync: true }).on('error', () => {});
}

function prettyStream(output: DestinationStream | undefined): DestinationStream {
  return pretty({
    destination: output ?? standardError(),
    sync: true,
    // https://no-color.org: set to anything but nothing.
    colorize: output === undefined && process.stderr.isTTY === true && !process.env.NO_COLOR,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,node',
    // In a cluster every line begins with the node that it is about.
    messageFormat: (line, key) => (typeof line.node === 'string' ? `${line.node} ${line[key]}` : String(line[key])),
    singleLine: true,
  });
}
