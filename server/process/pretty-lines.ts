import { prettyFactory } from 'pino-pretty';

/** Formats each line as it is written: a line is not lost where the program ends right behind it. */
export function prettyLines({ colorize }: { readonly colorize: boolean }): (line: string) => string {
  return prettyFactory({
    colorize,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname,node',
    // In a cluster every line begins with the node that it is about.
    messageFormat: (line, key) => (typeof line.node === 'string' ? `${line.node} ${line[key]}` : String(line[key])),
    singleLine: true,
  });
}
