import { formatAddress, isRawAddress } from '../consensus/address.ts';
import { formatAmount } from '../consensus/amount.ts';
import type { ResultType } from '../consensus/contract/types.ts';
import { bytesToHex } from '../consensus/hex.ts';
import type { NetworkClaim } from '../consensus/spending-rules.ts';
import { networkOf, shownAccounts } from './claims.ts';
import type { CallOptions } from './client-options.ts';
import { addressReader, encodedArguments, methodNamed, programOfSource } from './contract-program.ts';
import type { SimulatedCall } from './contract-types.ts';
import { missingContract } from './missing-contract.ts';
import type { NodeTransport } from './node-transport.ts';
import { ContractSourceQuery, SimulateCallQuery, TracedCallQuery } from './operation-documents.ts';
import type { AccountOrAddress, ViewRequest } from './requests.ts';
import { wholePage } from './trace-page.ts';
import type { TracePage } from './trace-types.ts';
import { checkAmount, checkNetwork } from './transfer.ts';
import { accountsOf } from './transfer-parties.ts';
import { simulatedCallOf, typedAnswer } from './typed-answers.ts';

/** What a dry run executes; addresses as the node knows them. */
export interface DryRun {
  readonly target: { readonly source: string } | { readonly contract: string; readonly method: string };
  readonly args: Uint8Array;
  readonly caller: string | null;
  readonly amount: bigint;
  /** Null: the most that is allowed. */
  readonly gas: number | null;
  /** Of the method; undefined: it gives nothing. */
  readonly result: ResultType;
  /** Steps to be traced. */
  readonly trace?: TracePage | undefined;
}

/**
 * Runs a method on the state at the tip, which changes nothing. The arguments are encoded, and the result is read, by the
 * source that the node gives. Throws `ClientError`, `AmountError` and, for what the node says of its network, `SpendingError`.
 */
export async function simulateCall(
  transport: NodeTransport,
  request: ViewRequest,
  options: CallOptions = {},
): Promise<SimulatedCall> {
  const { contract, method: name, arguments: given = [], caller, amount = 0n, gas, trace } = request;
  checkAmount('amount', amount);
  const answer = await transport.query(ContractSourceQuery, { address: contract }, options);
  const network = typedAnswer(transport.url, answer, ({ nodeInfo }) => networkOf(nodeInfo));
  checkNetwork(network, undefined);
  if (answer.contract === null) throw await missingContract(transport, contract, options);
  const method = methodNamed(programOfSource(transport.url, answer.contract.source), name);
  const known = await accountsOf(network, () => shownAccounts(transport, options));
  const addressOf = addressReader({ sender: undefined, known, network });
  const args = encodedArguments(method, given, addressOf);
  const run = {
    target: { contract, method: name },
    args,
    caller: caller === undefined ? null : callerText(caller, network),
    amount,
    gas: gas ?? null,
    result: method.result,
    trace,
  };
  return await dryRun(transport, run, options);
}

/** Has the node run a deploy or a call without changing anything. Throws `ClientError`. */
export async function dryRun(transport: NodeTransport, run: DryRun, options: CallOptions): Promise<SimulatedCall> {
  const { target, args, caller, amount, gas, result, trace } = run;
  const input = { ...target, arguments: bytesToHex(args), caller, amount: formatAmount(amount), gas };
  if (trace === undefined) {
    const answer = await transport.query(SimulateCallQuery, { input }, options);
    return typedAnswer(transport.url, answer, (data) => simulatedCallOf(data.simulateCall, result, null));
  }
  const answer = await transport.query(TracedCallQuery, { input, ...wholePage(trace) }, options);
  return typedAnswer(transport.url, answer, (data) => {
    return simulatedCallOf(data.simulateCall, result, data.simulateCall.trace);
  });
}

/** As the node knows an account: that of a key pair gets the prefix of the network. */
function callerText(caller: AccountOrAddress, { addressPrefix }: NetworkClaim): string {
  const text = typeof caller === 'string' ? caller : caller.address;
  return isRawAddress(text) ? formatAddress(text, addressPrefix) : text;
}
