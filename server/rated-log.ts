/** The part of the logger that is used here, and offered. */
export interface LineLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

type Level = keyof LineLog;

/** Lines of one kind that may come at once, as they do when a network starts or parts. */
const BURST_LINES = 50;
/** After these, one line of the kind in this time. */
const INTERVAL_MS = 1_000;

/** What is known of the lines with one message. */
interface Kind {
  /** Lines that may be written now, up to `BURST_LINES`; whole ones count. */
  room: number;
  atMs: number;
  /** Lines that were not written since the last one that was, and the newest of them. */
  held: number;
  newest: { readonly level: Level; readonly fields: object } | null;
  timer: NodeJS.Timeout | null;
}

/**
 * A log that nobody can flood from outside: of each kind of line, which is its message, some at once and then one a
 * second. What is held back is counted in the next line of its kind, which shows the newest: the last line always shows
 * how things stand. Messages are constants of this program, so that there are only so many kinds.
 */
export function ratedLog(log: LineLog): LineLog {
  const kinds = new Map<string, Kind>();
  const write = (level: Level, fields: object, message: string): void => {
    const nowMs = performance.now();
    const kind = kinds.get(message) ?? { room: BURST_LINES, atMs: nowMs, held: 0, newest: null, timer: null };
    kinds.set(message, kind);
    kind.room = Math.min(BURST_LINES, kind.room + (nowMs - kind.atMs) / INTERVAL_MS);
    kind.atMs = nowMs;
    if (kind.room >= 1 && kind.held === 0) {
      kind.room--;
      return log[level](fields, message);
    }
    kind.held++;
    kind.newest = { level, fields };
    kind.timer ??= setTimeout(() => release(kind, message), INTERVAL_MS).unref();
  };
  const release = (kind: Kind, message: string): void => {
    const { held, newest } = kind;
    Object.assign(kind, {
      held: 0,
      newest: null,
      timer: null,
      room: 0,
      atMs: performance.now(),
    } satisfies Partial<Kind>);
    if (newest) log[newest.level](held > 1 ? { ...newest.fields, lines: held } : newest.fields, message);
  };
  return {
    debug: (fields, message) => write('debug', fields, message),
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
  };
}
