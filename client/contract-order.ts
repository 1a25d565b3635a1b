import type { Address } from '../consensus/address.ts';
import { MAX_CALL_GAS } from '../consensus/contract/limits.ts';
import { GAS_LOAD_BYTE } from '../consensus/contract/prices.ts';
import { type ContractTransaction, intrinsicGas } from '../consensus/contract-transaction.ts';
import { type Signer, signCallWith, signDeployWith } from '../consensus/signature.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../consensus/signature-encoding.ts';
import { MAX_UNTYPED_CONTRACT_FEE, untypedFee } from '../consensus/spending-rules.ts';
import { transactionWeight } from '../consensus/weight.ts';
import { badArgument } from './read-fields.ts';

/** Of the gas that a dry run used, so much more is reserved, as a divisor: what the call meets in its block may differ. */
const RESERVE_DIVISOR = 5;

/** What is executed: a constructor, or a method. */
export type ContractTarget =
  | { readonly kind: 'deploy'; readonly source: Uint8Array }
  | { readonly kind: 'call'; readonly contract: Address; readonly method: Uint8Array };

/** A deploy or a call without gas, fee and signature. */
export interface ContractOrder {
  readonly target: ContractTarget;
  /** See `networkIdOf`. */
  readonly networkId: string;
  readonly nonce: bigint;
  /** Base units. */
  readonly amount: bigint;
  readonly args: Uint8Array;
  /** Base units; undefined: what the weight costs, up to a limit. */
  readonly fee: bigint | undefined;
  /** Base units for each 1,000 of weight, as the node gives it. */
  readonly minimumFeeRate: bigint;
}

/** The gas to reserve where a dry run used so much. */
export function gasToReserve(gasUsed: number): number {
  return Math.min(MAX_CALL_GAS, gasUsed + Math.ceil(gasUsed / RESERVE_DIVISOR));
}

/** The gas that a deploy of a source uses before its constructor begins, without arguments. */
export function leastDeployGas(source: Uint8Array): number {
  const nobody = { networkId: '00000000', nonce: 0n, amount: 0n, args: new Uint8Array(), fee: 0n, minimumFeeRate: 0n };
  const order: ContractOrder = { target: { kind: 'deploy', source }, ...nobody };
  const deploy = unsignedContract(order, { publicKey: new Uint8Array(PUBLIC_KEY_BYTES) });
  return intrinsicGas(deploy) + source.length * GAS_LOAD_BYTE;
}

/** The order as a transaction without gas and fee, whose signature is of zeros: for its address and its size. */
export function unsignedContract(order: ContractOrder, { publicKey }: Pick<Signer, 'publicKey'>): ContractTransaction {
  return signedWith(order, 0, 0n, { publicKey, sign: () => new Uint8Array(SIGNATURE_BYTES) });
}

/**
 * Signs an order. Throws `ClientError` `bad-argument` for gas that no block takes, and `SpendingError` for a fee that nobody
 * typed and that is too high.
 */
export function signContract(order: ContractOrder, gas: number, signer: Signer): ContractTransaction {
  const unsigned = unsignedContract(order, signer);
  const intrinsic = intrinsicGas(unsigned);
  if (gas < intrinsic || gas > MAX_CALL_GAS) {
    throw badArgument(`gas must be from ${intrinsic}, which its bytes alone cost, to ${MAX_CALL_GAS}, not ${gas}`);
  }
  const weight = transactionWeight(unsigned.raw.length, gas);
  const fee = order.fee ?? untypedFee(order.minimumFeeRate, weight, MAX_UNTYPED_CONTRACT_FEE);
  return signedWith(order, gas, fee, signer);
}

function signedWith(order: ContractOrder, gas: number, fee: bigint, signer: Signer): ContractTransaction {
  const { target, networkId, nonce, amount, args } = order;
  const fields = { networkId, nonce, amount, args, gas, fee };
  if (target.kind === 'deploy') return signDeployWith({ ...fields, source: target.source }, signer);
  return signCallWith({ ...fields, contract: target.contract, method: target.method }, signer);
}
