import type { ResultOf } from '../../client/graphql.ts';
import { ContractQuery } from '../../client/operation-documents.ts';
import { CONSTRUCTOR } from '../../consensus/contract/program.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { printable } from '../../consensus/quotable.ts';
import { CommandError } from '../cli-errors.ts';
import { type Colors, json, orDash, record } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';

type Contract = NonNullable<ResultOf<typeof ContractQuery>['contract']>;
type Method = Contract['methods'][number];
type Field = Contract['fields'][number];

/** `forklore contract show`: what a contract is, and what it can be asked. */
export async function showContract(
  address: string,
  flags: ClientFlags & { readonly source?: boolean },
  context: CliContext,
): Promise<void> {
  const { terminal } = context;
  await askNode(flags, context, async ({ transport }) => {
    const { contract } = await transport.query(ContractQuery, { address });
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
    ['balance', orDash(contract.balance)],
    ['source', `${utf8ToBytes(contract.source).length} bytes, SHA-256 ${orDash(contract.codeHash)}`],
    ...listed('methods', contract.methods.map(methodText)),
    ...listed('fields', contract.fields.map(fieldText)),
  ];
}

/** Lines under one name. */
function listed(name: string, lines: readonly string[]): [string, string][] {
  return lines.map((line, index) => [index === 0 ? name : '', line]);
}

function methodText({ name, parameters, result, acceptsCoins, isPrivate }: Method): string {
  const takes = parameters.map((parameter) => `${parameter.name}: ${parameter.type}`).join(', ');
  const gives = result === null ? '' : `: ${result}`;
  // From outside a constructor is called by the deploy.
  const isHidden = isPrivate && name !== CONSTRUCTOR;
  const remarks = [isHidden ? 'private' : '', acceptsCoins ? 'takes coins' : ''].filter((remark) => remark !== '');
  return printable(`${name}(${takes})${gives}${remarks.length === 0 ? '' : `  (${remarks.join(', ')})`}`);
}

function fieldText({ name, kind, type, keyType }: Field): string {
  const shown = { TABLE: `Table<${keyType}, ${type}>`, LIST: `List<${type}>`, VALUE: type }[kind];
  return printable(`${name}: ${shown}`);
}
