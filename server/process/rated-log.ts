/** The part of the logger that is used here, and offered. */
export interface LineLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

type Level = keyof LineLog;

/** A logger that can be rate-limited: it says which levels it drops. */
export interface LevelledLog extends LineLog {
  isLevelEnabled(level: Level): boolean;
}

/** Burst of lines of one kind, as when a network starts or splits. */
const BURST_LINES = 50;
/** After a burst, one line of the kind per this time. */
const INTERVAL_MS = 1_000;

/** State of the lines with one level and message. */
interface Kind {
  readonly level: Level;
  readonly message: string;
  /** Lines that may be written now, up to those of a burst; whole ones count. */
  room: number;
  atMs: number;
  /** Lines suppressed since the last written one, and the newest of them. */
  held: number;
  newest: object;
  timer: NodeJS.Timeout | null;
}

/**
 * A log that cannot be flooded from outside: for each kind of line, given by level and message, it writes a burst and then
 * one line per second. Suppressed lines are counted in the next line of their kind, which shows the newest: the last line
 * always shows the current state, also at the end of the process. Messages are constants of this program, so the number of
 * kinds is bounded. Lines below the log level do not count.
 */
export class RatedLog implements LineLog {
  readonly #log: LevelledLog;
  readonly #burstLines: number;
  readonly #kinds = new Map<string, Kind>();
  readonly #flush = (): void => this.flush();

  /** @param burstLines of each kind; infinite: nothing is suppressed, for a log that keeps a limited number of lines */
  constructor(log: LevelledLog, burstLines = BURST_LINES) {
    this.#log = log;
    this.#burstLines = burstLines;
  }

  debug(fields: object, message: string): void {
    this.#write('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#write('error', fields, message);
  }

  /** Writes the suppressed lines now. */
  flush(): void {
    for (const kind of this.#kinds.values()) if (kind.timer !== null) this.#release(kind);
  }

  #write(level: Level, fields: object, message: string): void {
    if (!this.#log.isLevelEnabled(level)) return;
    const kind = this.#kindOf(level, message);
    const nowMs = performance.now();
    kind.room = Math.min(this.#burstLines, kind.room + (nowMs - kind.atMs) / INTERVAL_MS);
    kind.atMs = nowMs;
    if (kind.room >= 1 && kind.held === 0) {
      kind.room--;
      return this.#log[level](fields, message);
    }
    kind.held++;
    kind.newest = fields;
    if (kind.timer !== null) return;
    // The timer does not keep the process alive: if the process ends first, the line is written at its end.
    if (!this.#isHolding) process.on('exit', this.#flush);
    kind.timer = setTimeout(() => this.#release(kind), INTERVAL_MS).unref();
  }

  #kindOf(level: Level, message: string): Kind {
    const key = `${level} ${message}`;
    const known = this.#kinds.get(key);
    if (known) return known;
    const kind = { level, message, room: this.#burstLines, atMs: performance.now(), held: 0, newest: {}, timer: null };
    this.#kinds.set(key, kind);
    return kind;
  }

  #release(kind: Kind): void {
    const { level, message, held, newest, timer } = kind;
    if (timer !== null) clearTimeout(timer);
    Object.assign(kind, {
      held: 0,
      newest: {},
      timer: null,
      room: 0,
      atMs: performance.now(),
    } satisfies Partial<Kind>);
    if (!this.#isHolding) process.off('exit', this.#flush);
    this.#log[level](held > 1 ? { ...newest, lines: held } : newest, message);
  }

  get #isHolding(): boolean {
    return [...this.#kinds.values()].some(({ timer }) => timer !== null);
  }
}
