import { formatAddress, parseAddress } from '../consensus/address.ts';
import { formatAmount, parseAmount } from '../consensus/amount.ts';
import type { CompiledMethod } from '../consensus/contract/program.ts';
import type { ResultType } from '../consensus/contract/types.ts';
import type { ContractTransaction } from '../consensus/contract-transaction.ts';
import { utf8ToBytes } from '../consensus/hex.ts';
import { signerOf } from '../consensus/signature.ts';
import type { NetworkClaim } from '../consensus/spending-rules.ts';
import { networkIdOf } from '../consensus/transaction-parts.ts';
import { networkOf, shownAccounts, textOf } from './claims.ts';
import { ClientError, callFailed } from './client-error.ts';
import type { CallOptions } from './client-options.ts';
import { type ContractTarget, gasToReserve, signContract, unsignedContract } from './contract-order.ts';
import {
  addressReader,
  constructorOf,
  encodedArguments,
  methodNamed,
  programOfSource,
  programToDeploy,
} from './contract-program.ts';
import type { SimulatedCall } from './contract-types.ts';
import { missingContract } from './missing-contract.ts';
import type { NodeTransport } from './node-transport.ts';
import { ContractOrderQuery, ContractSourceQuery, NetworkQuery } from './operation-documents.ts';
import type { CallRequest, DeployRequest } from './requests.ts';
import { dryRun } from './simulate-call.ts';
import { checkAmount, checkNetwork, feeRateOf, nonceOf, requireSameAddress, requireTypedPrefix } from './transfer.ts';
import { accountsOf, payerOf } from './transfer-parties.ts';
import { typedAnswer } from './typed-answers.ts';
import type { CallEstimate } from './typed-contract.ts';

/** A deploy or a call that can be tried and signed. */
export interface PreparedContract {
  /** The network that it is signed for. */
  readonly network: NetworkClaim;
  /** Address of the contract: of a deploy where it will be. */
  readonly contract: string;
  /** Of the contract. */
  readonly source: string;
  /** What the method gives. */
  readonly result: ResultType;
  /** Runs it on the node without changing anything. @param gas default: the most that is allowed. Throws `ClientError`. */
  dryRun(gas?: number | null): Promise<SimulatedCall>;
  /** Signs it, see `signContract`. @param gas most that it may use */
  sign(gas: number): ContractTransaction;
}

/**
 * Prepares a deploy or a call with what a node says of its network, of the accounts and of fees, under the rules for
 * transfers; submits nothing. Throws `TransferError`, `SpendingError`, `AddressError`, `AmountError` and `ClientError`:
 * `bad-argument` for a source that does not compile, a method that is not there and arguments that it does not take.
 */
export async function prepareContract(
  transport: NodeTransport,
  request: DeployRequest | CallRequest,
  options: CallOptions = {},
): Promise<PreparedContract> {
  const { amount = 0n, fee, arguments: given = [], genesisHash } = request;
  checkAmount('amount', amount);
  if (fee !== undefined) checkAmount('fee', fee);
  // What does not compile is refused before anything is asked.
  const deployed = 'source' in request ? toDeploy(request.source) : undefined;
  const answer = await transport.query(NetworkQuery, {}, options);
  const network = typedAnswer(transport.url, answer, ({ nodeInfo }) => networkOf(nodeInfo));
  checkNetwork(network, genesisHash);
  const known = await accountsOf(network, () => shownAccounts(transport, options));
  const { sender, secretKey } = payerOf(request.from, known, network);
  requireTypedPrefix('sender', sender, network.addressPrefix);
  const claims = await orderClaims(transport, sender.text, options);
  requireSameAddress('sender', sender, claims.address, network.addressPrefix);
  const { target, method, source } = deployed ?? (await toCall(transport, request as CallRequest, network, options));
  const args = encodedArguments(method, given, addressReader({ sender, known, network }));
  const nonce = request.nonce ?? nonceOf(claims.pendingNonce);
  const minimumFeeRate = feeRateOf(claims.minimumFeeRate);
  const order = { target, networkId: networkIdOf(network.genesisHash), nonce, amount, args, fee, minimumFeeRate };
  const signer = signerOf(secretKey);
  const asked =
    'source' in request ? { source: request.source } : { contract: request.contract, method: request.method };
  return {
    network,
    contract: formatAddress(unsignedContract(order, signer).contract, network.addressPrefix),
    source,
    result: method.result,
    dryRun: async (gas = null) => {
      requireCovered(amount, claims.balance);
      const run = { target: asked, args, caller: sender.text, amount, gas, result: method.result };
      return await dryRun(transport, run, options);
    },
    sign: (gas) => signContract(order, gas, signer),
  };
}

/**
 * Signs a deploy or a call: with the gas that it names, or after a dry run, which must go well. Throws like
 * {@link prepareContract}, and `ClientError` `failed` with `details.callError` where the dry run fails.
 */
export async function signTried(
  transport: NodeTransport,
  request: DeployRequest | CallRequest,
  options: CallOptions,
): Promise<{ readonly transaction: ContractTransaction } & Pick<PreparedContract, 'contract' | 'result'>> {
  const prepared = await prepareContract(transport, request, options);
  const { contract, result } = prepared;
  const gas = request.gas ?? gasToReserve(await gasUsedOf(prepared));
  return { transaction: prepared.sign(gas), contract, result };
}

/** What a call would reserve and pay. Throws like {@link signTried}: the dry run must go well also with the gas that is named. */
export async function estimateCall(
  transport: NodeTransport,
  request: CallRequest,
  options: CallOptions,
): Promise<CallEstimate> {
  const prepared = await prepareContract(transport, request, options);
  const gasUsed = await gasUsedOf(prepared, request.gas);
  const { gas, fee } = prepared.sign(request.gas ?? gasToReserve(gasUsed));
  return { gasUsed, gas, fee };
}

/** Of a dry run that must go well. */
async function gasUsedOf({ dryRun, contract }: PreparedContract, gas?: number): Promise<number> {
  const { error, gasUsed } = await dryRun(gas);
  if (error === null) return gasUsed;
  throw callFailed('the dry run fails, and nothing was sent', error, contract);
}

/** A node refuses to run what no block could hold, in words for programs. */
function requireCovered(amount: bigint, balance: bigint): void {
  if (amount <= balance) return;
  const message = `the amount is ${formatAmount(amount)}, and the account has ${formatAmount(balance)} at the tip`;
  throw new ClientError('failed', message, { code: 'insufficient-balance' });
}

/** What is executed, and what it takes. */
interface Executed {
  readonly target: ContractTarget;
  readonly method: CompiledMethod;
  readonly source: string;
}

function toDeploy(source: string): Executed {
  const method = constructorOf(programToDeploy(source));
  return { target: { kind: 'deploy', source: utf8ToBytes(source) }, method, source };
}

async function toCall(
  transport: NodeTransport,
  { contract, method: name }: CallRequest,
  { addressPrefix }: NetworkClaim,
  options: CallOptions,
): Promise<Executed> {
  requireTypedPrefix('recipient', { text: contract }, addressPrefix);
  const address = parseAddress(contract, addressPrefix);
  const answer = await transport.query(ContractSourceQuery, { address: contract }, options);
  if (answer.contract === null) throw await missingContract(transport, contract, options);
  const { source } = answer.contract;
  const program = programOfSource(transport.url, source);
  const target = { kind: 'call', contract: address, method: utf8ToBytes(name) } as const;
  return { target, method: methodNamed(program, name), source };
}

async function orderClaims(transport: NodeTransport, from: string, options: CallOptions) {
  const answer = await transport.query(ContractOrderQuery, { from }, options);
  return typedAnswer(transport.url, answer, ({ sender, mempool }) => ({
    address: textOf(sender.address),
    balance: parseAmount(sender.balance),
    pendingNonce: textOf(sender.pendingNonce),
    minimumFeeRate: textOf(mempool.minimumFeeRate),
  }));
}
