import type { Address } from '../../consensus/address.ts';
import {
  type ContractTransaction,
  contractAddress,
  encodeCall,
  encodeDeploy,
} from '../../consensus/contract-transaction.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../../consensus/signature-encoding.ts';

/** What to execute: a method of a contract, or the constructor of a source. */
export type SimulationTarget =
  | { readonly kind: 'call'; readonly contract: Address; readonly method: string }
  | { readonly kind: 'deploy'; readonly source: string };

/** What a transaction would say, but for its signature. */
export interface SimulationRequest {
  readonly target: SimulationTarget;
  readonly args: Uint8Array;
  readonly caller: Address;
  /** Base units. */
  readonly amount: bigint;
  readonly gas: number;
}

/** The transaction that a caller would send, as large as a signed one, without fee and signature. Only for execution. */
export function simulatedTransaction(
  { target, args, caller, amount, gas }: SimulationRequest,
  networkId: string,
  nonce: bigint,
): ContractTransaction {
  const fields = {
    networkId,
    senderKey: '00'.repeat(PUBLIC_KEY_BYTES),
    nonce,
    amount,
    fee: 0n,
    gas,
    args,
    signature: new Uint8Array(SIGNATURE_BYTES),
  };
  if (target.kind === 'call') {
    return {
      ...encodeCall({ ...fields, contract: target.contract, method: utf8ToBytes(target.method) }),
      sender: caller,
    };
  }
  const deploy = { ...encodeDeploy({ ...fields, source: utf8ToBytes(target.source) }), sender: caller };
  return { ...deploy, contract: contractAddress(deploy) };
}
