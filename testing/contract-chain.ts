import type { Address } from '../consensus/address.ts';
import { encodeValue } from '../consensus/contract/encoding.ts';
import type { Value } from '../consensus/contract/value.ts';
import type { Call, Deploy } from '../consensus/contract-transaction.ts';
import { concatBytes, utf8ToBytes } from '../consensus/hex.ts';
import type { KeyPair } from '../consensus/keys.ts';
import { signCallWith, signDeployWith, signerOf } from '../consensus/signature.ts';
import type { ChainPoint } from './chain-builder.ts';

/** More than any contract of the tests needs. */
const DEPLOY_GAS = 400_000;
const CALL_GAS = 60_000;
/** Above the minimum for any weight of a deploy or call. */
const AMPLE_FEE = 200_000n;

interface Changes {
  readonly args?: readonly Value[];
  readonly gas?: number;
  readonly fee?: bigint;
  /** Default: the sender's at the point. */
  readonly nonce?: bigint;
  readonly amount?: bigint;
}

/** A signed deploy of a source, for the block after a point. */
export function deployAt(point: ChainPoint, from: KeyPair, source: string, changes: Changes = {}): Deploy {
  const fields = { ...commonFields(point, from, changes), source: utf8ToBytes(source) };
  return signDeployWith({ gas: DEPLOY_GAS, ...fields }, signerOf(from.secretKey));
}

/** A signed call of a method of a contract, for the block after a point. */
export function callAt(
  point: ChainPoint,
  from: KeyPair,
  contract: Address,
  method: string,
  changes: Changes = {},
): Call {
  const fields = { ...commonFields(point, from, changes), contract, method: utf8ToBytes(method) };
  return signCallWith({ gas: CALL_GAS, ...fields }, signerOf(from.secretKey));
}

function commonFields(point: ChainPoint, from: KeyPair, { args = [], ...changes }: Changes) {
  return {
    networkId: point.params.networkId,
    nonce: point.state.account(from.address)?.nonce ?? 0n,
    amount: 0n,
    fee: AMPLE_FEE,
    ...changes,
    args: concatBytes(...args.map((value) => encodeValue(value))),
  };
}
