import { type DestinationStream, destination, type LevelWithSilent, type Logger, pino } from 'pino';
import { quotableLines } from '../../consensus/quotable.ts';

const STDERR = 2;

export interface LogOptions {
  readonly level: LevelWithSilent;
  readonly format: 'pretty' | 'json';
  /** Destination instead of standard error. */
  readonly output?: DestinationStream;
}

/** Maximum number of held lines; one more releases all of them. */
const MAX_HELD_LINES = 1_000;

/** Holds lines back until something else was printed. */
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

  /** Writes the held lines, and from now on every line immediately. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const line of held) this.#to.write(line);
  }
}

/**
 * A logger that writes synchronously: no line is lost in a crash, and no thread is started. Control characters in foreign
 * text, such as a peer's reason, are removed wherever it occurs.
 */
export async function createLogger({ level, format, output }: LogOptions): Promise<Logger> {
  const stream = format === 'json' ? (output ?? standardError()) : await prettyStream(output);
  // Before pretty-printing, which adds colours.
  return pino({ level }, { write: (line: string) => stream.write(quotableLines(line)) });
}

/**
 * The logger of a node: in JSON lines nothing is written before `release`, so that the first line says
 * where a node listens, even if both streams are read as one. It releases itself at the end of the process.
 */
export async function createHeldLogger({
  level,
  format,
}: Omit<LogOptions, 'output'>): Promise<{ log: Logger; release(): void }> {
  if (format !== 'json') return { log: await createLogger({ level, format }), release: () => {} };
  const output = new HeldLines();
  const release = (): void => output.release();
  process.once('exit', release);
  return { log: await createLogger({ level, format, output }), release };
}

/** If standard error cannot be written (a full disk, a closed pipe), a node continues without its log. */
function standardError(): DestinationStream {
  return destination({ dest: STDERR, sync: true }).on('error', () => {});
}

/** Its formatter is not loaded for JSON lines. */
async function prettyStream(output: DestinationStream | undefined): Promise<DestinationStream> {
  const destination = output ?? standardError();
  const { prettyLines } = await import('./pretty-lines.ts');
  const format = prettyLines({
    // https://no-color.org: set to anything but nothing.
    colorize: output === undefined && process.stderr.isTTY === true && !process.env.NO_COLOR,
  });
  return { write: (line: string) => destination.write(format(line)) };
}
