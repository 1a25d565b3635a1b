import type { ResultOf } from '../../client/graphql.ts';
import { StoredContractQuery } from '../../client/operation-documents.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { printable } from '../../consensus/quotable.ts';
import { CommandError } from '../cli-errors.ts';
import { contractAddressOf } from '../contract/contract-address.ts';
import { methodText } from '../contract/method-text.ts';
import { type Colors, json, orDash, record } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';

/** Slots that are shown; the API gives no more in a page. */
const MAX_SLOTS = 100;

type Contract = NonNullable<ResultOf<typeof StoredContractQuery>['contract']>;
type Field = Contract['fields'][number];
type Slot = Contract['slots']['edges'][number]['node'];

/** `forklore contract show`: what a contract is, and what it can be asked. */
export async function showContract(
  address: string,
  flags: ClientFlags & { readonly source?: boolean },
  context: CliContext,
): Promise<void> {
  const { terminal } = context;
  await askNode(flags, context, async ({ transport }) => {
    const { contract } = await transport.query(StoredContractQuery, {
      address: contractAddressOf(address),
      first: MAX_SLOTS,
    });
    if (contract === null) {
      throw new CommandError(`there is no contract at ${address}; one that waits to be mined is there with its block`);
    }
    if (flags.json) terminal.print(json(contract));
    else if (flags.source) terminal.print(sourceText(contract.source));
    else terminal.print(record(terminal.colors, fieldsOf(contract, terminal.colors)));
  });
}

/** With nothing that changes how a terminal shows it. */
function sourceText(source: string): string {
  return source
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
}

function fieldsOf(contract: Contract, colors: Colors): [string, string][] {
  return [
    ['name', colors.bold(orDash(contract.name))],
    ['address', orDash(contract.address)],
    ['balance', `${orDash(contract.balance)} ${contract.balance === '1' ? 'coin' : 'coins'}`],
    ['source', `${utf8ToBytes(contract.source).length} bytes, SHA-256 ${orDash(contract.codeHash)}`],
    ...listed('methods', contract.methods.map(methodText)),
    ...listed('fields', storedLines(contract)),
  ];
}

/** Lines under one name. */
function listed(name: string, lines: readonly string[]): [string, string][] {
  return lines.map((line, index) => [index === 0 ? name : '', line]);
}

/** The fields with what is stored in them. What has never been written has no slot. */
function storedLines({ fields, slots }: Contract): string[] {
  const stored = slots.edges.map(({ node }) => node);
  const lines = fields.flatMap((field) => {
    const own = stored.filter((slot) => slot.field === field.name);
    const entries = own.filter(({ keyJson }) => keyJson !== null).sort(byKey);
    return [fieldText(field, own), ...entries.map((slot) => printable(`  [${slot.keyJson}] = ${slot.valueJson}`))];
  });
  return slots.pageInfo.hasNextPage ? [...lines, `… and more than these ${MAX_SLOTS} values`] : lines;
}

/** A single value stands beside its field; a list stores its length so. */
function fieldText({ name, kind, type, keyType }: Field, slots: readonly Slot[]): string {
  const shown = { TABLE: `Table<${keyType}, ${type}>`, LIST: `List<${type}>`, VALUE: type }[kind];
  const single = slots.find(({ keyJson }) => keyJson === null);
  const value = single === undefined ? '' : `${kind === 'LIST' ? ', length ' : ' = '}${single.valueJson}`;
  return printable(`${name}: ${shown}${value}`);
}

function byKey({ keyJson: a }: Slot, { keyJson: b }: Slot): number {
  return (a ?? '').localeCompare(b ?? '', 'en', { numeric: true });
}
