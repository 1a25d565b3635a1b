import { AddressError, isRawAddress } from '../consensus/address.ts';
import { compileContract } from '../consensus/contract/compile.ts';
import { type AddressReader, encodeArguments, GivenValueError } from '../consensus/contract/given-value.ts';
import { CONSTRUCTOR, type CompiledMethod, type Program } from '../consensus/contract/program.ts';
import { SourceError } from '../consensus/contract/source-error.ts';
import { assertInvariant } from '../consensus/errors.ts';
import { utf8ToBytes } from '../consensus/hex.ts';
import { quotable } from '../consensus/quotable.ts';
import { checkRecipientPrefix, type NetworkClaim, SpendingError } from '../consensus/spending-rules.ts';
import { ClientError } from './client-error.ts';
import { badArgument } from './read-fields.ts';
import { mayBeAccount } from './readers.ts';
import { type Party, TransferError } from './transfer.ts';
import { type KnownAccount, recipientOf } from './transfer-parties.ts';

/** The program of a source that is to be deployed. Throws {@link ClientError} `bad-argument`, whose cause is the `SourceError`. */
export function programToDeploy(source: string): Program {
  try {
    return compileContract(utf8ToBytes(source));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new ClientError('bad-argument', `the source does not compile: ${error.message}`, { cause: error });
  }
}

/** The program of a contract's source, which a node gives. */
export function programOfSource(url: string, source: string): Program {
  try {
    return compileContract(utf8ToBytes(source));
  } catch (error) {
    // No contract is deployed whose source does not compile.
    throw new ClientError('not-a-node', `${url} answers, but not as a node does`, { cause: error });
  }
}

/** What a deploy runs. The compiler gives one to a class that has none. */
export function constructorOf({ entries }: Program): CompiledMethod {
  const found = entries.get(CONSTRUCTOR);
  assertInvariant(found !== undefined, 'a program has a constructor');
  return found;
}

/** A method that may be called from outside. Throws {@link ClientError} `bad-argument`, with those that there are. */
export function methodNamed({ name: contract, entries }: Program, name: string): CompiledMethod {
  if (name === CONSTRUCTOR) throw badArgument(`${contract}: only a deploy runs the constructor`);
  const callable = [...entries.values()].filter((method) => !method.isPrivate && method.name !== CONSTRUCTOR);
  const found = callable.find((method) => method.name === name);
  if (found !== undefined) return found;
  const listed = callable.map((method) => method.name).join(', ');
  const others = callable.length === 0 ? 'it has none that can be called' : `there are ${listed}`;
  const problem = entries.get(name)?.isPrivate ? 'is private' : 'is not there';
  throw badArgument(`${contract}: the method "${quotable(name)}" ${problem}; ${others}`);
}

/** Encodes arguments. Throws {@link ClientError} `bad-argument`. */
export function encodedArguments(
  method: CompiledMethod,
  given: readonly unknown[],
  addressOf: AddressReader,
): Uint8Array {
  try {
    return encodeArguments(method, given, addressOf);
  } catch (error) {
    throw error instanceof GivenValueError ? badArgument(error.message) : error;
  }
}

/** Who signs arguments, or undefined where nothing is signed, and what is known of the network's accounts. */
export interface Accounts {
  readonly sender: Party | undefined;
  readonly known: readonly KnownAccount[];
  readonly network: NetworkClaim;
}

/** Reads the accounts in arguments: addresses of the network and names, under the rules for whom transfers pay. */
export function addressReader({ sender, known, network }: Accounts): AddressReader {
  return (text) => {
    if (isRawAddress(text)) return text;
    if (!mayBeAccount(text)) throw new GivenValueError('what is given is no address and no name of an account');
    try {
      const party = recipientOf(text, sender, known, network);
      checkRecipientPrefix(party.text, network.addressPrefix);
      return party.address;
    } catch (error) {
      const isRefusal =
        error instanceof AddressError || error instanceof TransferError || error instanceof SpendingError;
      throw isRefusal ? new GivenValueError(error.message) : error;
    }
  };
}
