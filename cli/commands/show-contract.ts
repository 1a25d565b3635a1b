import type { ResultOf } from '../../client/graphql.ts';
import { missingContract } from '../../client/missing-contract.ts';
import { StoredContractQuery } from '../../client/operation-documents.ts';
import { typedAnswer } from '../../client/typed-answers.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { printable } from '../../consensus/quotable.ts';
import { contractAddressOf } from '../contract/contract-address.ts';
import { fieldLines } from '../contract/field-lines.ts';
import { methodText } from '../contract/method-text.ts';
import { type Colors, json, orDash, record } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';

/** Slots that are shown; the API gives no more in a page. */
const MAX_SLOTS = 100;

type Contract = NonNullable<ResultOf<typeof StoredContractQuery>['contract']>;

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
    if (contract === null) throw await missingContract(transport, address);
    if (flags.json) terminal.print(json(contract));
    else if (flags.source) terminal.print(sourceText(contract.source));
    else {
      const stored = typedAnswer(transport.url, contract, fieldLines);
      terminal.print(record(terminal.colors, fieldsOf(contract, stored, terminal.colors)));
    }
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

function fieldsOf(contract: Contract, stored: readonly string[], colors: Colors): [string, string][] {
  const rest = contract.slots.pageInfo.hasNextPage ? [`… and more than these ${MAX_SLOTS} values`] : [];
  return [
    ['name', colors.bold(orDash(contract.name))],
    ['address', orDash(contract.address)],
    ['balance', `${orDash(contract.balance)} ${contract.balance === '1' ? 'coin' : 'coins'}`],
    ['source', `${utf8ToBytes(contract.source).length} bytes, SHA-256 ${orDash(contract.codeHash)}`],
    ...listed('methods', contract.methods.map(methodText)),
    ...listed('fields', [...stored, ...rest]),
  ];
}

/** Lines under one name. */
function listed(name: string, lines: readonly string[]): [string, string][] {
  return lines.map((line, index) => [index === 0 ? name : '', line]);
}
