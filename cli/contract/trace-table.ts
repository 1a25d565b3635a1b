import type { CallTrace } from '../../client/contract-types.ts';
import type { TracedLocal, TracedSlot, TraceStep } from '../../client/trace-types.ts';
import { printable } from '../../consensus/quotable.ts';
import { orDash, type Terminal } from '../output/output.ts';
import { table } from '../output/table.ts';
import { reasonText } from './contract-text.ts';

/** Characters of a line of the source, and of what a step did, that are shown. */
const MAX_LINE_CHARS = 72;
const MAX_EFFECT_CHARS = 80;
/** Columns by which a method is set in from the one that called it. */
const INDENT = '  ';

/** Sources by address of their contract; without one there are only numbers of lines. */
export type Sources = ReadonlyMap<string, string>;

/** The steps of a page as a table: line with its text, what changed, slots, gas of the step. */
export function traceTable({ steps }: CallTrace, sources: Sources, { colors }: Terminal): string {
  const headings = ['step', 'method', 'line', 'source', 'what it did', 'gas'];
  const rows = steps.map((step) => [
    orDash(step.index),
    printable(step.method),
    orDash(step.line),
    sourceText(step, sources),
    cut(effectsOf(step).join(', '), MAX_EFFECT_CHARS),
    orDash(step.gas),
  ]);
  return table(colors, headings, rows, ['step', 'line', 'gas']);
}

/** What came before the first step. */
export function beginningText({ gasBefore, total }: CallTrace): string {
  if (gasBefore === null || total === 0) return 'there is no step: nothing of a source was executed';
  return `before the first step: ${gasBefore} gas, for the bytes of the transaction, its arguments and the source`;
}

/** What came after the last step. */
export function endText({ gasAtReturn, gasUsed, complete, total, error }: CallTrace): string {
  const rest = complete ? '' : `a trace holds no more than ${total} steps; the run has more\n`;
  if (error !== null) {
    const reason = `failed: ${reasonText(error)}`;
    return `${rest}${reason}; all ${gasUsed} gas is used. Why is what this node finds, and not checked by the network`;
  }
  if (gasAtReturn === null) return `${rest}gas used: ${gasUsed}`;
  return `${rest}at the end: ${gasUsed - gasAtReturn} gas, for the result and for slots that are kept\ngas used: ${gasUsed}`;
}

function sourceText({ contract, line, depth }: TraceStep, sources: Sources): string {
  const text = sources.get(contract)?.split('\n')[line - 1];
  if (text === undefined) return orDash(null);
  return cut(INDENT.repeat(depth - 1) + printable(text.trim()), MAX_LINE_CHARS);
}

/** Variables that have changed, slots that were read, slots that were written. */
function effectsOf({ changes, reads, writes }: TraceStep): string[] {
  return [
    ...changes.map((local) => `${local.name} = ${valueText(local)}`),
    ...reads.map((slot) => `reads ${slotName(slot)}: ${valueText(slot)}`),
    ...writes.map((slot) => `writes ${slotName(slot)}: ${valueText(slot)}`),
  ];
}

function slotName({ field, keyJson }: TracedSlot): string {
  return `${printable(field)}${keyJson === null ? '' : `[${printable(keyJson)}]`}`;
}

function valueText({ valueJson, isTooLong }: TracedLocal | TracedSlot): string {
  if (isTooLong) return '(long)';
  return valueJson === null ? 'nothing' : printable(valueJson);
}

function cut(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
}
