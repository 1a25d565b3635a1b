import { AddressError } from '../../consensus/address.ts';
import { encodeArguments, GivenValueError } from '../../consensus/contract/given-value.ts';
import { CONSTRUCTOR, type CompiledMethod } from '../../consensus/contract/program.ts';
import { SourceError } from '../../consensus/contract/source-error.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { sha256 } from '../../consensus/sha256.ts';
import type { SimulationTarget } from '../contracts/simulated-transaction.ts';
import type { NodeContext } from '../node/node-context.ts';
import { programOf } from './contract-values.ts';
import { badInput } from './errors.ts';
import { addressOf } from './models.ts';

/**
 * The text of a JSON array as encoded arguments, by the types that the source declares. Where there is no such method, there is
 * nothing to encode by: the execution says so. It compiles, which takes milliseconds. Throws `GraphQLError` `BAD_INPUT`.
 * @param argument names the text in errors
 */
export function argumentsFromJson(
  node: NodeContext,
  target: SimulationTarget,
  argument: string,
  text: string,
): Uint8Array {
  const given = arrayOf(argument, text);
  const method = calleeOf(node, target);
  if (method === undefined) return new Uint8Array();
  try {
    return encodeArguments(method, given, (account) => accountOf(node, account));
  } catch (error) {
    if (error instanceof GivenValueError) throw badInput(argument, error.message);
    throw error;
  }
}

function arrayOf(argument: string, text: string): readonly unknown[] {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw badInput(argument, 'is no JSON; give an array such as [1, "text"]');
  }
  if (!Array.isArray(given)) throw badInput(argument, 'must be a JSON array with an element for each parameter');
  return given;
}

function calleeOf(node: NodeContext, target: SimulationTarget): CompiledMethod | undefined {
  if (target.kind === 'call') {
    const contract = node.store.account(target.contract)?.contract;
    return contract && programOf(node, contract).program.entries.get(target.method);
  }
  const source = utf8ToBytes(target.source);
  const program = node.contracts.compile(bytesToHex(sha256(source)), source);
  return program instanceof SourceError ? undefined : program.entries.get(CONSTRUCTOR);
}

function accountOf(node: NodeContext, account: string) {
  try {
    return addressOf(node, account);
  } catch (error) {
    if (error instanceof AddressError) throw new GivenValueError(error.message);
    throw error;
  }
}
