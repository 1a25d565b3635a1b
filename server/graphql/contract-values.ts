import type { Address } from '../../consensus/address.ts';
import { ByteReader } from '../../consensus/codec.ts';
import { decodeUntypedValue, decodeValue } from '../../consensus/contract/encoding.ts';
import { jsonOfValue } from '../../consensus/contract/json-value.ts';
import type { Program } from '../../consensus/contract/program.ts';
import { SourceError } from '../../consensus/contract/source-error.ts';
import type { Value } from '../../consensus/contract/value.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import type { ReceiptEvent } from '../../consensus/receipt.ts';
import type { ContractAccount } from '../../consensus/state.ts';
import type { NodeContext } from '../node/node-context.ts';
import { shownAddress } from './models.ts';

/** What compiling a source or decoding by it counts in an operation: a long one takes milliseconds. */
export const PROGRAM_COMPLEXITY = 50;

/** The source of a contract of the tip's state, and its program. */
export function programOf(node: NodeContext, { codeHash }: ContractAccount): { source: Uint8Array; program: Program } {
  const source = node.store.code(codeHash);
  assertInvariant(source !== undefined, `source ${codeHash} is not stored`);
  const program = node.contracts.compile(codeHash, source);
  assertInvariant(!(program instanceof SourceError), `source ${codeHash} of a contract does not compile`);
  return { source, program };
}

/** JSON text of a value. */
export function jsonText(node: NodeContext, value: Value): string {
  return JSON.stringify(jsonOfValue(value, (address) => shownAddress(node, address)));
}

/** JSON text of the values of an event, as an array. Only the source says what a record's properties are called, so it is an array. */
export function eventJson(node: NodeContext, { count, values }: ReceiptEvent): string {
  const reader = new ByteReader(values);
  const items = Array.from({ length: count }, () => jsonText(node, decodeUntypedValue(reader)));
  return `[${items.join(',')}]`;
}

/** JSON text of the result of a method, by the type that the source declares; null where it gives nothing. */
export function resultJson(node: NodeContext, contract: Address, method: string, result: Uint8Array): string | null {
  if (result.length === 0) return null;
  const account = node.store.account(contract)?.contract;
  const type = account && programOf(node, account).program.entries.get(method)?.result;
  const reader = new ByteReader(result);
  return jsonText(node, type ? decodeValue(reader, type) : decodeUntypedValue(reader));
}
