import type { Finding } from '../../client/contract-findings.ts';
import { printable } from '../../consensus/quotable.ts';
import type { Colors } from '../output/output.ts';
import { markedLine } from './marked-line.ts';

/** What was found in a source, with the line and a mark under the place. */
export function findingText(file: string, source: string, finding: Finding, colors: Colors): string {
  const { severity, line, column, message, hint } = finding;
  const label = severity === 'error' ? colors.red('error') : colors.yellow('warning');
  const lines = [`${printable(file)}:${line}:${column} ${label}: ${printable(message)}`];
  const marked = markedLine(source, line, column);
  if (marked !== undefined) lines.push(marked);
  if (hint !== null) lines.push(colors.dim(printable(hint)));
  return lines.join('\n');
}
