import type {
  CallError,
  ContractPayment,
  ContractValue,
  EmittedEvent,
  Receipt,
  ReceiptSummary,
} from '../../client/contract-types.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { accountText } from '../output/account-text.ts';
import { orDash } from '../output/output.ts';

/** Longest text of a reason, in characters. */
const MAX_REASON_CHARS = 300;

/** What came of an execution, as programs read it. */
export function receiptJson({ ok, gasUsed, result, events, payments, error }: Receipt): object {
  const shown = events.map(emittedJson);
  const paid = payments?.map((payment) => ({ ...payment, amount: formatAmount(payment.amount) })) ?? null;
  return { ok, gasUsed, result: jsonOfValue(result), events: shown, payments: paid, error };
}

/** What a contract emitted, as programs read it. */
export function emittedJson(event: EmittedEvent): object {
  return { ...event, values: jsonOfValue(event.values) };
}

/** JSON of a value: a bigint as decimal digits in a text. */
function jsonOfValue(value: ContractValue | readonly ContractValue[] | null): unknown {
  return JSON.parse(JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)));
}

/** A value for people: a text as it is, all else as {@link sourceText} has it. */
export function valueText(value: ContractValue | null): string {
  if (value === null) return orDash(null);
  return typeof value === 'string' ? printable(value) : sourceText(value);
}

/** A value as a source writes it, but for addresses, which are texts: `5`, `5n`, `"rice"`, `[1n,2n]`, `{"amount":5n}`. */
export function sourceText(value: ContractValue): string {
  if (Array.isArray(value)) return `[${value.map(sourceText).join(',')}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object') return printable(JSON.stringify(value));
  const properties = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${sourceText(each)}`);
  return printable(`{${properties.join(',')}}`);
}

/** `Voted("lore1…", 1)` */
export function eventText({ name, values }: Pick<EmittedEvent, 'name' | 'values'>): string {
  return `${printable(name)}(${argumentsText(values)})`;
}

/** Values as {@link sourceText} has them. */
export function argumentsText(values: readonly ContractValue[]): string {
  return values.map(sourceText).join(', ');
}

/**
 * What a contract paid: `0.5 to lore1… (Bob)`.
 * @param called the contract that was called; what others paid says so
 */
export function paymentText({ from, to, amount }: ContractPayment, called: string | null): string {
  const payer = from === called ? '' : ` by ${orDash(from)}`;
  return `${formatAmount(amount)} to ${accountText(to)}${payer}`;
}

/**
 * Why a call failed: `no such option (line 20, column 5 of lore1…)`.
 * @param place what people know the contract by; default: its address
 */
export function reasonText(error: CallError | null, place = error?.contract ?? null): string {
  if (error === null) return 'the node does not say why';
  const { message, line, column } = error;
  const reason = quotable(message, MAX_REASON_CHARS);
  if (line === null) return reason;
  return `${reason} (line ${orDash(line)}, column ${orDash(column)} of ${orDash(place)})`;
}

/** Whether an execution took effect, in a word, and why not. */
export function outcomeText({ ok, error }: Pick<ReceiptSummary, 'ok' | 'error'>): string {
  return ok ? 'ok' : `failed: ${quotable(error?.message ?? 'the node does not say why', MAX_REASON_CHARS)}`;
}
